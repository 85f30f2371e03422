"""What a run does not look at, so that no control passes on the rest alone."""

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from compliance_scan.control_report import Question
from compliance_scan.frameworks.status import Limits

if TYPE_CHECKING:
    from compliance_scan.choice import Choice
    from compliance_scan.model.rule import Instance, Rule
    from compliance_scan.scan import Request


def question(choice: "Choice", request: "Request", planes: AbstractSet[str]) -> Question:
    """What to say of the controls of the selected frameworks, on the planes of what was read.

    On code a wanted rule that is no instance found no resource of its types. An account is only asked for what the
    instances read, so there a rule that is none did not run.
    """
    assert choice.frameworks is not None
    ran = {instance.rule.id for instance in choice.instances}
    wanted = {instance.rule.id: instance.rule for instance in choice.rules_of(request, None)}
    left_out = {
        rule.id: why
        for rule in choice.ruleset.all()
        if (why := _unseen(rule, planes) or ("" if rule.id in ran or rule.id in wanted else _left_out(rule, choice)))
    }
    idle = frozenset(wanted.keys() - ran - left_out.keys())
    if planes == {"live"}:
        left_out |= dict.fromkeys(sorted(idle), "judges what was not collected")
        idle = frozenset()
    limits = Limits(left_out, _narrowed(choice.instances), 0, _only_part(request))
    profile = choice.profile
    exemptions = profile.exemptions_of(choice.frameworks, choice.selected, request.as_of) if profile else {}
    return Question(choice.frameworks, choice.selected, limits, idle, exemptions)


def _unseen(rule: "Rule", planes: AbstractSet[str]) -> str:
    if planes and planes.isdisjoint(rule.planes):
        return f"sees only the {' and the '.join(rule.planes)} plane"
    return ""


def _left_out(rule: "Rule", choice: "Choice") -> str:
    if rule.status == "preview":
        return "is in preview"
    unset = [name for name, parameter in rule.parameters.items() if parameter.default is None]
    if unset:
        return f"needs a value for {unset[0]}"
    if choice.profile and choice.profile.only_named:
        return "is not named by the profile"
    return "was left out"


def _narrowed(instances: "list[Instance]") -> dict[str, str]:
    """Rules of which no instance judges every resource by the rule's own values."""
    found: dict[str, str] = {}
    whole: set[str] = set()
    for each in instances:
        own = all(
            each.parameters[name] == parameter.default or parameter.default is None
            for name, parameter in each.rule.parameters.items()
        )
        if each.scope is not None:
            found.setdefault(each.rule.id, "judged a part of the resources only")
        elif not own:
            found[each.rule.id] = "judged by other values than its own"
        else:
            whole.add(each.rule.id)
    return {rule: how for rule, how in found.items() if rule not in whole}


def _only_part(request: "Request") -> str:
    if request.diff is not None:
        return f"only what differs from {request.diff} was judged"
    if request.changed:
        return "only what the changed files reach was judged"
    return "files were left out by --include or --exclude" if request.include or request.exclude else ""
