"""Which APIs of Kubernetes are served in which version."""

from typing import Any

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.tables import table
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of

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


def release_problem(argument: str) -> str:
    """What is wrong with a version as an operator's argument, else empty."""
    return "" if release(argument) is not None else "expected a version such as 1.34"


def any_reached(value: Value, stage: str, version: str) -> Tri:
    """Whether an API (`group/version Kind`), or any in a list, has come to a stage by a version."""

    def one(pieces: "str | Pieces") -> Tri:
        if not isinstance(pieces, str):
            return causes_of(pieces)
        api, _space, kind = pieces.partition(" ")
        return reached(api, kind, stage, version)

    return any_text(value, one)
