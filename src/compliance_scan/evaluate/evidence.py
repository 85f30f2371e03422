"""Deciding conditions as evidence: messages for people, masked values, spans, and the digest of what is guilty."""

import json
from functools import lru_cache
from typing import Any

from compliance_scan.digest import sha256_hex
from compliance_scan.evaluate.deciding import Decider
from compliance_scan.evaluate.trace import Node
from compliance_scan.model.finding import Evidence
from compliance_scan.model.logic import Maybe
from compliance_scan.model.resource import Source, Span, header_of
from compliance_scan.model.value import Encoded, Open, Path, Reference, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Cursor
from compliance_scan.operators import Operator, load, names

SENSITIVE = "(sensitive)"
ENVIRONMENT = "(environment)"
MAX_SHOWN = 200
MAX_EVIDENCE = 100
_FLAGS = ("exists", "empty", "is_public", "is_secret")
"""Operators whose argument says only which way round they are meant."""

_QUANTIFIERS = {
    "every": "not every item of {path} is known to be as expected",
    "some": "{path} has no item that is as expected",
    "none": "{path} may have an item that is not allowed",
    "not_some": "{path} has an item that is not allowed",
    "not_none": "{path} has no such item",
    "not_every": "every item of {path} is as it must not be",
    "count": "{path} has {actual}, expected {expected}",
    "not_count": "{path} has {actual}, expected not {expected}",
    "item": "{path} is not allowed",
    "not_item": "{path} is not allowed",
    "empty_every": "{path} has no item, expected at least one",
}


def templates() -> dict[str, str]:
    """Every message id with its template over `{path}`, `{actual}` and `{expected}`."""
    out = dict(_QUANTIFIERS)
    for name in names():
        module = load(name)
        out[name], out[f"not_{name}"] = module.MESSAGE, module.NEGATED
    return out


def evidence_of(decider: Decider) -> Evidence:
    """The evidence of one deciding condition."""
    node, cursor = decider.node, decider.node.cursor
    identity, template = _template(decider)
    whole = (
        node.kind != "leaf" and not cursor.path
    )  # a resource: of its values nothing is shown, and its header is none
    hidden = (
        ""
        if whole
        else _hidden(cursor) or (SENSITIVE if node.operator and getattr(load(node.operator), "MASKS", False) else "")
    )
    actual = _actual(node, hidden)
    expected = _expected(node)
    path = cursor.shown or cursor.resource.address
    source = cursor.resource.source
    span = source.span_of(cursor.path) if cursor.path else None
    if span is not None and span.end_line > span.line and cursor.standing != "written":
        span = _beginning(span, source)
    return Evidence(
        cursor.resource,
        cursor.shown,
        template.format(path=path, actual=actual, expected=expected),
        identity,
        (path, actual, expected),
        plain(node.argument) if node.kind == "leaf" else None,
        hidden or (plain(cursor.value) if node.kind == "leaf" else None),
        span if span is not None else header_of(cursor.resource),
        source.origins_of(cursor.path) if cursor.path else (),
        cursor.standing == "undeclared",
    )


@lru_cache(64)
def _beginning(span: Span, source: Source) -> Span:
    """The first line of what should hold something that is not written: all of it would hide what to change. Kept for a
    while: one thing lacks much at once."""
    line = source.text(span._replace(end_line=span.line))
    return span._replace(end_line=span.line, end_column=max(len(line), span.column) + 1)


def _template(decider: Decider) -> tuple[str, str]:
    node, negated = decider.node, decider.negated
    if node.kind == "leaf":
        module: Operator = load(node.operator)
        if node.operator in _FLAGS and node.argument is False:
            negated = not negated
        return (f"not_{node.operator}", module.NEGATED) if negated else (node.operator, module.MESSAGE)
    name = f"not_{node.kind}" if negated else node.kind
    if name == "every" and not node.children and node.more is None:
        name = "empty_every"
    return name, _QUANTIFIERS[name]


def _hidden(cursor: Cursor) -> str:
    mark = SENSITIVE if cursor.sensitive else ""
    if not mark:
        environment = cursor.resource.environment
        if not environment or not any(_overlap(cursor.path, path) for path in environment):
            return ""
        mark = ENVIRONMENT
    # That a password is not set is no secret. Asked last: the value of a whole pod takes long to put together.
    return "" if is_nothing(resolved(cursor.value)) else mark


