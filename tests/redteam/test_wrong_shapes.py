"""What has a shape that its attribute cannot have is bad input: it crashes no rule, and where the value decided, nothing
passes for it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from tests.redteam.redteam_laws import SEEDS, Case, Seed, Verdicts, judged, literals, replaced, some
from tests.redteam.redteam_world import ruleset

VARIABLE = '\nvariable "red" {}\n'
_CALL = re.compile(r"(?m)^()([ \t]*[a-z_]+)([ \t]*=[ \t]*)(?=jsonencode\()")
_POLICY = re.compile(r"\s*[a-z_]*policy[a-z_]*")


def documents(seed: Seed) -> Iterator[re.Match[str]]:
    """What the example encodes as JSON, each with its whole call as the value."""
    for match in _CALL.finditer(seed.text):
        depth, end = 0, match.end()
        for end in range(match.end(), len(seed.text)):
            depth += (seed.text[end] == "(") - (seed.text[end] == ")")
            if depth == 0 and seed.text[end] == ")":
                break
        whole = re.compile(rf"(?s)()({re.escape(match[2])})({re.escape(match[3])})(.{{{end + 1 - match.end()}}})")
        found = whole.match(seed.text, match.start())
        assert found is not None
        yield found


def plain(seed: Seed) -> Iterator[re.Match[str]]:
    """Literals whose type is known: what stands inside a document has none that it could miss."""
    within = [(match.start(4), match.end(4)) for match in documents(seed)]
    for match in literals(seed):
        if not any(first <= match.start() < last for first, last in within):
            yield match


def looks_for_secrets(seed: Seed) -> bool:
    """Whether the rule passes for whatever is read and holds no secret."""
    rule = ruleset().rule(seed.rule)
    return '"is_secret"' in json.dumps([rule.when, rule.assertion])


def decided_by(seed: Seed, place: re.Match[str], before: Verdicts) -> set[str]:
    """The resources that pass, and of which nothing is known without the value at this place."""
    unknown = judged(seed.rule, seed.but(replaced(seed, place, "var.red") + VARIABLE))
    assert unknown is not None
    passing = {address for address, (verdict, _) in before.items() if verdict == "pass"}
    return {address for address in passing if unknown.get(address, ("", ()))[0] == "unknown"}


def faults(seed: Seed, what: str, after: Verdicts | None, decided: set[str]) -> list[str]:
    """What breaks the law."""
    named = f"{seed.rule} [{seed.name}] {what}"
    if after is None:
        return [f"{named}: cannot be read"]
    passing = [address for address in sorted(decided) if after.get(address, ("gone", ()))[0] == "pass"]
    crashed = [text for _, told in after.values() for text in told if "could not judge" in text]
    return [*(f"{named}: {address} passes" for address in passing), *(f"{named}: {text}" for text in crashed)]


def check(places: list[tuple[Seed, re.Match[str]]], shape: str) -> None:
    """Puts a shape into each place and tells what breaks the law."""

    def make(number: int, seed: Seed, place: re.Match[str]) -> tuple[str, Mapping[str, str]]:
        return str(number), seed.but(replaced(seed, place, shape))

    tried: list[Case] = [(seed, partial(make, number, seed, place)) for number, (seed, place) in enumerate(places)]
    broken: list[str] = []
    for seed, number, files, before in some(tried):
        place = places[int(number)][1]
        decided = decided_by(seed, place, before)
        broken += faults(seed, f"{place[2].strip()} = {place[4]}", judged(seed.rule, files), decided)
    assert tried
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "shape", ['[{ red = "herring" }]', '{ red = ["herring"] }', '[["red"], ["herring"]]', "[null]", "{ red = null }"]
)
def test_a_collection_in_the_place_of_a_plain_value(shape: str) -> None:
    check([(seed, match) for seed in SEEDS for match in plain(seed)], shape)


@pytest.mark.parametrize("shape", ['"red herring"', '"1h"', '"0x10"', '"[3]"'])
def test_text_in_the_place_of_a_number_or_a_flag(shape: str) -> None:
    typed = re.compile(r"\d+|true|false")
    check([(seed, match) for seed in SEEDS for match in plain(seed) if typed.fullmatch(match[4])], shape)


@pytest.mark.parametrize("shape", ['"red herring"', '"{"', '"[1, "', '"<xml/>"'])
def test_text_that_is_no_json_in_the_place_of_a_document(shape: str) -> None:
    check([(seed, match) for seed in SEEDS if not looks_for_secrets(seed) for match in documents(seed)], shape)


STATEMENT = '{ Effect = "EFFECT", Action = { a = 1 }, Resource = 7, Principal = [["*"]], Condition = "red" }'


@pytest.mark.parametrize(
    "shape",
    [
        '"[]"',
        'jsonencode("red")',
        "jsonencode([1, 2])",
        "jsonencode({ Statement = 7 })",
        'jsonencode({ Statement = ["red"] })',
        f"jsonencode({{ Statement = [{STATEMENT.replace('EFFECT', 'Allow')}, {STATEMENT.replace('EFFECT', 'Deny')}] }})",
    ],
)
def test_json_that_is_no_policy_in_the_place_of_one(shape: str) -> None:
    asking = re.compile(r'"(exists|declared|empty)"')  # for any policy, whatever it says
    asks_for_one = {rule.id for rule in ruleset().all() if asking.search(json.dumps(rule.assertion))}
    places = [(seed, match) for seed in SEEDS for match in documents(seed) if _POLICY.fullmatch(match[2])]
    check([(seed, match) for seed, match in places if seed.rule not in asks_for_one], shape)
