"""Parts of the SARIF log."""
