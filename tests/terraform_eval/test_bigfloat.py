"""Terraform's numbers against exact fractions."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.inputs.terraform.operators.bigfloat import (
    Num,
    add,
    compare,
    divide,
    from_float,
    modulo,
    multiply,
    parse_number,
    parts,
    subtract,
)
from compliance_scan.inputs.terraform.operators.decimaltext import text

decimals = st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e-?[0-9]{1,2})?", fullmatch=True)


def number(literal: str) -> Num:
    found = parse_number(literal)
    assert found is not None
    return found


def exact(value: Num) -> Fraction:
    m, e = parts(value)
    return Fraction(m) * Fraction(2) ** e


def close(found: Num, truth: Fraction) -> bool:
    """Within half a unit in the last of 512 bits."""
    return abs(exact(found) - truth) <= abs(truth) * Fraction(1, 2**512)


@given(decimals)
def test_text_and_back(literal: str) -> None:
    value = number(literal)
    assert close(value, Fraction(literal))
    assert number(text(value)) == value


@given(decimals)
def test_text_is_the_shortest(literal: str) -> None:
    """What people write comes back without digits that they did not write."""
    assert Fraction(text(number(literal))) == Fraction(literal)


@given(decimals, decimals)
def test_arithmetic(left: str, right: str) -> None:
    a, b = number(left), number(right)
    assert close(add(a, b), exact(a) + exact(b))
    assert close(subtract(a, b), exact(a) - exact(b))
    assert close(multiply(a, b), exact(a) * exact(b))
    assert compare(a, b) == (exact(a) > exact(b)) - (exact(a) < exact(b))
    if exact(b):
        assert close(divide(a, b), exact(a) / exact(b))
        assert abs(exact(modulo(a, b))) <= abs(exact(a))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-200, max_value=1e200))
def test_floats_are_exact(value: float) -> None:
    assert exact(from_float(value)) == Fraction(value)
    if value.as_integer_ratio()[0].bit_count() > 1:
        # Go's shortest text of a power of two may be one unit off, and so is Terraform's.
        assert float(text(from_float(value))) == value
