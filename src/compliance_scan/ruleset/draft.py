"""A rule from answers: one attribute of a Terraform type, what it must be, and examples that show it."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from compliance_scan._yaml import nearest
from compliance_scan.errors import UsageError
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.nodes import Field, Node

OPERATORS = {
    "bool": ("true", "false"),
    "number": ("value", "one-of", "at-least", "at-most"),
    "string": ("value", "one-of", "set"),
}
"""What may be asked of an attribute, by its kind; of all others only that they are set."""
_WORDS = {"value": "equals", "one-of": "in", "at-least": "at_least", "at-most": "at_most", "set": "exists"}
MAX_DEPTH = 6


class Draft(NamedTuple):
    """The answers. `wanted` and `bad` are values as the examples write them."""

    kind: str
    path: tuple[str, ...]
    operator: str
    argument: Any
    wanted: Any
    bad: Any
    """None: the bad example leaves the attribute out."""
    title: str
    severity: str
    objective: str
    why: str
    note: str


def steps(catalog: Catalog, kind: str, path: str) -> tuple[Field, ...]:
    """The fields on the way to an attribute (`metadata_options.http_tokens`); raises `UsageError` with the nearest
    valid name, or where an example cannot be written by a machine."""
    facts = catalog.type(kind)
    if facts is None or "_" not in kind:
        raise UsageError(
            f"`{kind}` is no Terraform type that is known", "rules on other types start with: rules new ID"
        )
    found: list[Field] = []
    node = facts.root
    for name in path.split("."):
        field = node.field(name)
        if field is None or name in facts.folds:
            written = [each for each in node.names() if each not in facts.folds]
            where = ".".join(path.split(".")[: len(found)]) or kind
            raise UsageError(f"`{where}` has no attribute `{name}`{nearest(name, written)}")
        if field.mode == "c":
            raise UsageError(f"`{path}` is computed: nobody writes it")
        found.append(field)
        node = field.node
        if found and len(found) < path.count(".") + 1 and not (node.kind == "object" or _item(node)):
            raise UsageError(f"`{name}` has no attributes below it")
        node = _item(node) or node
    return tuple(found)


def choices(field: Field) -> tuple[str, ...]:
    """What may be asked of an attribute."""
    return OPERATORS.get(field.node.kind, ("set",))


def read(field: Field, text: str) -> Any:
    """A value as somebody typed it; raises `UsageError` where it is none of the attribute's kind."""
    if field.node.kind == "number":
        try:
            return int(text) if text.lstrip("-").isdecimal() else float(text)
        except ValueError:
            raise UsageError(f"`{text}` is no number") from None
    if field.node.kind == "bool":
        if text not in ("true", "false"):
            raise UsageError(f"`{text}` is neither true nor false")
        return text == "true"
    return text


def text_of(draft: Draft, code: str, catalog: Catalog) -> str:
    """The rule's file."""
    facts = catalog.type(draft.kind)
    assert facts is not None
    if draft.operator in ("true", "false"):
        asserted = f"equals: {draft.operator}"
    elif draft.operator == "set":
        asserted = "exists: true"
    else:
        asserted = f"{_WORDS[draft.operator]}: {json.dumps(draft.argument)}"
    head = (
        f"title: {json.dumps(draft.title, ensure_ascii=False)}\n"
        f"code: {code}\n"
        f"severity: {draft.severity}\n"
        "status: preview\n"
        f"resource: {draft.kind}\n"
        f"assert: {{path: {'.'.join(draft.path)}, {asserted}}}\n"
        f"objectives: [{draft.objective}]\n"
        f"why: {json.dumps(draft.why, ensure_ascii=False)}\n"
        "fix:\n"
        f"  note: {json.dumps(draft.note, ensure_ascii=False)}\n"
        "equivalents: {}\n"
        "examples:\n"
    )
    bad = None if draft.bad is None else _hcl(draft.bad)

    def body(value: str | None) -> list[str]:
        return _body(facts.root, draft.path, value, 1)

    return head + "".join(
        (
            _example("as it should be", "pass", draft, body(_hcl(draft.wanted))),
            _example("as it should not be", "fail", draft, body(bad)),
            _example("decided elsewhere", "unknown", draft, body("var.choice"), 'variable "choice" {}\n'),
        )
    )


def _example(name: str, verdict: str, draft: Draft, body: list[str], before: str = "") -> str:
    code = before + "\n".join([f'resource "{draft.kind}" "it" {{', *body, "}"])
    shown = "\n".join("      " + line for line in code.split("\n"))
    return f"  - name: {name}\n    terraform: |\n{shown}\n    {verdict}: [{draft.kind}.it]\n"


def _body(node: Node, path: Sequence[str], value: str | None, depth: int) -> list[str]:
    """What must be written in an object, and the one attribute that the rule speaks of."""
    pad = "  " * depth
    lines: list[str] = []
    for name in sorted(node.names(), key=lambda name: bool((field := node.field(name)) and _is_block(field))):
        field = node.field(name)
        here = bool(path) and path[0] == name
        if field is None or not (here or (field.mode == "r" and depth < MAX_DEPTH)):
            continue
        if here and len(path) == 1:
            if value is not None:
                lines.append(f"{pad}{name} = {value}")
            continue
        inner = _item(field.node) or field.node
        if inner.kind == "object":
            body = _body(inner, path[1:] if here else (), value if here else None, depth + 1)
            lines += _object(field, name, pad, body)
        else:
            lines.append(f"{pad}{name} = {_some(field.node)}")
    return lines


def _object(field: Field, name: str, pad: str, body: list[str]) -> list[str]:
    if _is_block(field):
        return [f"{pad}{name} {{", *body, f"{pad}}}"]
    if field.node.kind in ("list", "set"):
        return [f"{pad}{name} = [{{", *body, f"{pad}}}]"]
    return [f"{pad}{name} = {{", *body, f"{pad}}}"]


def _is_block(field: Field) -> bool:
    return field.nested or field.block


def _item(node: Node) -> Node | None:
    """The object inside a list or set of objects."""
    if node.kind in ("list", "set") and node.element is not None and node.element.kind == "object":
        return node.element
    return None


def _some(node: Node) -> str:
    """Any value of a kind, for what must be there."""
    if node.kind in ("list", "set"):
        return f"[{_some(node.element)}]" if node.element is not None else '["example"]'
    return {"number": "1", "bool": "true", "map": '{ key = "example" }'}.get(node.kind, '"example"')


def _hcl(value: Any) -> str:
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
