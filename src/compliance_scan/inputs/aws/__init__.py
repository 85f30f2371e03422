"""The live AWS account: what the types' facts say of collecting, and the engine that does it."""
