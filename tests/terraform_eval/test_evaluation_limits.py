"""Hostile expressions end in an unknown within bounded time and memory."""

import time
from typing import Any

import pytest

from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.inputs.terraform.values import EvalError, TupleVal, cause_of, is_unknown
from compliance_scan.model.value import Unknown
from tests.terraform_eval.expressions import value


@pytest.mark.parametrize(
    "source",
    [
        'indent(1000000000, "a\\nb")',
        'format("%1000000d", 1)',
        'format("%999999999s", "")',
        "setproduct(range(1000), range(1000))",
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]",
        "1e999999999",
        "1e4000 * 1e4000",
        'tonumber("1e999999")',
        'parseint("' + "9" * 9000 + '", 10)',
        'yamldecode("' + "[" * 1000 + "]" * 1000 + '")',
        'jsondecode("' + "[" * 50_000 + "]" * 50_000 + '")',
        'yamldecode("a: &a [1,1,1,1,1,1,1,1,1,1]\\nb: &b [' + ",".join(["*a"] * 20) + "]\\nc: &c ["
        + ",".join(["*b"] * 20) + "]\\nd: &d [" + ",".join(["*c"] * 20) + "]\\ne: [" + ",".join(["*d"] * 20) + ']")',
        'replace("' + "a" * 4000 + '", "a", "' + "b" * 4000 + '")',
    ],
)  # fmt: skip
def test_limits(source: str) -> None:
    start = time.perf_counter()
    found = value(source)
    assert isinstance(found, Unknown)
    assert found.cause == "limit_reached"
    assert time.perf_counter() - start < 3


def test_text_that_doubles_ends() -> None:
    text: Any = "x" * 64
    for _ in range(40):
        text = value('"${var.t}${var.t}"', t=text)
    assert is_unknown(text)
    assert cause_of(text).cause == "limit_reached"


def test_collections_that_double_end() -> None:
    items: Any = value('["x", "y"]')
    for _ in range(60):
        items = value("[var.i, var.i]", i=items)
    assert not isinstance(items, Unknown) or items.cause == "limit_reached"
    start = time.perf_counter()
    to_model(items)
    nested = "x"
    for depth in range(40):
        nested = f"[for v{depth} in [{nested if depth else '1'}] : [v{depth}, v{depth}]]"
    value(nested)
    assert time.perf_counter() - start < 5


def test_range_has_terraforms_own_limit() -> None:
    with pytest.raises(EvalError):
        value("range(0, 1e9)")


def test_a_pattern_that_would_backtrack_for_ever() -> None:
    start = time.perf_counter()
    with pytest.raises(EvalError):
        value('regex("^(a+)+$", "' + "a" * 4000 + '!")')
    assert time.perf_counter() - start < 1


def test_deep_values_are_cut() -> None:
    deep: Any = TupleVal([])
    for _ in range(100_000):
        deep = TupleVal([deep])
    found: Any = to_model(deep)
    while isinstance(found, list):
        found = found[0]
    assert isinstance(found, Unknown)
    assert value("jsonencode(var.d)", d=deep) is not None
    assert isinstance(value("tolist([var.d, 1])", d=deep), Unknown)


def test_long_chains_of_operators() -> None:
    assert value("1" + " + 1" * 200) == 201
    assert value(" ".join(f"false ? {i} :" for i in range(200)) + " 7") == 7
