"""Strict reading of our own YAML: values, lines, refusals, bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan._yaml import read
from compliance_scan.errors import ConfigError


def test_values_are_what_they_look_like() -> None:
    data = read(
        "a: yes\nb: 2027-01-31\nc: 010\nd: 1.5\ne: ~\nf: true\ng: -3\nh: '3'\ni: 1e3\nj: on\nk: 1.2.3\n", "f"
    ).data
    assert data == {
        "a": "yes", "b": "2027-01-31", "c": "010", "d": 1.5, "e": None, "f": True, "g": -3, "h": "3", "i": 1000.0, "j": "on", "k": "1.2.3",
    }  # fmt: skip


def test_lines_of_keys_and_items() -> None:
    document = read("a:\n  - x\n  -\n    b: 1\nc: |\n  text\n", "f.yaml")
    assert document.line(("a", 0)) == 2
    assert document.line(("a", 1, "b")) == 4
    assert document.line(("a", 1, "zzz")) == 4  # a mapping begins where its first key stands
    assert document.line(("c",)) == 5
    assert document.error(("c",), "is wrong").message == "f.yaml:5: is wrong"


def test_anchors_are_read() -> None:
    assert read("a: &x [1]\nb: *x\n", "f").data == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "f:2: duplicate key `a` (first on line 1)"),
        ("a: *x\n", "anchor"),
        ("a: !x 1\n", "tag"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("? [a]\n: 1\n", "a key must be plain text"),
        ("a: [1\n", "not valid YAML"),
        ("\ta: 1\n", "not valid YAML"),
        ("[" * 100 + "]" * 100, "nested more than 60 deep"),
        ("[" * 10_000, ""),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(text, "f")
    assert error.value.message.startswith("f:")
    assert message in error.value.message


def test_an_alias_bomb_is_refused() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(ConfigError, match="more than 200000 values"):
        read(text, "f")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text, "f")
    except ConfigError as found:
        message = found.message
    else:
        message = "f:"
    assert message.startswith("f:")