def _overlap(one: Path, other: Path) -> bool:
    """Whether one path leads to the other: a list with something hidden in it is hidden as well."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _actual(node: Node, hidden: str) -> str:
    cursor = node.cursor
    if node.kind == "count":
        return f"{node.interval} of them"
    if node.kind != "leaf":
        return ""
    if cursor.standing == "undeclared":
        return "not declared"
    if isinstance(node.verdict, Maybe):
        return "not known" + (f" ({node.verdict.causes[0].detail})" if node.verdict.causes[0].detail else "")
    if hidden:
        return hidden
    if is_nothing(resolved(cursor.value)):
        return "not set"
    if node.operator == "length":
        value = resolved(cursor.value)
        return str(len(value)) if isinstance(value, (str, list, dict)) else shown(value)
    known = resolved(cursor.value)
    if isinstance(known, Unknown) and known.options:
        return " or ".join(dict.fromkeys("not set" if is_nothing(each) else shown(each) for each in known.options))
    text = shown(cursor.value)
    return f"{text} by default" if cursor.standing in ("default", "fact") else text


def _expected(node: Node) -> str:
    if node.kind == "count":
        return f"{node.operator.replace('_', ' ')} {shown(node.argument)}"
    if node.kind != "leaf":
        return ""
    if node.operator in ("policy_allows", "policy_denies") and isinstance(node.argument, dict):
        return _grant(node.argument)
    if node.operator == "between" and isinstance(node.argument, list):
        return " and ".join(shown(bound) for bound in node.argument)
    return shown(node.argument)


def _grant(argument: dict[str, Any]) -> str:
    """`s3:* to * where aws:SecureTransport is false`: what a policy is asked for, as a sentence."""
    text = shown(argument.get("action", "any action"))
    if "resource" in argument:
        text += f" on {shown(argument['resource'])}"
    if "principal" in argument:
        text += f" to {shown(argument['principal'])}"
    condition = argument.get("condition", {})
    if isinstance(condition, str):
        return f"{text} ({condition})"
    tests = [f"{key} is {shown(value)}" for test in condition.values() for key, value in test.items()]
    return text + (f" where {' and '.join(tests)}" if tests else "")


def shown(value: Value) -> str:
    """A value as a person reads it, cut at a length: text bare, lists by commas, maps as `key: value`."""
    text = _shown(plain(value))
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if value and "\n" not in value else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        if all(not isinstance(item, (list, dict)) for item in value):
            return ", ".join(_shown(item) for item in value[:20]) or "an empty list"
    elif isinstance(value, dict):
        if all(not isinstance(item, (list, dict)) for item in value.values()):
            if set(value) == {"from", "to"}:
                return _ports(value)
            return ", ".join(f"{key}: {_shown(item)}" for key, item in list(value.items())[:20]) or "an empty map"
    else:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(value, ensure_ascii=False, default=str)[: MAX_SHOWN + 1]


def _ports(value: dict[str, Any]) -> str:
    low, high = value["from"], value["to"]
    return _shown(low) if low == high else f"{_shown(low)}-{_shown(high)}"


def plain(value: Value, depth: int = 0) -> Any:
    """A value as JSON: what is not known is null, a template keeps its known text with `${…}` for the rest."""
    if depth > 12:
        return None
    match value:
        case Reference():
            known = resolved(value)
            return (
                f"${{{value.address}{'.' if value.path else ''}{value.path}}}"
                if isinstance(known, Unknown)
                else (plain(known, depth + 1))
            )
        case Text(parts=parts):
            return "".join(part if isinstance(part, str) else _part(part, depth) for part in parts)
        case Encoded(tree=tree, text=text):
            return text if text is not None else plain(tree, depth + 1)
        case Open(items=items):
            return plain(items, depth + 1)
        case dict():
            return {key: plain(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case bool() | int() | float() | str():
            return value
    return None


def _part(part: Unknown | Reference, depth: int) -> str:
    text = plain(part, depth + 1)
    return text if isinstance(text, str) else "${…}"


def guilty_digest(deciders: list[Decider]) -> str:
    """A digest of what is guilty, by content and not by place: of each deciding value and of those that made its item
    one that the rule concerns. One guilty item more, or another one, gives another digest; moving one does not."""
    lines = []
    for decider in deciders:
        values = [_content(node) for node in (*decider.context, decider.node)]
        name = _name(decider.item)
        lines.append(json.dumps([name, *values], sort_keys=True, default=str))
    text = "\n".join(sorted(lines))
    return f"sha256:{sha256_hex(text.encode())}"


def _content(node: Node) -> list[Any]:
    steps = [step for step in node.cursor.path if isinstance(step, str)]
    if node.kind == "count":
        return [steps, str(node.interval)]
    if node.kind != "leaf":
        return [steps, node.kind]
    masks = getattr(load(node.operator), "MASKS", False)
    return [steps, node.operator, _hidden(node.cursor) or (SENSITIVE if masks else plain(node.cursor.value))]


def _name(item: Cursor | None) -> str:
    """What the item calls itself, where it does."""
    if item is None:
        return ""
    if not item.path:
        return item.resource.address
    for key in ("name", "key", "sid", "id"):  # never the item as a whole: it may be a big one
        value = resolved(item.get((key,)).value)
        if isinstance(value, str):
            return value
    return ""
