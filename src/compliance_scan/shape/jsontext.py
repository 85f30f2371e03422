"""JSON in text attributes: a tree, also where the text has holes (`"Resource": "${aws_s3_bucket.b.arn}/*"`)."""

import json
from typing import Any

from compliance_scan.model import json_text
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, resolved

MAX_DEPTH = 120
_OPEN, _CLOSE = "\ue000", "\ue001"
_LIMIT = Unknown("limit_reached", f"JSON nested deeper than {MAX_DEPTH} levels")

Hole = Unknown | Reference


def parse_json(value: Value, what: str, *, yaml: bool = False) -> Value:
    """The tree of a text that should hold JSON, as `Encoded`; an empty text is null; anything that is not known stays
    as it is; text that is no JSON (with `yaml`, no YAML either) is an error of the value."""
    if isinstance(value, Reference):
        inner = parse_json(value.value, what, yaml=yaml)
        return value if inner is value.value else Reference(value.address, value.path, inner, value.presence)
    if isinstance(value, str):
        return _parse(value, what, yaml=yaml) if value.strip() else None
    if isinstance(value, Text):
        return _parse_template(value, what, yaml=yaml)
    if isinstance(value, list | dict):  # a plan, a collector or a manifest gives the tree itself
        return Encoded("json", value)
    return value


def _parse(text: str, what: str, *, yaml: bool) -> Value:
    tree = _loads(text, what, yaml=yaml)
    if isinstance(tree, Unknown):
        return tree
    if too_deep(tree):
        return _LIMIT
    return Encoded("json", tree, text)


def _loads(text: str, what: str, *, yaml: bool, strict: bool = False) -> Any:
    try:
        return json.loads(text, strict=False) if strict else json_text.loads(text)
    except RecursionError:
        return _LIMIT
    except ValueError as error:
        if yaml:
            return _loads_yaml(text, what)
        return Unknown("error", f"{what} is not JSON: {error}")


def _loads_yaml(text: str, what: str) -> Any:
    from compliance_scan import _yaml
    from compliance_scan.errors import ConfigError

    try:
        import textwrap  # few texts are YAML

        tree = _yaml.read(textwrap.dedent(text.replace("\t", "  ")), what).data
    except ConfigError as error:
        return Unknown("error", f"{what} is neither JSON nor YAML: {error.message}")
    if not isinstance(tree, dict | list):
        return Unknown("error", f"{what} is neither JSON nor YAML")
    return tree


def too_deep(tree: Any) -> bool:
    """Whether a tree is nested deeper than what rules may walk."""
    level = [tree]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return False
        level = below
    return True


def _parse_template(value: Text, what: str, *, yaml: bool) -> Value:
    pieces: list[str] = []
    holes: list[Hole] = []
    inside = False
    loose = False  # a hole that is no text may be several items: then no comma is one too many
    for part in value.parts:
        known = resolved(part)
        if isinstance(known, str):
            if _OPEN in known or _CLOSE in known:
                return Unknown("unsupported_expression", f"{what} holds private characters", not_null=True)
            pieces.append(known if isinstance(part, str) or not inside else json.dumps(known)[1:-1])
            inside = _inside_after(known, inside=inside) if isinstance(part, str) else inside
            continue
        assert not isinstance(part, str)
        mark = f"{_OPEN}{len(holes)}{_CLOSE}"
        holes.append(part)
        pieces.append(mark if inside else f'"{mark}"')
        loose = loose or not inside
    tree = _loads("".join(pieces), what, yaml=yaml, strict=loose)
    if isinstance(tree, Unknown):
        # The hole may hold brackets or commas of its own: what it is cannot be told from outside.
        first = next((hole for hole in holes if isinstance(hole, Unknown)), None)
        return first or Unknown("unsupported_expression", f"{what}: the JSON depends on parts that are not known")
    if too_deep(tree):
        return _LIMIT
    return Encoded("json", _fill(tree, holes))


def _inside_after(text: str, *, inside: bool) -> bool:
    """Whether a JSON string is open after this text."""
    skip = False
    for character in text:
        if skip:
            skip = False
        elif character == "\\" and inside:
            skip = True
        elif character == '"':
            inside = not inside
    return inside


def _fill(tree: Any, holes: list[Hole]) -> Value:
    """The tree with its marks replaced; depth is bounded by the caller."""
    if isinstance(tree, str):
        return _fill_text(tree, holes) if _OPEN in tree else tree
    if isinstance(tree, list):
        return _fill_list(tree, holes)
    if isinstance(tree, dict):
        return _fill_map(tree, holes)
    value: Value = tree
    return value


def _fill_text(text: str, holes: list[Hole]) -> Value:
    parts: list[str | Unknown | Reference] = []
    for index, piece in enumerate(text.split(_OPEN)):
        if index == 0:
            if piece:
                parts.append(piece)
            continue
        number, _, rest = piece.partition(_CLOSE)
        parts.append(holes[int(number)])
        if rest:
            parts.append(rest)
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(parts))


def _fill_list(tree: list[Any], holes: list[Hole]) -> Value:
    return [_fill(item, holes) for item in tree]


def _fill_map(tree: dict[str, Any], holes: list[Hole]) -> Value:
    known: dict[str, Value] = {}
    more: Unknown | None = None
    for key, item in tree.items():
        if _OPEN in key:
            hole = _fill_text(key, holes)
            more = more or _cause(hole)
        else:
            known[key] = _fill(item, holes)
    return Open(known, more) if more is not None else known


def _cause(value: Value) -> Unknown:
    if isinstance(value, Text):
        return next((_cause(part) for part in value.parts if not isinstance(part, str)), Unknown("computed"))
    value = resolved(value)
    return value if isinstance(value, Unknown) else Unknown("unsupported_expression", "a key that is not known")
