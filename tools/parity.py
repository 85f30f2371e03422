"""Writes `docs/parity.md`: which rules say the same of an account as of code, tried against the stand-in.

`python tools/parity.py [--fast] [RULE ...]` prints the outcomes of some rules; without names it tries all and writes
the page. `--fast`: one pass and one fail example a rule.
"""

import os
import sys
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from compliance_scan.inputs.aws.standin import StandIn
from tests.live.parity import Outcome, Parity

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "parity.md")


def main(arguments: list[str]) -> int:
    """1 where a rule says otherwise of the account."""
    names = [name for name in arguments if not name.startswith("--")]
    most = 1 if "--fast" in arguments else 100
    outcomes: list[Outcome] = []
    for managed in (False, True):
        environment = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"} if managed else {}
        with StandIn(environment=environment) as standin:
            parity = Parity(standin)
            for rule in parity.rules():
                if parity.needs_managed_policies(rule) is managed and (not names or rule.id in names):
                    found = list(parity.run(rule, most=most))
                    outcomes += found
                    for each in found:
                        print(*each, sep=" | ", flush=True)
    if not names:
        with open(PAGE, "w", encoding="utf-8") as out:
            out.write(page(outcomes, fast=most == 1))
    states = Counter(each.state for each in outcomes)
    print(f"{len(same(outcomes))} rules say the same; examples: {dict(states)}")
    return int(states["differs"] > 0)


def same(outcomes: list[Outcome]) -> list[str]:
    """The rules that say the same in a pass and in a fail example, and nowhere otherwise."""
    by_rule: dict[str, list[Outcome]] = {}
    for each in outcomes:
        by_rule.setdefault(each.rule, []).append(each)
    return [
        rule
        for rule, several in by_rule.items()
        if sum(each.state == "same" for each in several) >= min(2, len(several))
        and not any(each.state == "differs" for each in several)
    ]


def page(outcomes: list[Outcome], *, fast: bool) -> str:
    """The page."""
    tried = "a pass and a fail example" if fast else "the pass and fail examples"
    good = set(same(outcomes))
    rest = [each for each in outcomes if each.rule not in good and each.state != "same"]
    lines = [
        "# Parity of code and account",
        "",
        f"Written by `python tools/parity.py{' --fast' * fast}`: {tried} of each rule",
        "for AWS are made in the stand-in,",
        "collected and judged again.",
        "",
        f"{len(good)} rules say the same of the account as of the code in a pass and in a fail example.",
        "",
        "## Rules that do not, with the first reason",
        "",
        "| rule | reason |",
        "|---|---|",
    ]
    seen: set[str] = set()
    for each in rest:
        if each.rule not in seen:
            seen.add(each.rule)
            reason = " ".join(each.reason.replace("|", "\\|").split())[:200]
            lines.append(f"| `{each.rule}` | {each.example}: {reason} |")
    lines += ["", "## Rules that do", "", ", ".join(f"`{name}`" for name in sorted(good)), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
