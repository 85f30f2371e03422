"""`aws_iam_policy_document` as the provider renders it: a tree that keeps what is not known as holes."""

from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.inputs.terraform.values import ObjectVal, OpenVal, TfValue, TupleVal, unmarked
from compliance_scan.model.value import Encoded, Open, Text, Unknown, Value, hole, resolved

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.nodes import ResourceInstance

_VERSION = "2012-10-17"


def render(document: "ResourceInstance") -> Encoded | Unknown:
    """The `json` of a policy document, other documents merged in and overrides applied.

    Its text is never given: the provider's way of writing it is its own, and rules read the tree.
    """
    own, own_more = _statements(document)
    base: dict[str, Value] = {}
    version = _plain(document, "version")
    policy_id = _plain(document, "policy_id")
    statements: list[Value] = []
    more: Unknown | None = None
    for name in ("source_policy_documents", "source_json"):
        more = more or _merge_documents(document, name, base, statements)
    more = more or own_more
    for statement in own:
        _merge(statements, statement)
    for name in ("override_policy_documents", "override_json"):
        more = more or _merge_documents(document, name, base, statements)
    version = _VERSION if version is None else version
    merged = base.get("Version")
    # The provider takes the newest version of all documents that are merged.
    if isinstance(version, str) and isinstance(merged, str):
        version = max(version, merged)
    tree: dict[str, Value] = {"Version": version}
    if policy_id is not None or "Id" in base:
        tree["Id"] = policy_id if policy_id is not None else base["Id"]
    tree["Statement"] = statements if more is None else Open(statements, more)
    return Encoded("json", tree, None)


def _plain(document: "ResourceInstance", name: str) -> Value:
    value = document.written(name)
    return None if value is None else to_model(value)


def _statements(document: "ResourceInstance") -> tuple[list[Value], Unknown | None]:
    """The document's own statements, and why there may be others."""
    written = document.written("statement")
    if written is None:
        return [], None
    plain, _ = unmarked(written)
    if isinstance(plain, Unknown):
        return [], plain
    items: Any = plain.items if isinstance(plain, TupleVal | OpenVal) else []
    return [_statement(item) for item in items], plain.more if isinstance(plain, OpenVal) else None


def _statement(value: TfValue) -> Value:
    """One `statement` block in the policy language's own words."""
    if not isinstance(value, ObjectVal):
        return to_model(value)
    written: Any = to_model(value)
    out: dict[str, Value] = {}
    if resolved(written.get("sid")) not in (None, ""):
        out["Sid"] = written["sid"]
    effect = written.get("effect")
    out["Effect"] = "Allow" if effect is None else effect
    for name, key in (
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ):
        items = _one_or_list(written.get(name))
        if items is not None:
            out[key] = items
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        principals = _principals(written.get(name))
        if principals is not None:
            out[key] = principals
    conditions = _conditions(written.get("condition"))
    if conditions is not None:
        out["Condition"] = conditions
    return out


def _one_or_list(value: Value) -> Value:
    """A list of one as that one, an empty list as nothing; `&{x}` is the provider's way to write `${x}`."""
    value = _unescaped(value)
    if value is None or value == []:
        return None
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _unescaped(value: Value) -> Value:
    if isinstance(value, str):
        return value.replace("&{", "${")
    if isinstance(value, list):
        return [_unescaped(item) for item in value]
    if isinstance(value, Text):
        return Text(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in value.parts))
    if isinstance(value, Open) and isinstance(value.items, list):
        return Open([_unescaped(item) for item in value.items], value.more)
    return value


