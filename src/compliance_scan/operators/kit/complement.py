"""What a statement with `NotAction` speaks of, as a list of actions: every action that AWS has but those named.

A rule that looks for an action then needs not know of the negated spelling. The table of actions is that of AWS's
service authorization reference; a service that it does not have is one of which no rule speaks by name.
"""

from functools import lru_cache

from compliance_scan.model.value import Open, Unknown, Value, holes, resolved
from compliance_scan.operators.kit import actions
from compliance_scan.operators.kit.globs import glob


def all_but(excluded: Value) -> Value:
    """The actions besides these, a whole service as `service:*`; open where it is not known what is left out."""
    items = excluded.items if isinstance(excluded, Open) else excluded
    if not isinstance(items, list):
        return Open([], items if isinstance(items, Unknown) else Unknown("error", "not a policy: NotAction is no list"))
    cause = excluded.more if isinstance(excluded, Open) else None
    patterns: list[str] = []
    for item in items:
        known = resolved(item)
        if isinstance(known, str):
            patterns.append(known.lower())
        else:
            cause = cause or next(holes(known), Unknown("error", "not a policy: an action is no text"))
    if cause is not None:
        return Open([], cause)
    return list(_rest(tuple(sorted(set(patterns)))))


@lru_cache(maxsize=64)
def _rest(patterns: tuple[str, ...]) -> tuple[str, ...]:
    left: list[str] = []
    for service, names in actions.by_service().items():
        near = [pattern for pattern in patterns if _touches(pattern, service)]
        if not near:
            left.append(f"{service}:*")
        elif not any(pattern.rpartition(":")[2].strip("*") == "" for pattern in near):
            full = [f"{service}:{name}" for name in names]
            left += [action for action in full if not any(glob(pattern, action.lower()) for pattern in near)]
    return tuple(left)


def _touches(pattern: str, service: str) -> bool:
    """Whether a pattern may stand for an action of a service."""
    head, colon, _ = pattern.partition(":")
    return glob(head, service) if colon else pattern.strip("*") == "" or glob(pattern, service + ":")
