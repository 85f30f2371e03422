"""Secrets inside base64, as scripts of machines are given, compressed or not."""

import gzip
from base64 import b64encode

import pytest

from compliance_scan.excerpt import MASK, mask_secret
from compliance_scan.operators.kit.secrets import MAX_TEXT, decoded, is_secret_text, may_be_secret

SCRIPT = "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIAZ7QFWJ4DHBXGTRUN\n"
HARMLESS = "#!/bin/sh\necho ready for whatever comes\n"


def coded(text: str, *, packed: bool = False) -> str:
    raw = text.encode()
    return b64encode(gzip.compress(raw, mtime=0) if packed else raw).decode()


@pytest.mark.parametrize("packed", [False, True])
def test_a_coded_script_is_read(packed: bool) -> None:
    assert decoded(coded(SCRIPT, packed=packed)) == SCRIPT
    assert is_secret_text(coded(SCRIPT, packed=packed), "user_data_base64")
    assert not is_secret_text(coded(HARMLESS, packed=packed), "user_data_base64")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "a sentence of several words",
        "AAAAAAAAAAAAAAAAAAAAA",
        "H4sIAAAAAAAA/w==" * 2,
        "/////////////////////w==",
    ],
)
def test_what_is_no_coded_text_is_left_alone(text: str) -> None:
    assert decoded(text) is None
    assert not is_secret_text(text, "")


def test_a_packed_bomb_is_not_unpacked_beyond_what_is_looked_at() -> None:
    found = decoded(coded("x" * (100 * MAX_TEXT), packed=True))
    assert found is not None
    assert len(found) <= MAX_TEXT


def test_a_coded_secret_is_masked_in_an_excerpt() -> None:
    line = f'  user_data_base64 = "{coded(SCRIPT)}"'
    assert may_be_secret(line)
    assert mask_secret(line, "") == f"  user_data_base64 = {MASK}"
