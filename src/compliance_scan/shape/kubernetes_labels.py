"""Label selectors: which labels one selects, three-valued where labels or selector are not wholly known."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_not
from compliance_scan.model.value import Open, Text, Unknown, Value, holes, is_nothing, resolved


def selects(selector: Value, labels: Value, *, absent: bool = False) -> Tri:
    """Whether a selector (`{matchLabels, matchExpressions}`, or a plain map as a Service has it) selects labels.

    An empty selector object selects everything; `absent` says what no selector at all does.
    """
    selector = resolved(selector)
    if is_nothing(selector):
        return absent
    if isinstance(selector, Unknown):
        return maybe(selector)
    if isinstance(selector, Open) and isinstance(selector.items, dict):
        known = selects(selector.items, labels) if selector.items else True
        return False if known is False else maybe(selector.more)
    if not isinstance(selector, dict):
        return False
    if not ({"matchLabels", "matchExpressions"} & selector.keys()):
        return _all_equal(labels, selector)
    plain = resolved(selector.get("matchLabels"))
    expressions = resolved(selector.get("matchExpressions"))
    parts: list[Tri] = []
    for part in (plain, expressions):
        cause = part.more if isinstance(part, Open) else part
        if isinstance(cause, Unknown):
            parts.append(maybe(cause))
    plain = plain.items if isinstance(plain, Open) else plain
    expressions = expressions.items if isinstance(expressions, Open) else expressions
    if isinstance(plain, dict):
        equal = _all_equal(labels, plain)
        if equal is False:
            return False
        parts.append(equal)
    if isinstance(expressions, list):
        parts += [_expression(labels, resolved(expression)) for expression in expressions]
    return tri_all(parts)


def plain_selects(selector: Value, labels: Value) -> Tri:
    """As `selects`, for the plain maps of Services and replication controllers: an empty one selects nothing."""
    selector = resolved(selector)
    if is_nothing(selector) or selector == {}:
        return False
    return selects(selector, labels)


def _label(labels: Value, key: str) -> Value:
    labels = resolved(labels)
    if isinstance(labels, Unknown):
        return labels
    if isinstance(labels, Open):
        items = labels.items
        return resolved(items[key]) if isinstance(items, dict) and key in items else labels.more
    return resolved(labels.get(key)) if isinstance(labels, dict) else None


def _all_equal(labels: Value, wanted: dict[str, Value]) -> Tri:
    """Whether all labels of a map are there; the first that is not decides."""
    parts: list[Tri] = []
    for key, value in wanted.items():
        equal = _equals(labels, key, value)
        if equal is False:
            return False
        parts.append(equal)
    return tri_all(parts)


def _equals(labels: Value, key: str, wanted: Value) -> Tri:
    if labels.__class__ is dict and wanted.__class__ is str:  # as nearly always
        found = labels.get(key)
        if found.__class__ is str:
            return bool(found == wanted)
    value, wanted = _label(labels, key), resolved(wanted)
    for side in (value, wanted):
        if isinstance(side, Unknown | Text):
            return maybe(next(holes(side)))
    return not is_nothing(value) and _text(value) == _text(wanted)


def _expression(labels: Value, expression: Value) -> Tri:
    if isinstance(expression, Unknown):
        return maybe(expression)
    if not isinstance(expression, dict):
        return False
    value = _label(labels, str(expression.get("key")))
    if isinstance(value, Unknown):
        return maybe(value)
    wanted: Any = resolved(expression.get("values"))
    operator = expression.get("operator")
    if operator in ("Exists", "DoesNotExist"):
        return is_nothing(value) == (operator == "DoesNotExist")
    if isinstance(wanted, Unknown):
        return maybe(wanted)
    more = wanted.more if isinstance(wanted, Open) else None
    listed = wanted.items if isinstance(wanted, Open) else wanted
    items = [resolved(item) for item in listed] if isinstance(listed, list) else []
    among: Tri = not is_nothing(value) and _text(value) in {_text(item) for item in items}
    unknown = more or next((hole for item in items if isinstance(item, Unknown | Text) for hole in holes(item)), None)
    if among is False and not is_nothing(value) and unknown is not None:
        among = maybe(unknown)
    if operator == "In":
        return among
    return tri_not(among) if operator == "NotIn" else False


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
