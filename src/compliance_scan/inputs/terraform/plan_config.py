"""The `configuration` of a plan: what was written at all, and which resources an unknown value comes from.

Two things are not in it: locals (a reference through one ends there), and blocks that a `dynamic` block or an argument
of block form writes. A block that the plan knows and the configuration does not show is therefore taken as written; one
that is not known at all may be a `dynamic` block over what is not known (`may_hide`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.plan_values import PlanAttributes, hole_paths
from compliance_scan.model.value import Path, Reference, Unknown, Value

MAX_HOPS = 60

_TOKEN = re.compile(r'\.?([^.\[\]"]+)|\[(\d+|"(?:[^"\\]|\\.)*")\]')
_MODULE = re.compile(r'module\.([^.\[]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.?')
_CONTROL = frozenset({"references", "constant_value"})

Record = Mapping[str, Any]


class Target(NamedTuple):
    """What an expression refers to."""

    address: str
    path: str


class Place(NamedTuple):
    """Where an expression stands: a module instance and the key of the resource or call that it belongs to."""

    module: str
    """`module.a["x"]`; empty in the root."""
    key: str
    """`[0]`, `["x"]` or empty."""


def module_steps(address: str) -> list[tuple[str, str]]:
    """The calls of a module path, each with its key: `module.a["x"].module.b` is `a`, `["x"]`, then `b`, empty."""
    return [(name, key) for name, key in _MODULE.findall(address)]


class Configuration:
    """The configuration of one plan."""

    def __init__(self, data: Record) -> None:
        """`data`: the whole plan."""
        configuration = _record(data.get("configuration"))
        self._data = data
        self._hides: bool | None = None
        self._root = _record(configuration.get("root_module"))
        self.providers = _record(configuration.get("provider_config"))
        self.variables = _record(data.get("variables"))
        self._modules: dict[str, Record | None] = {}
        self._resources: dict[str, dict[str, Record]] = {}
        self._instances: dict[str, list[str]] = {}

    @property
    def hides_unknowns(self) -> bool:
        """Whether something that the configuration does not show hangs on what is not known."""
        if self._hides is None:
            from compliance_scan.inputs.terraform.plan_hidden import hides_unknowns

            self._hides = hides_unknowns(self._data)
        return self._hides

    def add(self, base: str, address: str) -> None:
        """Files an instance of a resource under its address without key."""
        self._instances.setdefault(base, []).append(address)

    def module(self, path: str) -> Record | None:
        """The configuration of a module by its path, keys and all."""
        bare = ".".join(name for name, _ in module_steps(path))
        if bare not in self._modules:
            found: Record | None = self._root
            for name in bare.split(".") if bare else ():
                call = _record(_record(found).get("module_calls")).get(name)
                found = _record(call).get("module") if isinstance(call, dict) else None
                if not isinstance(found, dict):
                    found = None
                    break
            self._modules[bare] = found
        return self._modules[bare]

    def resource(self, module: str, base: str) -> Record | None:
        """The configuration of a resource: `base` is its address within the module, without key."""
        bare = ".".join(name for name, _ in module_steps(module))
        if bare not in self._resources:
            declared = _record(self.module(module)).get("resources")
            table = {str(each.get("address")): each for each in _records(declared)}
            self._resources[bare] = table
        return self._resources[bare].get(base)

    # Which resources an expression comes from

    def targets(self, references: object, place: Place) -> list[Target]:
        """The resources behind an expression's references, each once, in order of writing."""
        found: dict[Target, None] = {}
        stack = [(list(_maximal(references)), place)]
        for _ in range(MAX_HOPS):
            if not stack:
                break
            names, at = stack.pop(0)
            for name in names:
                more = self._follow(name, at, names)
                if isinstance(more, list):
                    found.update(dict.fromkeys(more))
                elif more is not None:
                    stack.append(more)
        return list(found)

    def is_settled(self, expression: Record, place: Place) -> bool:
        """Whether an expression hangs on constants and root variables alone, which are known while planning."""
        if "constant_value" in expression:
            return True
        stack = [(list(_maximal(expression.get("references"))), place)]
        if not stack[0][0]:
            return False  # a function that gives another value each time
        for _ in range(MAX_HOPS):
            if not stack:
                return True
            names, at = stack.pop()
            for name in names:
                head, _, rest = name.partition(".")
                if head in {"path", "terraform"}:
                    continue
                if head != "var":
                    return False
                outer = self._variable(rest.partition(".")[0].partition("[")[0], at)
                if outer is not None:
                    stack.append(outer)
        return False

    def _follow(self, name: str, at: Place, beside: list[str]) -> "list[Target] | tuple[list[str], Place] | None":
        steps = [(word, key) for word, key in _TOKEN.findall(name)]
        if not steps or len(steps) < 2:
            return None
        head = steps[0][0]
        if head in {"each", "count", "path", "terraform", "self", "local"}:
            return None
        if head == "var":
            return self._variable(steps[1][0], at)
        if head == "module":
            return self._output(steps[1:], at)
        mode = "data." if head == "data" else ""
        rest = steps[1:] if mode else steps
        if len(rest) < 2:
            return None
        base = f"{mode}{rest[0][0]}.{rest[1][0]}"
        base = f"{at.module}.{base}" if at.module else base
        rest = rest[2:]
        key = f"[{rest[0][1]}]" if rest and rest[0][1] else ""
        path = _path_text(rest[1:] if key else rest)
        return [Target(address, path) for address in self._choose(base, key, at, beside)]

    def _choose(self, base: str, key: str, at: Place, beside: list[str]) -> list[str]:
        """The instances that a reference means: the one it names, the one of our own key, else all."""
        instances = self._instances.get(base, [])
        if key or not instances:
            return [base + key]
        if at.key and any(name.startswith(("each.", "count.")) for name in beside) and base + at.key in instances:
            return [base + at.key]
        return instances

    def _variable(self, name: str, at: Place) -> "tuple[list[str], Place] | None":
        calls = list(_MODULE.finditer(at.module))
        if not calls:
            return None
        last = calls[-1]
        parent = at.module[: last.start()].rstrip(".")
        call = _record(_record(_record(self.module(parent)).get("module_calls")).get(last[1]))
        expression = _record(_record(call.get("expressions")).get(name))
        return list(_maximal(expression.get("references"))), Place(parent, last[2] or "")

    def _output(self, steps: list[tuple[str, str]], at: Place) -> "tuple[list[str], Place] | None":
        name = steps[0][0]
        rest = steps[1:]
        key = f"[{rest[0][1]}]" if rest and rest[0][1] else ""
        rest = rest[1:] if key else rest
        if not rest:
            return None
        path = f"{at.module}.module.{name}" if at.module else f"module.{name}"
        outputs = _record(_record(self.module(path)).get("outputs"))
        expression = _record(_record(outputs.get(rest[0][0])).get("expression"))
        call = _record(_record(_record(self.module(at.module)).get("module_calls")).get(name))
        if not key and at.key and ("for_each_expression" in call or "count_expression" in call):
            key = at.key
        return list(_maximal(expression.get("references"))), Place(path + key, "")


