"""Which APIs of Kubernetes are served in which version."""

from typing import Any

from compliance_scan.operators.kit.tables import table

Release = tuple[int, ...]


def release(text: str) -> Release | None:
    """`1.31` or `v1.31.2` as numbers, the first two of them."""
    parts = text.lstrip("v").split(".")[:2]
    return tuple(int(part) for part in parts) if len(parts) == 2 and all(part.isdigit() for part in parts) else None


def life(api: str, kind: str) -> dict[str, Any]:
    """When a kind of an API is `deprecated` and `removed`, and its `replacement`; empty where it simply goes on."""
    apis: dict[str, Any] = table("kubernetes_apis")
    found: dict[str, Any] = apis.get(f"{api} {kind}") or apis.get(f"{api} *") or {}
    return found


def reached(api: str, kind: str, stage: str, version: str) -> bool:
    """Whether a kind has come to a stage of its end by a version of Kubernetes."""
    when, now = release(str(life(api, kind).get(stage, ""))), release(version)
    return when is not None and now is not None and when <= now
