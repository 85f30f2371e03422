"""Terraform's own values; see `scope` for who uses them."""

TfValue = object
