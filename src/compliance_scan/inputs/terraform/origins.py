"""Where a value came from: variables, module calls, tfvars files, locals and outputs, one step after the other.

Nothing of this runs for what passes: a path is followed through the expressions again when a finding asks.
"""

from compliance_scan.inputs.terraform.ast import (
    Attribute,
    Call,
    Conditional,
    Expr,
    GetAttr,
    Index,
    Literal,
    ObjectCons,
    Paren,
    Template,
    TupleCons,
    Variable,
)
from compliance_scan.inputs.terraform.blocks import Members
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.instance import ModuleInstance
from compliance_scan.inputs.terraform.nodes import ModuleNode, ResourceInstance, ResourceNode, key_in
from compliance_scan.inputs.terraform.places import Place, descend, place_in
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.inputs.terraform.values import (
    EvalError,
    ListVal,
    MapVal,
    ObjectVal,
    TfValue,
    TupleVal,
    is_null,
    is_unknown,
    unmarked,
)
from compliance_scan.model.resource import Origin
from compliance_scan.model.value import Path, Reference

MAX_HOPS = 40

_THROUGH = frozenset(
    {
        "tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "sensitive", "nonsensitive", "jsonencode",
        "yamlencode", "jsondecode", "lower", "upper", "trimspace", "one",
    }
)  # fmt: skip
"""Functions whose value comes from their one argument."""


def origins_of(place: Place) -> tuple[Origin, ...]:
    """The steps behind a place, nearest first."""
    follower = Follower()
    if place.expr is not None:
        follower.follow(place.expr, place.scope, place.rest)
    return tuple(follower.found)


