"""States to an inventory: state files of version 4, and `terraform show -json` of a state; OpenTofu's alike."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compliance_scan.inputs.terraform.covered import admit
from compliance_scan.inputs.terraform.module import key_text
from compliance_scan.inputs.terraform.plan_values import MAX_DEPTH, Secrets, bounded, marked_paths
from compliance_scan.inputs.terraform.shown import AddressSource, Document, EntrySource, Places, is_readable, read
from compliance_scan.model.resource import HERE, Inventory, Place, Resource, Source
from compliance_scan.model.value import Path, Value
from compliance_scan.workspace import Workspace

PULL = "terraform state pull > FILE"

_PRIMITIVES = frozenset({"string", "number", "bool", "dynamic"})


def load(workspace: Workspace, files: Sequence[str], roots: Mapping[str, str] | None = None) -> Inventory:
    """The resources of state files (root-relative); as `plan.load`."""
    inventory = Inventory()
    for path in files:
        document = read(workspace, path)
        root = (roots or {}).get(path, posixpath.dirname(path) or ".")
        found = None if document is None else _resources(workspace, document, root)
        if found is not None:
            admit(inventory, root, found)
            inventory.files += 1
    inventory.incomplete = list(workspace.incomplete)
    return inventory


def _resources(workspace: Workspace, document: Document, root: str) -> list[Resource] | None:
    path, data = document.path, document.data
    if "format_version" in data:
        if not is_readable(workspace, document):
            return None
        values = data.get("values")
        return list(shown_resources(values if isinstance(values, dict) else {}, root, Places(document)))
    if "encrypted_data" in data:
        workspace.note("unsupported", path, f"{path} is an encrypted state", f"{PULL}, where the key is at hand")
        return None
    version = data.get("version")
    if version == 4:
        return _with_accounts(list(_version_4(workspace, document, root)))
    if isinstance(version, int):
        message = f"{path} is a state of version {version}, which is not read (version 4 is)"
        hint = PULL if version < 4 else "use a newer compliance-scan, or terraform show -json > FILE"
        workspace.note("unsupported", path, message, hint)
    else:
        workspace.note("syntax_error", f"{path}:1", f"{path} is no Terraform state", f"write it again: {PULL}")
    return None


# What `terraform show -json` says


def shown_resources(
    values: Mapping[str, Any], root: str, places: Places, secrets: Secrets | None = None
) -> Iterator[Resource]:
    """The resources of `values` (of a state, or of a plan's prior state), modules and all. `secrets`: texts that are
    known to be sensitive already."""
    secrets = secrets or Secrets()
    found = list(_entries(values))
    for entry, _ in found:
        secrets.learn(entry.get("values"), marked_paths(entry.get("sensitive_values")))
    for entry, module in found:
        yield _shown(entry, module, root, places, secrets)


def _entries(values: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The entries of all modules, each with its module's address."""
    stack = [values.get("root_module")]
    while stack:
        module = stack.pop()
        if not isinstance(module, dict):
            continue
        for entry in _list(module.get("resources")):
            if isinstance(entry, dict) and isinstance(entry.get("address"), str) and not entry.get("deposed_key"):
                yield entry, str(module.get("address") or "")
        stack.extend(reversed(_list(module.get("child_modules"))))


def _shown(entry: Mapping[str, Any], module: str, root: str, places: Places, secrets: Secrets) -> Resource:
    given = entry.get("values")
    attributes = bounded(given if isinstance(given, dict) else {})
    assert isinstance(attributes, dict)
    return _resource(
        address=entry["address"],
        entry=entry,
        module=module,
        root=root,
        attributes=attributes,
        source=AddressSource(places, entry["address"], "values"),
        provider=str(entry.get("type")).split("_", 1)[0],
        sensitive=marked_paths(entry.get("sensitive_values"), tuple(attributes)) | secrets.found(given),
    )


# Version 4


def _version_4(workspace: Workspace, document: Document, root: str) -> Iterator[Resource]:
    places = Places(document)
    secrets = Secrets()
    found = list(_instances(workspace, document))
    for attributes, marked, _, _ in found:
        secrets.learn(attributes, marked)
    for attributes, marked, entry, index in found:
        module = str(entry.get("module") or "")
        mode = "data." if entry.get("mode") == "data" else ""
        key = key_text(entry["instances"][index[1]].get("index_key"))
        yield _resource(
            address=f"{module + '.' if module else ''}{mode}{entry['type']}.{entry.get('name')}{key}",
            entry=entry,
            module=module,
            root=root,
            attributes=attributes,
            source=EntrySource(places, index),
            provider=_provider(entry),
            sensitive=marked | secrets.found(attributes),
        )


def _with_accounts(found: list[Resource]) -> list[Resource]:
    """The same resources; what names no account lives in the one of its provider configuration, where that is one."""
    numbers: dict[str, set[str]] = {}
    for each in found:
        if each.account is not None and each.mode == "managed":
            numbers.setdefault(each.provider, set()).add(each.account)
    only = {provider: next(iter(known)) for provider, known in numbers.items() if len(known) == 1}
    return [
        each._replace(account=only[each.provider]) if each.account is None and each.provider in only else each
        for each in found
    ]


def _instances(
    workspace: Workspace, document: Document
) -> Iterator[tuple[dict[str, Value], frozenset[Path], Mapping[str, Any], tuple[int, int]]]:
    """Of each instance its attributes, its sensitive paths, the entry of its resource and where both stand."""
    for index, entry in enumerate(_list(document.data.get("resources"))):
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            continue
        for number, instance in enumerate(_list(entry.get("instances"))):
            if not isinstance(instance, dict) or instance.get("deposed"):
                continue  # a deposed object is one that the next apply takes away
            given = instance.get("attributes")
            if not isinstance(given, dict):
                message = f"{entry['type']}.{entry.get('name')} has no attributes: an old provider wrote it"
                workspace.note("unsupported", document.path, message, "terraform apply -refresh-only")
                continue
            marked = frozenset(_sensitive(instance.get("sensitive_attributes")))
            yield _plain(entry["type"], given), marked, entry, (index, number)


def _plain(kind: str, given: dict[str, Any]) -> dict[str, Value]:
    """The attributes; what the schema leaves the type of open (`input` of `terraform_data`, a manifest) is kept with
    its type beside it, and taken out."""
    found: dict[str, Value] = {}
    for name, value in given.items():
        wrapped = isinstance(value, dict) and value.keys() == {"value", "type"} and _is_type(value["type"])
        found[name] = bounded(value["value"] if wrapped and _is_open(kind, name) else value)
    return found


def _is_open(kind: str, name: str) -> bool:
    """Whether the schema leaves the type of an attribute open, or is not known."""
    from compliance_scan.shape.catalog import Catalog

    facts = Catalog.open().type(kind)
    field = facts.root.field(name) if facts is not None else None
    return field is None or field.node.kind == "any"


def _is_type(value: object, depth: int = 0) -> bool:
    """Whether a value is a type as states write it: `"string"`, `["list", "string"]`, `["object", {…}]`."""
    if isinstance(value, str):
        return value in _PRIMITIVES
    if depth > MAX_DEPTH or not isinstance(value, list) or len(value) < 2:
        return False
    kind, inner = value[0], value[1]
    if kind in ("list", "set", "map"):
        return _is_type(inner, depth + 1)
    if kind == "tuple":
        return isinstance(inner, list) and all(_is_type(item, depth + 1) for item in inner)
    return kind == "object" and isinstance(inner, dict) and all(_is_type(i, depth + 1) for i in inner.values())


def _sensitive(paths: object) -> Iterator[Path]:
    for path in _list(paths):
        steps: list[str | int] = []
        for step in _list(path):
            value = step.get("value") if isinstance(step, dict) else None
            if isinstance(value, dict):
                value = value.get("value")  # an index, with its type
            if not isinstance(value, str | int) or isinstance(value, bool):
                break  # an element of a set is named by its value: the whole set is masked
            steps.append(value)
        if steps:
            yield tuple(steps)


def _provider(entry: Mapping[str, Any]) -> str:
    """`provider["registry.terraform.io/hashicorp/aws"].eu` as the local name that it mostly has: `aws.eu`."""
    text = str(entry.get("provider") or "")
    source, _, alias = text.rpartition('"]')
    name = source.rpartition("/")[2] or str(entry.get("type")).split("_", 1)[0]
    return f"{name}{alias}" if alias.startswith(".") else name


# Both


def _resource(
    *,
    address: str,
    entry: Mapping[str, Any],
    module: str,
    root: str,
    attributes: dict[str, Value],
    source: Source,
    provider: str,
    sensitive: frozenset[Path],
) -> Resource:
    arn = attributes.get("arn")
    arn = arn if isinstance(arn, str) and arn.startswith("arn:") else None
    region = attributes.get("region")
    mode = "data" if entry.get("mode") == "data" else "managed"
    return Resource(
        address=address,
        type=str(entry.get("type")),
        root=root,
        plane="state",
        attributes=attributes,
        source=source,
        name=str(entry.get("name") or ""),
        module=module,
        mode=mode,  # type: ignore[arg-type]
        provider=provider,
        account=account_in(arn) or (_owner(str(entry.get("type")), attributes) if mode == "managed" else None),
        region=region if isinstance(region, str) and region else _part(arn, 3),
        place=Place(provider, provider, provider) if "." in provider else HERE,
        arn=arn,
        sensitive=sensitive,
    )


def account_in(arn: object) -> str | None:
    """The account that an ARN names; None where it names none (buckets)."""
    account = _part(arn, 4)
    return account if account is not None and account.isdigit() else None


def _owner(kind: str, attributes: Mapping[str, Value]) -> str | None:
    owner = attributes.get("account_id" if kind.startswith("aws_s3") else "owner_id")
    return owner if isinstance(owner, str) and owner.isdigit() and len(owner) == 12 else None


def _part(arn: object, index: int) -> str | None:
    if not isinstance(arn, str) or not arn.startswith("arn:"):
        return None
    parts = arn.split(":", 5)
    return (parts[index] or None) if len(parts) > index else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
