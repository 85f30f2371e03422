"""The table of planes over real rules: what each says of code, state and account, in all combinations."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from compliance_scan.beside import beside
from compliance_scan.evaluate import evaluate
from compliance_scan.model.rule import instance_of
from compliance_scan.planes.normal import HOLE, known
from compliance_scan.planes.rows import rows
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import load_example
from compliance_scan.shape.world import World
from tests.planes import sides
from tests.planes.sides import both, code, live, state

RULES, CATALOG = Ruleset.open(), sides.CATALOG
MEANINGS = {
    ("pass", "pass", "pass"): "pass",
    ("pass", "pass", "fail"): "changed_in_console",
    ("pass", "fail", "pass"): "pass",
    ("pass", "fail", "fail"): "fixed_in_code_not_applied",
    ("fail", "pass", "pass"): "broken_in_code_not_applied",
    ("fail", "pass", "fail"): "bad_everywhere",
    ("fail", "fail", "pass"): "fixed_in_console",
    ("fail", "fail", "fail"): "bad_everywhere",
    ("pass", None, "pass"): "pass",
    ("fail", None, "fail"): "bad_everywhere",
    ("pass", None, "fail"): "cannot_tell",
    ("fail", None, "pass"): "cannot_tell",
    (None, "pass", "pass"): "pass",
    (None, "pass", "fail"): "changed_in_console",
    (None, "fail", "pass"): "fixed_in_console",
    (None, "fail", "fail"): "bad_everywhere",
    ("pass", None, None): "resource_only_in_code",
    ("fail", None, None): "resource_only_in_code",
    (None, None, "pass"): "resource_only_live",
    (None, None, "fail"): "resource_only_live_bad",
}


class Case(NamedTuple):
    """A rule whose examples hold one resource each."""

    rule: str
    kind: str
    texts: dict[str, str]
    values: dict[str, dict[str, Any]]


def cases() -> Iterator[Case]:
    for rule in RULES.all():
        if rule.provider != "aws" or not {"code", "state", "live"} <= set(rule.planes) or len(rule.resource) != 1:
            continue
        texts: dict[str, str] = {}
        values: dict[str, dict[str, Any]] = {}
        for example in RULES.prose(rule.id).examples:
            verdict = next((each for each in ("pass", "fail") if example.get(each)), None)
            if verdict is None or verdict in texts or "terraform" not in example or example.get("with"):
                continue
            found = load_example(example).resources
            if len(found) == 1 and found[0].type == rule.resource[0] and found[0].mode == "managed":
                given = {name: known(found[0].attributes[name]) for name in found[0].attributes}
                if HOLE not in given.values():
                    texts[verdict] = example["terraform"].replace(f'"{found[0].name}"', '"x"', 1)
                    values[verdict] = {**empty(rule.resource[0]), **given, "id": "i-1", "arn": None}
        if len(texts) == 2:
            yield Case(rule.id, rule.resource[0], texts, values)


def empty(kind: str) -> dict[str, Any]:
    """Every attribute of a type, null or none."""
    facts = CATALOG.type(kind)
    assert facts is not None
    fields = {name: facts.hidden.get(name) or facts.root.field(name) for name in facts.root.names()}
    return {
        name: [] if field.nested else field.default if field.has_default else None
        for name, field in fields.items()
        if field is not None and (name not in facts.folds or facts.hidden.get(name) is not None)
    }


def verdicts(case: Case, world: World) -> list[str]:
    instance = instance_of(RULES.rule(case.rule))
    return [each.verdict for each in evaluate([instance], world)]


def laid(case: Case, folder: Path, said: str | None, applied: str | None, now: str | None) -> tuple[World, World]:
    parts = []
    if said is not None:
        parts.append(code(case.texts[said], folder))
    if applied is not None:
        parts.append(state(folder, (case.kind, "x", case.values[applied])))
    nothing = World(type(live().inventory)(), CATALOG, as_of=live().as_of)
    declared = nothing if not parts else parts[0] if len(parts) == 1 else both(*parts)
    account = live((case.kind, "i-1", case.values[now])) if now is not None else live()
    return declared, account


@pytest.mark.slow
def test_at_least_sixty_rules(tmp_path: Path) -> None:
    held = 0
    for case in cases():
        single = [
            verdicts(case, world)
            for told in ("pass", "fail")
            for world in (
                code(case.texts[told], tmp_path),
                state(tmp_path, (case.kind, "x", case.values[told])),
                live((case.kind, "i-1", case.values[told])),
            )
        ]
        if single != [["pass"]] * 3 + [["fail"]] * 3:
            continue  # what silence means differs from plane to plane: not this rule's part
        held += 1
        instance = instance_of(RULES.rule(case.rule))
        for said, applied, now in itertools.product((None, "pass", "fail"), repeat=3):
            expected = MEANINGS.get((said, applied, now))
            if expected is None or (now is not None and said is not None and applied is None):
                continue  # without a state nothing here names the live resource
            declared, account = laid(case, tmp_path, said, applied, now)
            made = beside([instance], declared, account, notes=[])
            told = [
                (row.code, row.state, row.live, row.told.meaning)
                for row in rows(made.groups, made.verdicts, has_declared=True)
            ]
            if now is None:
                assert [each[:2] for each in told] == [(said, applied)], case.rule
            else:
                assert told == [(said, applied, now, expected)], case.rule
    assert held >= 60, held