class Configured:
    """What the configuration says of one resource instance."""

    __slots__ = ("_configuration", "_expressions", "_place", "attributes")

    def __init__(self, configuration: Configuration, record: Record | None, place: Place) -> None:
        self._configuration = configuration
        self._expressions = None if record is None else _record(record.get("expressions"))
        self._place = place
        self.attributes: PlanAttributes | None = None

    def configured(self, path: Path) -> bool:
        """Whether anything is written at a path; True where that cannot be told."""
        if self._expressions is None:
            return True
        blocks: list[Any] = [self._expressions]
        for depth, step in enumerate(path):
            if isinstance(step, int):
                continue  # which of several blocks was chosen with the step before
            below = [block[step] for block in blocks if step in block]
            if not below:
                # A value is partly known below a name that is not there: a block of another form wrote it.
                return depth + 1 < len(path)
            index = path[depth + 1] if depth + 1 < len(path) else None
            blocks = []
            for value in below:
                if isinstance(value, list):
                    at = index if isinstance(index, int) else 0
                    blocks += [item for item in self._items(value, path[: depth + 1], at) if isinstance(item, dict)]
                elif not isinstance(value, dict) or not value:
                    return True
                elif is_expression(value):
                    # What was known while planning and is unknown all the same was null: it is left to the provider.
                    if not self._configuration.is_settled(value, self._place):
                        return True
                else:
                    blocks.append(value)
        return bool(blocks)

    def may_hide(self, *, computed: bool) -> bool:
        """Whether a block that is not known may be a `dynamic` one; `computed`: AWS may also have left it open."""
        return self._expressions is not None and (not computed or self._configuration.hides_unknowns)

    def _items(self, blocks: list[Any], at: Path, index: int) -> list[Any]:
        """The written blocks that may be the planned one: sets come in another order, so that constants decide."""
        if len(blocks) <= 1:
            return blocks
        assert self.attributes is not None
        planned = self.attributes.plain((*at, index))
        if not isinstance(planned, dict):
            return blocks
        return [block for block in blocks if _agrees(block, planned)] or blocks

    def edge(self, path: Path, unknown: Unknown) -> Value:
        """An unknown value as a reference to the one resource that it comes from, where that can be told."""
        expression, start = self._expression(path)
        if expression is None:
            return unknown
        targets = self._configuration.targets(expression.get("references"), self._place)
        target = self._choice(targets, path, start)
        return unknown if target is None else Reference(target.address, target.path, unknown)

    def _choice(self, targets: list[Target], path: Path, start: Path) -> Target | None:
        addresses = list(dict.fromkeys(target.address for target in targets))
        if len(addresses) == 1:
            return targets[0] if len(targets) == 1 else Target(addresses[0], "")
        if not targets or path == start:
            return None
        assert self.attributes is not None
        unknown = list(hole_paths(self.attributes.marks(start), start))
        return targets[unknown.index(path)] if len(unknown) == len(targets) and path in unknown else None

    def _expression(self, path: Path) -> tuple[Record | None, Path]:
        """The expression that gives the value at a path, and how much of the path leads to it."""
        found: Any = self._expressions
        for depth, step in enumerate(path):
            if isinstance(found, dict) and is_expression(found):
                return found, path[:depth]
            if isinstance(found, list) and isinstance(step, int):
                items = self._items(found, path[:depth], step)
                found = items[0] if len(items) == 1 else None
            elif isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif not (isinstance(found, dict) and isinstance(step, int)):
                return None, ()
        return (found, path) if isinstance(found, dict) and is_expression(found) else (None, ())


def is_expression(record: Record) -> bool:
    """Whether a record is an expression and not a block: blocks have no such keys, but for an empty one, which reads
    alike."""
    return bool(record) and _CONTROL.issuperset(record)


def _agrees(block: object, planned: Record) -> bool:
    """Whether the constants of a block are those of a planned one."""
    if not isinstance(block, dict):
        return False
    for name, expression in block.items():
        if isinstance(expression, dict) and "constant_value" in expression:
            value = planned.get(name)
            constant = expression["constant_value"]
            if isinstance(value, bool | int | float | str) and str(value).lower() != str(constant).lower():
                return False
    return True


def _maximal(references: object) -> Iterator[str]:
    """The references that are no beginning of another: after each traversal Terraform lists its beginnings too."""
    names = [name for name in references if isinstance(name, str)] if isinstance(references, list) else []
    last = ""
    for name in names:
        if not (last.startswith(name) and last[len(name) : len(name) + 1] in {".", "["}):
            yield name
            last = name


def _path_text(steps: Iterable[tuple[str, str]]) -> str:
    text = "".join(f".{word}" if word else f"[{key}]" for word, key in steps)
    return text.removeprefix(".")


def _record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _records(value: object) -> list[Record]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
