"""Scalars as go-yaml v2 resolves them, by its published table."""

import math

import pytest

from compliance_scan.inputs.kubernetes.scalars import key_text, plain, tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("On", True),
        ("y", True),
        ("no", False),
        ("OFF", False),
        ("n", False),
        ("True", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("Null", None),
        ("", None),
        ("none", "none"),
        ("0777", 511),
        ("0o17", 15),
        ("-0777", -511),
        ("0888", 888.0),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("+12", 12),
        ("12:30:45", "12:30:45"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        ("2001-12-14", "2001-12-14"),
        ("500m", "500m"),
        ("128Mi", "128Mi"),
        ("--", "--"),
        ("+-1", "+-1"),
        ("-", "-"),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("1" * 5000, "1" * 5000),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    found = plain(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number() -> None:
    assert math.isnan(float(plain(".nan") or 0))


def test_tags_decide() -> None:
    assert tagged("tag:yaml.org,2002:str", "yes") == "yes"
    assert tagged("!", "12") == "12"
    assert tagged("tag:yaml.org,2002:float", "12") == 12.0
    assert tagged("tag:yaml.org,2002:int", "12") == 12
    assert tagged("!Ref", "12") == "12"


def test_keys_are_text() -> None:
    assert [key_text(value) for value in ("a", 8080, True, None, 1.5)] == ["a", "8080", "true", "null", "1.5"]
