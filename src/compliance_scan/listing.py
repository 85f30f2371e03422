"""The inventory for people and programs: resources as rules see them, and the graph of their references."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from compliance_scan.excerpt import Excerpts
from compliance_scan.jsonvalue import Plain
from compliance_scan.model.resource import header_of
from compliance_scan.model.value import Encoded, Open, Reference, Text, Value

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.scan import Loaded

Edge = tuple[str, str, str]
"""From, to and label: none where the one refers to the other, ports where it may talk to it."""


def records(loaded: "Loaded") -> Iterator[dict[str, Any]]:
    """One JSON object a resource, in order of reading; secrets are masked."""
    from compliance_scan.shape.identity import identity_of

    excerpts = Excerpts(loaded.workspace, loaded.world.catalog, loaded.request.folder)
    hidden = loaded.hidden()
    for resource in loaded.inventory.resources:
        plain = Plain((*excerpts.sensitive_paths(resource.type), *resource.sensitive), resource.environment)
        attributes = {name: plain.of(value, (name,)) for name, value in seen(loaded, resource)}
        yield {
            "address": resource.address,
            "root": resource.root,
            "type": resource.type,
            "plane": resource.plane,
            "attributes": hidden.clean(attributes),
            "unknown": hidden.clean(plain.unknown),
            "location": excerpts.location(header_of(resource)),
            "identity": identity_of(resource).canonical.replace("\0", ":"),
            "conditional": resource.conditional is not None,
        }


def seen(loaded: "Loaded", resource: "Resource") -> Iterator[tuple[str, Value]]:
    """What is written of a resource, with text converted and blocks read as rules read them, and its folded parts."""
    facts = loaded.world.catalog.type(resource.type) if resource.mode == "managed" else None
    root = loaded.world.cursor(resource)
    names = [*resource.attributes, *(facts.folds if facts is not None else ())]
    if facts is not None and facts.root.field("tags_all") is not None and "tags_all" in resource.attributes:
        every = root.get(("tags_all",)).value
        if every not in ({}, root.get(("tags",)).value):
            names.append("tags_all")  # the provider's default tags, also where the resource writes none
    for name in dict.fromkeys(names):
        yield name, root.get((name,)).value


def edges(loaded: "Loaded") -> tuple[list[str], list[Edge]]:
    """Nodes and edges of the graph: who refers to whom, then which pods may talk; each once, in order of reading."""
    several = len({resource.root for resource in loaded.inventory.resources}) > 1

    def name(root: str, address: str) -> str:
        return f"{root}: {address}" if several else address

    nodes = [name(resource.root, resource.address) for resource in loaded.inventory.resources]
    found: dict[Edge, None] = {}
    for resource in loaded.inventory.resources:
        source = name(resource.root, resource.address)
        for attribute in resource.attributes:
            for reference in references(resource.attributes[attribute]):
                for target in loaded.world.at(resource.root, reference.address):
                    found[source, name(target.root, target.address), ""] = None
    links = [edge for edge in found if edge[0] != edge[1]]
    if any("_" not in resource.type for resource in loaded.inventory.resources):
        from compliance_scan.shape.kubernetes_flows import edges as flows

        for ends in flows(loaded.world):
            one, other = (end if isinstance(end, str) else name(end.root, end.address) for end in ends[:2])
            links.append((one, other, ends[2]))
    written = dict.fromkeys(nodes)
    return [*nodes, *dict.fromkeys(end for link in links for end in link[:2] if end not in written)], links


def references(value: Value) -> Iterator[Reference]:
    """All references in a value, those behind other references too; without recursion."""
    stack: list[Value] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Reference):
            yield item
            stack.append(item.value)
        elif isinstance(item, Text):
            stack.extend(item.parts)
        elif isinstance(item, Encoded):
            stack.append(item.tree)
        elif isinstance(item, Open):
            stack.append(item.items)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def mermaid(nodes: list[str], links: list[Edge]) -> Iterator[str]:
    """The graph for Mermaid."""
    names = {node: f"n{index}" for index, node in enumerate(dict.fromkeys(nodes))}
    yield "flowchart LR\n"
    for node, name in names.items():
        label = node.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
        yield f'  {name}["{label}"]\n'
    for source, target, label in links:
        arrow = f'-->|"{label}"|' if label else "-->"
        yield f"  {names[source]} {arrow} {names[target]}\n"


def dot(nodes: list[str], links: list[Edge]) -> Iterator[str]:
    """The graph for Graphviz."""
    yield "digraph inventory {\n  rankdir=LR;\n"
    for node in dict.fromkeys(nodes):
        yield f"  {_quoted(node)};\n"
    for source, target, label in links:
        words = f" [label={_quoted(label)}]" if label else ""
        yield f"  {_quoted(source)} -> {_quoted(target)}{words};\n"
    yield "}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
