"""Policy-as-code compliance scanner for Terraform, Kubernetes and live AWS accounts."""

__version__ = "0.1.0"
