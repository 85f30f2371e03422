"""A plan beside its code: what the plan knows, with the code's lines, edges and trees.

The plan's resources take the place of the code's, in the root that most of them belong to; what the plan only says to
be unknown is read in the code, which knows where it comes from.
"""

import posixpath
from collections.abc import Sequence
from typing import Any

from compliance_scan.inputs.terraform.plan_config import module_steps
from compliance_scan.inputs.terraform.plan_values import PlanAttributes, hole_paths
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Open, Path, Reference, Unknown, Value, holes, resolved
from compliance_scan.workspace import Workspace

LIKENESS = 0.5
"""Share of the plan's resources that a root must declare for the plan to be its own."""


def add(inventory: Inventory, workspace: Workspace, plans: Sequence[tuple[str, bool]], states: Sequence[str]) -> None:
    """Reads plans (each with whether the user named it) and states into an inventory that holds the code already.

    A plan that the user named stands in place of its code. One that only lies in the tree does not: what is scanned
    must not be able to hide behind a file of its own.
    """
    from compliance_scan.inputs.terraform.plan import read_plan
    from compliance_scan.inputs.terraform.state import load as load_states

    for path, named in sorted(plans, key=lambda each: not each[1]):
        plan = read_plan(workspace, path)
        if plan is None:
            continue
        inventory.files += 1
        found = plan.inventory()
        if not named or join(inventory, found, whole=plan.whole) is None:
            root = _free_root(inventory, path)
            inventory.add(found if root == plan.root else plan.moved(root).inventory())
    for path in states:
        found = load_states(workspace, [path], {path: _free_root(inventory, path)})
        found.incomplete = []  # the workspace has them
        inventory.add(found)


def _free_root(inventory: Inventory, path: str) -> str:
    """The folder of a plan or state; its own path where something else stands under the folder."""
    folder = posixpath.dirname(path) or "."
    return path if any(each.root == folder for each in inventory.resources) else folder


def join(code: Inventory, plan: Inventory, *, whole: bool = True) -> str | None:
    """Adds a plan's resources to the code's, in place of those of the root that they come from; that root, None where
    no root of the code declares them. `whole`: what the plan does not have will not be there."""
    tables: dict[str, dict[str, list[Resource]]] = {}
    for resource in code.resources:
        if resource.plane == "code":
            tables.setdefault(resource.root, {}).setdefault(block_of(resource), []).append(resource)
    root = _own_root(tables, plan)
    if root is None:
        return None
    blocks = tables[root]
    joined = [_joined(each, root, blocks.get(block_of(each), [])) for each in plan.resources]
    planned = {block_of(each) for each in plan.resources}
    kept: list[Resource] = []
    for resource in code.resources:
        if resource.root != root or resource.plane != "code":
            kept.append(resource)
        elif block_of(resource) not in planned and (_is_beyond(resource) or not whole):
            kept.append(resource._replace(plane="plan"))
    code.resources = kept + joined
    for providers in plan.providers.values():
        code.providers[root] = code.providers.get(root, frozenset()) | providers
    return root


def _is_beyond(resource: Resource) -> bool:
    """Whether a plan says nothing of such a thing: data sources, backends, calls of modules."""
    return resource.mode == "data" or resource.type in ("terraform_backend", "terraform_module")


def block_of(resource: Resource) -> str:
    """What names a resource's block: the address without any key."""
    calls = ".".join(name for name, _ in module_steps(resource.module))
    mode = "data." if resource.mode == "data" else ""
    return f"{calls}|{mode}{resource.type}.{resource.name}"


def _own_root(tables: dict[str, dict[str, list[Resource]]], plan: Inventory) -> str | None:
    """The root that declares most of a plan's blocks; of equals the plan's own folder, then the first by name."""
    wanted = {block_of(each) for each in plan.resources if each.mode == "managed"}
    folders = {each.root for each in plan.resources}
    best: tuple[float, bool, str] | None = None
    for root in sorted(tables, reverse=True):
        found = sum(block in tables[root] for block in wanted)
        if found and found >= LIKENESS * len(wanted):
            rank = (found, root in folders, root)
            best = rank if best is None or rank[:2] >= best[:2] else best
    return None if best is None else best[2]


