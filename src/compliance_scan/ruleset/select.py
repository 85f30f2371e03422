"""Which rules a run judges, with which parameters and where: rules to instances."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compliance_scan.model.finding import SEVERITIES, Severity
from compliance_scan.model.rule import Instance, Rule, Scope, instance_of
from compliance_scan.ruleset import Ruleset

if TYPE_CHECKING:
    from compliance_scan._yaml import Document, Place

INSTANCE_KEYS = ("rule", "as", "only", "with", "statement", "severity", "unmet")
UNMET = ("fail", "ignore")
"""What a promise is that finds nothing to judge, where the profile asks for it at all."""
PLAN = "architecture-plan"
"""The objective of rules that hold an organisation to its own plan: they say nothing to those who have another."""
SCOPE_KEYS = ("type", "address", "name", "tags")


def select(
    ruleset: Ruleset,
    *,
    types: Iterable[str] | None = None,
    rules: Sequence[str] = (),
    skip: Sequence[str] = (),
    keep: Callable[[Rule], bool] | None = None,
    profile: Sequence[Instance] = (),
    preview: bool = False,
    severity: Severity = "info",
) -> list[Instance]:
    """The instances of a run, by rule and name.

    `types`: the resource types at hand (None: any). `rules`: only these, by id or code; those in preview, deprecated or
    of a plan run only when they are among them. `keep`: a further filter over rules, as a framework's. `profile`: its
    instances replace the plain rule. `severity`: the lowest wanted. Raises `UsageError` for an unknown name. A rule
    with a parameter that nobody set is not run.
    """
    named = {ruleset.rule(name).id for name in rules}
    skipped = {ruleset.rule(name).id for name in skip}
    candidates = ruleset.all() if types is None else ruleset.for_types(types)
    present = {rule.id for rule in candidates}
    replaced = {instance.rule.id for instance in profile}
    chosen = [instance for instance in profile if instance.rule.id in present]
    for rule in candidates:
        if rule.id in replaced or (rule.id not in named and _waits(rule, preview=preview)):
            continue
        chosen.append(instance_of(rule))
    lowest = SEVERITIES.index(severity)
    return sorted(
        (
            instance
            for instance in chosen
            if instance.rule.id not in skipped
            and (not named or instance.rule.id in named)
            and (keep is None or keep(instance.rule))
            and SEVERITIES.index(instance.severity) <= lowest
            and None not in instance.parameters.values()
        ),
        key=lambda instance: (instance.rule.id, instance.name),
    )


def _waits(rule: Rule, *, preview: bool) -> bool:
    """Whether a rule runs only where somebody names it."""
    return bool(rule.deprecated) or PLAN in rule.objectives or (rule.status == "preview" and not preview)


def read_instances(document: "Document", place: "Place", ruleset: Ruleset) -> list[Instance]:
    """A profile's instances at a place: a list of `{rule, as, only, with, statement, severity, unmet}`, or a rule's id.

    Raises `ConfigError` with file and line.
    """
    value: Any = document.data
    for step in place:
        value = value[step]
    if not isinstance(value, list):
        raise document.error(place, "a list of rule instances is expected")
    out: list[Instance] = []
    names: dict[str, int] = {}
    for index, item in enumerate(value):
        instance = _instance(document, (*place, index), item, ruleset)
        if instance.name in names:
            raise document.error((*place, index), f"the instance `{instance.name}` stands twice", "name one with `as:`")
        names[instance.name] = index
        out.append(instance)
    return out


def _instance(document: "Document", place: "Place", item: Any, ruleset: Ruleset) -> Instance:
    from compliance_scan._yaml import nearest

    if isinstance(item, str):
        item = {"rule": item}
    document.require_keys(place, item, INSTANCE_KEYS, ("rule",))
    known = set(ruleset.ids())
    if item["rule"] not in known:
        raise document.error((*place, "rule"), f"unknown rule `{item['rule']}`{nearest(str(item['rule']), known)}")
    rule = ruleset.rule(item["rule"])
    severity = item.get("severity", rule.severity)
    if severity not in SEVERITIES:
        raise document.error((*place, "severity"), f"`{severity}` is none of {', '.join(SEVERITIES)}")
    statement = item.get("statement", [])
    unmet = item.get("unmet", "fail")
    if unmet not in UNMET:
        raise document.error((*place, "unmet"), f"`{unmet}` is none of {', '.join(UNMET)}")
    return Instance(
        rule,
        _text(document, (*place, "as"), item.get("as", rule.id)),
        parameters_of(document, (*place, "with"), rule, item.get("with") or {}),
        severity,
        _scope(document, (*place, "only"), item["only"], rule.resource) if item.get("only") is not None else None,
        _patterns(document, (*place, "statement"), statement),
        unmet == "ignore",
    )


def parameters_of(document: "Document", place: "Place", rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter's value, type-checked; raises `ConfigError`."""
    from compliance_scan.operators.kit import arguments
    from compliance_scan.ruleset.bind import argument_problem

    document.require_keys(place, given, rule.parameters, (), "parameter")
    values = {parameter.name: parameter.default for parameter in rule.parameters.values()}
    for name, value in given.items():
        kind = rule.parameters[name].type
        if not arguments.fits(value, kind):
            raise document.error((*place, name), f"`{name}` must be {kind}")
        values[name] = value
    problem = argument_problem(rule, values)
    if problem:
        raise document.error(place, problem)
    return values


def _scope(document: "Document", place: "Place", value: Any, types: Sequence[str]) -> Scope:
    from compliance_scan._yaml import nearest

    document.require_keys(place, value, SCOPE_KEYS)
    for pattern in _patterns(document, (*place, "type"), value.get("type", [])):
        near = nearest(pattern, types)  # what is nothing like it may be another name of one, as `aws_alb` is
        if near and pattern not in types and not set("*?") & set(pattern) and not pattern.startswith("aws_alb"):
            raise document.error((*place, "type"), f"the rule does not judge `{pattern}`{near}")
    tags = value.get("tags") or {}
    if not isinstance(tags, dict):
        raise document.error((*place, "tags"), "`tags` maps names to values")
    return Scope(
        _patterns(document, (*place, "type"), value.get("type", [])),
        _patterns(document, (*place, "address"), value.get("address", [])),
        _patterns(document, (*place, "name"), value.get("name", [])),
        {name: _patterns(document, (*place, "tags", name), item) for name, item in tags.items()},
    )


def _patterns(document: "Document", place: "Place", value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_text(document, place, item) for item in items)


def _text(document: "Document", place: "Place", value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str) or not value:
        raise document.error(place, "text is expected")
    return value
