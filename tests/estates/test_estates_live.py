"""The estates on a stand-in's account: a sample at each run, all statements in the slow tests."""

from collections.abc import Iterator

import pytest

pytest.importorskip("moto", reason="the stand-in needs moto[server]")

from compliance_scan.inputs.aws.standin import StandIn
from tools import estates
from tools.estates import Break, Estate
from tools.estates_live import MANAGED, Live

BY_NAME = {estate.name: estate for estate in estates.estates()}
SAMPLE = ("D-03", "D-05", "D-12", "D-13")
"""Over groups and their rules, alarms and policies."""


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with StandIn(environment=MANAGED) as standin:
        yield Live(standin)


def only(estate: Estate, names: tuple[str, ...]) -> Estate:
    return estate._replace(statements=tuple(each for each in estate.statements if each.id in names))


def test_a_sample_passes_on_the_account_and_fails_after_one_change(live: Live) -> None:
    seen = live.judge(only(BY_NAME["toss"], SAMPLE))
    assert {name: each["shown"] for name, each in seen.items()} == dict.fromkeys(SAMPLE, True), seen


def test_a_change_that_breaks_nothing_shows_nothing(live: Live) -> None:
    estate = only(BY_NAME["toss"], ("D-03",))
    harmless: list[Break] = [
        each._replace(replace=each.find) if each.statement == "D-03" else each for each in estate.breaks
    ]
    seen = live.judge(estate._replace(breaks=tuple(harmless)))
    assert not seen["D-03"]["shown"]
    assert seen["D-03"]["reason"].startswith("after the change")


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_listed_is_what_the_account_shows(live: Live, name: str) -> None:
    seen = live.judge(BY_NAME[name])
    listed = estates.live(BY_NAME[name])
    assert {key: each["shown"] for key, each in seen.items()} == {key: each["shown"] for key, each in listed.items()}
    assert {(key, rule) for key, each in seen.items() for rule in each.get("beyond", ())} <= {
        (key, rule) for key, each in listed.items() for rule in each.get("beyond", ())
    }
