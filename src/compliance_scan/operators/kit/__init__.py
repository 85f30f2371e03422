"""What operators share: reading of texts, numbers, networks, policies; argument types; the context."""