def _principals(blocks: Value) -> Value:
    """`{"AWS": [...]}`; the star alone where type and identifier are stars."""
    if blocks is None or blocks == []:
        return None
    more: Unknown | None = None
    if isinstance(blocks, Open):
        more, blocks = blocks.more, list(blocks.items)
    if not isinstance(blocks, list):
        return blocks
    found: dict[str, Value] = {}
    for block in blocks:
        if not isinstance(block, dict):
            return block
        kind = resolved(block.get("type"))
        if not isinstance(kind, str):
            return (
                hole(kind) if isinstance(kind, Unknown) else Unknown("computed", "the type of a principal is not known")
            )
        identifiers = _unescaped(block.get("identifiers"))
        items: Any = identifiers if isinstance(identifiers, list) else [identifiers]
        if kind == "*" and items == ["*"]:
            found["*"] = ["*"]
            continue
        before = found.get(kind)
        found[kind] = [*(before if isinstance(before, list) else []), *items]
    if list(found) == ["*"] and more is None:
        return "*"
    single: dict[str, Value] = {
        kind: items[0] if isinstance(items, list) and len(items) == 1 else items for kind, items in found.items()
    }
    return single if more is None else Open(single, more)


def _conditions(blocks: Value) -> Value:
    if blocks is None or blocks == []:
        return None
    more: Unknown | None = None
    if isinstance(blocks, Open):
        more, blocks = blocks.more, list(blocks.items)
    if not isinstance(blocks, list):
        return blocks
    found: dict[str, Value] = {}
    for block in blocks:
        if not isinstance(block, dict):
            return block
        test, variable = resolved(block.get("test")), resolved(block.get("variable"))
        if not isinstance(test, str) or not isinstance(variable, str):
            more = more or Unknown("computed", "the test or variable of a condition is not known")
            continue
        inner = found.setdefault(test, {})
        assert isinstance(inner, dict)
        values = _unescaped(block.get("values"))
        inner[variable] = values[0] if isinstance(values, list) and len(values) == 1 else values
    result: dict[str, Value] = dict(sorted(found.items()))
    return result if more is None else Open(result, more)


def _merge_documents(
    document: "ResourceInstance", name: str, base: dict[str, Value], statements: list[Value]
) -> Unknown | None:
    """Merges the documents of one argument; returns why there may be other statements."""
    value = document.written(name)
    if value is None:
        return None
    model = to_model(value)
    more: Unknown | None = None
    model = resolved(model)
    if isinstance(model, Open) and isinstance(model.items, list):
        more, model = model.more, model.items
    for item in model if isinstance(model, list) else [model]:
        tree, edge = _tree_of(item), resolved(item)
        if isinstance(tree, Unknown):
            if edge not in (None, ""):
                more = more or tree
            continue
        for key in ("Version", "Id"):
            if tree.get(key) is not None:
                base[key] = tree[key]
        found = tree.get("Statement")
        if isinstance(found, Open) and isinstance(found.items, list):
            more = more or found.more
            found = found.items
        if isinstance(found, Unknown):
            more = more or found
            continue
        for statement in found if isinstance(found, list) else [found]:
            if statement is not None:
                _merge(statements, statement)
    return more


def _tree_of(value: Value) -> "dict[str, Value] | Unknown":
    """A policy's tree from its text, its encoded form or a reference to either."""
    value = resolved(value)
    tree: Any = value.tree if isinstance(value, Encoded) else value
    if isinstance(value, str) and value:
        import json

        try:
            tree = json.loads(value)
        except (ValueError, RecursionError):
            return Unknown("error", "a policy document that is merged in is no JSON")
    if isinstance(tree, dict):
        return tree
    return (
        tree if isinstance(tree, Unknown) else Unknown("computed", "a policy document that is merged in is not known")
    )


def _merge(statements: list[Value], statement: Value) -> None:
    """Adds a statement; one with the `Sid` of another takes its place, as the provider does it."""
    sid = resolved(statement.get("Sid")) if isinstance(statement, dict) else None
    if isinstance(sid, str) and sid:
        for index, other in enumerate(statements):
            if isinstance(other, dict) and resolved(other.get("Sid")) == sid:
                statements[index] = statement
                return
    statements.append(statement)
