"""The language server: findings as one types, why and controls on hover, and the proven fixes as code actions."""
