"""What `init` writes: one module a set-up, each with `PATH`, `SUMMARY`, `detected` and `content`."""
