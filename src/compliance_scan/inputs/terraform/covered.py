"""Which providers' resources are judged, and what becomes of the others."""

from collections.abc import Iterable

from compliance_scan.model.resource import Inventory, Resource

COVERED = ("aws", "kubernetes", "helm", "terraform")
SILENT = frozenset(
    {"random", "null", "local", "tls", "time", "archive", "external", "http", "template", "cloudinit", "kubectl"}
)
"""Utility providers, whose resources are nobody's concern."""


def admit(inventory: Inventory, root: str, resources: Iterable[Resource], used: Iterable[str] = ()) -> None:
    """Adds a root's resources to the inventory: those of other providers are counted only. `used`: providers that the
    root configures."""
    providers = {*inventory.providers.get(root, ()), *used}
    for resource in resources:
        provider = resource.type.split("_", 1)[0]
        providers.add(resource.provider.split(".", 1)[0] or provider)
        if provider in COVERED or provider in SILENT:
            inventory.resources.append(resource)
        else:
            key = (resource.type, "provider not covered")
            inventory.not_covered[key] = inventory.not_covered.get(key, 0) + 1
    inventory.providers[root] = frozenset(providers)
