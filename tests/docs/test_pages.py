"""The pages that are made from rules: current, whole, and honest about what is not covered."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from compliance_scan.ruleset import Ruleset

REPOSITORY = Path(__file__).resolve().parents[2]
WANTED = REPOSITORY.parent / "shared" / "frameworks" / "rules_wanted.csv"


def tool(name: str) -> ModuleType:
    """A module of tools/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", REPOSITORY / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_rule_has_its_page_and_no_page_is_left_over() -> None:
    pages = {path.stem for path in (REPOSITORY / "docs" / "rules").glob("*.md")} - {"index"}
    assert pages == set(Ruleset.open().ids()), "run `make docs`"


def test_pages_are_as_they_would_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    stale = tool("docs").main(["--check"])
    assert stale == 0, capsys.readouterr().out


@pytest.mark.skipif(not WANTED.exists(), reason="the list of wanted requirements, ../shared/frameworks, is not here")
def test_what_is_not_covered_has_its_reason() -> None:
    coverage = tool("rule_coverage")
    found = coverage.requirements(Ruleset.open().all())
    for provider in ("aws", "kubernetes"):
        inside = [one for one in found if one.provider == provider]
        sys.stdout.write(f"\n{provider}: {coverage.share(inside)}\n")
        services = {one.service: [each for each in inside if each.service == one.service] for one in inside}
        for service, listed in sorted(services.items()):
            sys.stdout.write(f"  {service}: {coverage.share(listed)}\n")
        assert sum(bool(one.same or one.related) for one in inside) >= 0.95 * len(inside)
    first = [one for one in found if one.provider == "aws" and one.rank <= 200 and not (one.same or one.related)]
    assert first == [], "of the first ranks nothing is left out"
    assert [one.id for one in found if not (one.same or one.related or one.reason)] == []
