"""The law of a control's status: it passes only on evidence, on all of it, and only as far as rules decide it."""

from collections.abc import Iterable, Mapping

from compliance_scan.model.framework import Control, ControlState, ControlStatus, Coverage, Tally


def status_of(framework: str, control: Control, results: Mapping[str, Tally]) -> ControlStatus:
    """The status of one control; `results` has an entry for each rule that ran, also where it found nothing.

    A fail decides whatever else is missing, a suppressed one too. An unknown stands before any pass. A pass needs full
    coverage and a pass of every rule that serves the control: a rule that did not run, found nothing or was not
    applicable leaves only the automated part passed. Without any verdict, a rule that did not run leaves it unknown.
    """
    ran = [results[rule] for rule in control.rules if rule in results]
    passed, failed = sum(tally.passed for tally in ran), sum(tally.failed for tally in ran)
    unknown, suppressed = sum(tally.unknown for tally in ran), sum(tally.suppressed for tally in ran)
    silent = [rule for rule in control.rules if not (rule in results and results[rule].passed)]
    coverage: Coverage = control.coverage
    manual = control.manual
    status: ControlState
    if coverage == "manual":
        status = "manual"
    elif failed:
        status = "fail"
    elif unknown:
        status = "unknown"
    elif passed and coverage == "full" and not silent:
        status = "pass"
    elif passed:
        status, coverage = "pass_automated_part", "partial"
        manual = _with_silent(manual, silent)
    elif len(ran) < len(control.rules):
        status = "unknown"
    elif any(tally.not_applicable for tally in ran):
        status = "not_applicable"
    else:
        status = "no_resources"
    return ControlStatus(framework, control.id, status, passed, failed, unknown, suppressed, coverage, manual)


def _with_silent(manual: str, silent: Iterable[str]) -> str:
    """The manual part with the rules that brought no evidence, so that a reader sees why the pass is not whole."""
    names = ", ".join(silent)
    note = f"Without evidence here: {names}." if names else ""
    return f"{manual} {note}".strip()


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