class Follower:
    """One walk back; each hop goes to the expression that gave the value of the last."""

    def __init__(self) -> None:
        self.found: list[Origin] = []
        self.hops = 0

    def follow(self, expr: Expr, scope: Scope, rest: Path) -> None:
        """Adds what is behind an expression."""
        self.end(expr, scope, rest)

    def end(self, expr: Expr, scope: Scope, rest: Path) -> tuple[Expr, Path]:
        """The expression at which the way back ends, with the steps into it that are not written there."""
        step: tuple[Expr, Scope, Path] | None = (expr, scope, rest)
        last = (expr, rest)
        while step is not None and self.hops < MAX_HOPS:
            self.hops += 1
            last = (step[0], step[2])
            step = self._step(*step)
        return last

    def _step(self, expr: Expr, scope: Scope, rest: Path) -> tuple[Expr, Scope, Path] | None:
        if isinstance(expr, Paren):
            return expr.inner, scope, rest
        if isinstance(expr, Template):
            only = expr.parts[0] if len(expr.parts) == 1 and not expr.heredoc else None
            return (only, scope, rest) if isinstance(only, Expr) else None
        if isinstance(expr, Conditional):
            condition = _value(expr.condition, scope)
            if condition is True or condition == "true":
                return expr.then, scope, rest
            return (expr.otherwise, scope, rest) if condition is False or condition == "false" else None
        if isinstance(expr, ObjectCons | TupleCons):
            return self._literal(expr, scope, rest)
        if isinstance(expr, Call):
            return self._call(expr, scope, rest)
        if isinstance(expr, Variable | GetAttr | Index):
            return self._traversal(expr, scope, rest)
        return None

    def _literal(self, expr: ObjectCons | TupleCons, scope: Scope, rest: Path) -> tuple[Expr, Scope, Path] | None:
        """Into a literal: the last step told becomes the very item."""
        if not rest:
            return None
        place = descend(Place(expr.file, expr.start, expr.end, expr, scope, rest))
        if place.expr is None or place.expr is expr:
            return None
        if self.found:
            self.found[-1] = self.found[-1]._replace(span=place.span)
        return place.expr, scope, place.rest

    def _call(self, expr: Call, scope: Scope, rest: Path) -> tuple[Expr, Scope, Path] | None:
        args = expr.args
        if expr.expand or not args:
            return None
        if expr.name in _THROUGH:
            return args[0], scope, rest
        if expr.name == "merge" and rest:
            for arg in reversed(args):
                value = _value(arg, scope)
                if isinstance(value, MapVal | ObjectVal) and rest[0] in value.items:
                    return arg, scope, rest
                if value is None or is_unknown(value):
                    return None
        elif expr.name == "lookup" and len(args) > 1:
            key = _value(args[1], scope)
            table = _value(args[0], scope)
            if isinstance(key, str) and isinstance(table, MapVal | ObjectVal):
                if key in table.items:
                    return args[0], scope, (key, *rest)
                return (args[2], scope, rest) if len(args) > 2 else None
        elif expr.name in {"coalesce", "try"}:
            for arg in args:
                value = _value(arg, scope)
                if value is not None and is_unknown(value):
                    return None
                if value is not None and (expr.name == "try" or (not is_null(value) and value != "")):
                    return arg, scope, rest
        elif expr.name == "concat" and rest and isinstance(rest[0], int):
            index = rest[0]
            for arg in args:
                value = _value(arg, scope)
                if not isinstance(value, TupleVal | ListVal):
                    return None
                if index < len(value.items):
                    return arg, scope, (index, *rest[1:])
                index -= len(value.items)
        return None

    def _traversal(self, expr: Expr, scope: Scope, rest: Path) -> tuple[Expr, Scope, Path] | None:
        steps: list[str | int | None] = []
        while not isinstance(expr, Variable):
            if isinstance(expr, GetAttr):
                steps.append(expr.name)
            elif isinstance(expr, Index):
                steps.append(_key(expr.key, scope))
            else:
                return None
            expr = expr.of
        if None in steps:
            return None
        path: Path = (*(step for step in reversed(steps) if step is not None), *rest)
        try:
            space = scope.name(expr.name)
        except EvalError:
            return None
        if isinstance(space, Members):
            return self._repetition(space, path)
        instance = _instance(scope)
        return None if instance is None else self._named(expr.name, instance, path)

    def _repetition(self, members: Members, path: Path) -> tuple[Expr, Scope, Path] | None:
        """`each.value`, an iterator's `value`: an item of the collection."""
        origin = members.origin
        if origin is None or path[:1] != ("value",):
            return None
        return origin.expr, origin.scope, (origin.key, *path[1:])

    def _named(self, root: str, instance: ModuleInstance, path: Path) -> tuple[Expr, Scope, Path] | None:
        if not path or not isinstance(path[0], str):
            return None
        name = path[0]
        if root == "var":
            return self._variable(instance, name, path[1:])
        if root == "local":
            attribute = instance.declared.locals.get(name)
            return None if attribute is None else self._at(f"local {name}", attribute, instance, path[1:])
        if root == "module":
            return self._module(instance, path)
        mode, kind = ("data", path[0]) if root == "data" else ("managed", root)
        path = path[1:] if root == "data" else path
        return self._resource(instance, mode, kind, path) if path else None

    def _at(self, message: str, attribute: Attribute, scope: Scope, rest: Path) -> tuple[Expr, Scope, Path]:
        span = attribute.file.span(attribute.start, attribute.end)
        self.found.append(Origin(message, span))
        return attribute.expr, scope, rest

    def _variable(self, instance: ModuleInstance, name: str, rest: Path) -> tuple[Expr, Scope, Path] | None:
        block = instance.declared.variables.get(name)
        if block is None:
            return None
        message = f"variable {name}"
        given = instance.program.inputs.given(name) if instance.parent is None else None
        if given is not None and given.attribute is None:
            message += f", given by {given.origin}"
        self.found.append(Origin(message, block.file.span(block.start, block.header_end)))
        if instance.parent is not None:
            assert instance.call_block is not None
            argument = instance.call_block.body.attributes.get(name)
            if argument is not None and instance.call_scope is not None:
                where = f"set by the call of {instance.module}"
                return self._at(where, argument, instance.call_scope, rest)
        elif given is not None:
            if given.attribute is None:
                return None
            return self._at(f"set in {given.attribute.file.path}", given.attribute, instance, rest)
        default = block.body.attributes.get("default")
        return None if default is None else self._at(f"default of variable {name}", default, instance, rest)

    def _module(self, instance: ModuleInstance, path: Path) -> tuple[Expr, Scope, Path] | None:
        node = instance.call(str(path[0]))
        if not isinstance(node, ModuleNode) or not node.instances:
            return None
        rest = path[1:]
        child = node.instances.get(None)
        if child is None and rest:
            found = _member(node, rest[0])
            child, rest = (found if isinstance(found, ModuleInstance) else None), rest[1:]
        if child is None or not rest:
            return None
        block = child.declared.outputs.get(str(rest[0]))
        attribute = block.body.attributes.get("value") if block is not None else None
        if attribute is None:
            return None
        return self._at(f"output {rest[0]} of {child.module}", attribute, child, rest[1:])

    def _resource(self, instance: ModuleInstance, mode: str, kind: str, path: Path) -> tuple[Expr, Scope, Path] | None:
        node = instance.resource(mode, kind, str(path[0]))
        if not isinstance(node, ResourceNode):
            return None
        rest = path[1:]
        one = None
        if node.expansion.mode == "single":
            one = node.instances()[0]
        elif rest:
            found = _member(node, rest[0])
            one, rest = (found if isinstance(found, ResourceInstance) else None), rest[1:]
        if one is None or not rest:
            return None
        if kind == "aws_iam_policy_document" and rest[0] in {"json", "minified_json"} and rest[1:2] == ("Statement",):
            rest = ("statement", *rest[2:3])
        place = place_in(one.block.body, one.scope, rest)
        if place is None:
            return None
        self.found.append(Origin(f"{one.address}", place.span, one.address))
        return None if place.expr is None else (place.expr, place.scope, place.rest)


def _member(node: ModuleNode | ResourceNode, key: str | int) -> object:
    try:
        return node.item(key)
    except EvalError:
        return None


def _instance(scope: Scope) -> ModuleInstance | None:
    """The module instance behind a scope."""
    while not isinstance(scope, ModuleInstance):
        outer = getattr(scope, "outer", None)
        if outer is None:
            return None
        scope = outer
    return scope


def _key(expr: Expr, scope: Scope) -> str | int | None:
    if isinstance(expr, Literal) and isinstance(expr.value, int | str):
        return expr.value
    value = _value(expr, scope)
    if value is None:
        return None
    try:
        key = key_in(value)
    except EvalError:
        return None
    return key if isinstance(key, int | str) else None


def _value(expr: Expr, scope: Scope) -> TfValue | None:
    """A value without marks and edges; None for an error."""
    try:
        value, _ = unmarked(evaluate(expr, scope))
    except EvalError:
        return None
    while isinstance(value, Reference):
        value, _ = unmarked(value.value)  # type: ignore[arg-type]
    return value
