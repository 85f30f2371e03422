"""The law of a control's status: it passes only on evidence, on all of it, and only as far as rules decide it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from compliance_scan.model.framework import Control, ControlState, ControlStatus, Coverage, Exemption, Tally

NAMED = 5
"""How many rules a reason names."""


class Limits(NamedTuple):
    """What a run did not look at, so that nothing passes on the rest alone."""

    left_out: Mapping[str, str] = {}
    """Rules that did not run, each with why: `sees only the live account`."""
    narrowed: Mapping[str, str] = {}
    """Rules that ran on a part of the resources or by weaker values, each with how."""
    unread: int = 0
    """Files, modules and charts that could not be read: any resource may lie in them."""
    only_part: str = ""
    """Why the run speaks of a part of the repository only (`--diff`), else empty."""


NO_LIMITS = Limits()


def status_of(
    framework: str,
    control: Control,
    results: Mapping[str, Tally],
    limits: Limits = NO_LIMITS,
    exemption: Exemption | None = None,
) -> ControlStatus:
    """The status of one control; `results` has an entry for each rule that ran, also where it found nothing.

    A fail decides whatever else is missing, a suppressed one too. An unknown stands before any pass. A pass needs full
    coverage, a pass of every rule that serves the control, and a run without limits: a rule that did not run, found
    nothing or was not applicable leaves only the automated part passed. Without any verdict, a rule that did not run
    or a file that could not be read leaves it unknown. A control that the organisation declared not applicable has no
    other status; what its rules found is counted all the same.
    """
    ran = {rule: results[rule] for rule in control.rules if rule in results}
    total = Tally(*(sum(column) for column in zip(*ran.values(), strict=True))) if ran else Tally()
    silent = [rule for rule in control.rules if not (rule in ran and ran[rule].passed)]
    missing = [rule for rule in control.rules if rule not in ran]
    coverage: Coverage = control.coverage
    manual = control.manual
    lacks = _lacks(control, limits, silent)
    status: ControlState
    if exemption is not None:
        status, reason = "not_applicable", _exempt(exemption, total)
    elif coverage == "manual":
        status, reason = "manual", "no rule decides it; it is for a person"
    elif total.failed:
        status, reason = "fail", f"{_verdicts(total.failed, 'fails', 'fail')}: {_most(ran, 'failed')}"
        if total.suppressed:
            reason += f"; {total.suppressed} of them suppressed"
    elif total.unknown:
        status, reason = "unknown", f"{_verdicts(total.unknown, 'is', 'are')} not known: {_most(ran, 'unknown')}"
    elif total.passed and coverage == "full" and not lacks:
        status, reason = "pass", f"every rule that serves it passes: {_verdicts(total.passed, 'passes', 'pass')}"
    elif total.passed:
        status = "pass_automated_part"
        if coverage == "full":
            coverage, manual = "partial", f"{manual} {_capital(lacks[0])}.".strip()
        part = "what rules decide of it passes" if control.coverage == "partial" else "what was judged passes"
        reason = "; ".join([f"{part}: {_verdicts(total.passed, 'passes', 'pass')}", *lacks])
    elif missing:
        status, reason = "unknown", f"nothing was judged, and did not run: {_left_out(missing, limits)}"
    elif limits.unread or limits.only_part:
        status, reason = "unknown", "; ".join(["nothing was judged", *lacks[-1:]])
    elif total.not_applicable:
        status, reason = "not_applicable", "its rules concern none of the resources that were found"
    else:
        status, reason = "no_resources", "no resource that its rules judge was found"
    return ControlStatus(
        framework,
        control.id,
        status,
        total.passed,
        total.failed,
        total.unknown,
        total.suppressed,
        coverage,
        manual,
        reason,
        tuple(rule for rule, tally in ran.items() if tally.passed or tally.failed or tally.unknown),
        exemption,
    )


def _lacks(control: Control, limits: Limits, silent: list[str]) -> list[str]:
    """Why what passes is not the whole, most telling first."""
    found = []
    if silent and control.coverage == "full":
        found.append(f"without evidence here: {_listed(silent)}")
    narrowed = [f"{rule} {limits.narrowed[rule]}" for rule in control.rules if rule in limits.narrowed]
    if narrowed:
        found.append(_listed(narrowed))
    if limits.only_part:
        found.append(limits.only_part)
    if limits.unread:
        things = "1 thing" if limits.unread == 1 else f"{limits.unread} things"
        found.append(f"{things} could not be read, in which more may lie")
    return found


def _exempt(exemption: Exemption, total: Tally) -> str:
    owner = f" ({exemption.owner})" if exemption.owner else ""
    until = f", until {exemption.until}" if exemption.until else ""
    found = f"; {_verdicts(total.failed, 'fails', 'fail')} all the same" if total.failed else ""
    return f"declared not applicable{until}: {exemption.reason}{owner}{found}"


def _left_out(missing: list[str], limits: Limits) -> str:
    return _listed([f"{rule} ({limits.left_out[rule]})" if rule in limits.left_out else rule for rule in missing])


def _verdicts(number: int, one: str, many: str) -> str:
    return f"1 verdict {one}" if number == 1 else f"{number} verdicts {many}"


def _most(ran: Mapping[str, Tally], column: str) -> str:
    """The rules with most of a kind of verdict."""
    counts = {rule: getattr(tally, column) for rule, tally in ran.items()}
    ranked = sorted((rule for rule, count in counts.items() if count), key=lambda rule: (-counts[rule], rule))
    return _listed([f"{rule} ({counts[rule]})" for rule in ranked])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def tally(verdicts: Iterable[tuple[str, str, bool]], ran: Iterable[str]) -> dict[str, Tally]:
    """Tallies by rule from (rule, verdict, suppressed) of all findings, those that are not reported included; `ran`
    names every rule that was evaluated, so that a rule which found nothing differs from one that did not run."""
    counts = {rule: [0, 0, 0, 0, 0] for rule in ran}
    column = {"pass": 0, "fail": 1, "unknown": 2, "not_applicable": 3}
    for rule, verdict, suppressed in verdicts:
        row = counts.setdefault(rule, [0, 0, 0, 0, 0])
        row[column[verdict]] += 1
        if suppressed and verdict == "fail":
            row[4] += 1
    return {rule: Tally(*row) for rule, row in counts.items()}
