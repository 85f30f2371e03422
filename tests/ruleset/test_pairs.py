"""No two rules of the pack speak of one cause: where they always fail together, one yields or the reason is written."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import yaml

from compliance_scan.ruleset import Ruleset
from compliance_scan.shape.catalog import Catalog

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def pairs_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_pairs", TOOLS / "pairs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_pairs_that_always_fail_together_are_settled() -> None:
    tool, ruleset, catalog = pairs_tool(), Ruleset.open(), Catalog.open()
    together = set(tool.pairs(ruleset, catalog))
    explained = {tuple(one["rules"]) for one in yaml.safe_load((TOOLS / "pairs.yaml").read_text())}
    yielding = {pair for pair in together if _yields(ruleset, *pair)}
    assert together, "the search finds the pairs that are settled"
    assert together - explained - yielding == set()
    assert explained <= together, "these no longer fail together: take their reasons out"


def _yields(ruleset: Ruleset, first: str, second: str) -> bool:
    return second in ruleset.rule(first).yields_to or first in ruleset.rule(second).yields_to
