"""Parts of the CycloneDX document."""