def _joined(planned: Resource, root: str, twins: list[Resource]) -> Resource:
    """A planned resource with the lines of its code."""
    twin = next((each for each in twins if planned.address in (each.address, *each.aliases)), None)
    twin = twin or next((each for each in twins if each.conditional is not None), None) or (twins[0] if twins else None)
    if twin is None:
        return planned._replace(root=root)
    attributes = planned.attributes
    if isinstance(attributes, PlanAttributes):
        written = Beside(twin)
        attributes = attributes.rewritten(f"{root}|{planned.address}", written)
        written.planned = attributes
    return planned._replace(
        root=root,
        attributes=attributes,
        source=twin.source,
        account=planned.account or twin.account,
        region=planned.region or twin.region,
        place=twin.place,
        provider=twin.provider or planned.provider,
        aliases=tuple(dict.fromkeys((*planned.aliases, *(a for a in twin.aliases if not a.endswith('["?"]'))))),
        sensitive=planned.sensitive | frozenset(twin.sensitive),
        environment=frozenset(twin.environment),
    )


class Beside:
    """What the code says of a planned resource."""

    __slots__ = ("planned", "twin")

    def __init__(self, twin: Resource) -> None:
        self.twin = twin
        self.planned: PlanAttributes | None = None

    def configured(self, path: Path) -> bool:
        """Whether the code says anything at a path; True where that cannot be told."""
        if path[0] not in self.twin.attributes:
            return False
        values: list[Value] = [self.twin.attributes[str(path[0])]]
        for step in path[1:]:
            below: list[Value] = []
            for value in values:
                known: Any = resolved(value)
                if isinstance(known, Open):
                    known = known.items
                    if isinstance(step, str):
                        return True
                if isinstance(known, list):
                    below += known if isinstance(step, int) else []
                elif isinstance(known, dict):
                    below += [known] if isinstance(step, int) else [known[step]] if step in known else []
                else:
                    return True
            values = below
        return any(resolved(value) is not None for value in values)  # to write null is to write nothing

    def may_hide(self, *, computed: bool) -> bool:
        """False: code shows its `dynamic` blocks."""
        del computed
        return False

    def edge(self, path: Path, unknown: Unknown) -> Value:
        """What the code has where the plan has an unknown, if that is more than nothing."""
        value = self._written(path)
        if value is None or isinstance(value, Unknown) or next(holes(value), None) is None:
            return unknown
        return value

    def _written(self, path: Path) -> Value:
        if path[0] not in self.twin.attributes:
            return None
        value: Value = self.twin.attributes[str(path[0])]
        for depth, step in enumerate(path[1:], 1):
            if isinstance(value, Reference):
                return None
            if isinstance(value, list) and isinstance(step, int):
                value = self._item(value, path[:depth], step)
            elif isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif not (isinstance(value, dict) and isinstance(step, int)):
                return None
        return value

    def _item(self, items: list[Value], at: Path, index: int) -> Value:
        """The written item that is the planned one: a set comes in another order."""
        assert self.planned is not None
        planned = self.planned.plain(at)
        if not isinstance(planned, list) or len(planned) != len(items):
            return items[0] if len(items) == 1 and index == 0 else None
        one = planned[index]
        if isinstance(one, dict):
            fitting = [item for item in items if _may_be(item, one)]
            return fitting[0] if len(fitting) == 1 else None
        unknown = [path for path in hole_paths(self.planned.marks(at), at) if len(path) == len(at) + 1]
        open_items = [item for item in items if next(holes(item), None) is not None]
        position = next((n for n, path in enumerate(unknown) if path[-1] == index), None)
        return open_items[position] if position is not None and len(open_items) == len(unknown) else None


def _may_be(item: Value, planned: dict[str, Any]) -> bool:
    """Whether nothing known of a written block differs from the planned one."""
    if not isinstance(item, dict):
        return False
    for name, value in item.items():
        known = resolved(value)
        if isinstance(known, str | bool | int | float):
            other = planned.get(name)
            if isinstance(other, str | bool | int | float) and str(other).lower() != str(known).lower():
                return False
    return True
