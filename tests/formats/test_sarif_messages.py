"""Templates made back from messages: laws."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.formats._sarif.messages import cut, plain, sentence_of, whole


@pytest.mark.parametrize(
    ("message", "arguments", "template"),
    [
        (
            "storage_encrypted is false, expected true",
            ["storage_encrypted", "false", "true"],
            "'{0}' is '{1}', expected '{2}'. Affected: '{3}'.",
        ),
        ("is_public is public", ["public", "is_public"], "'{0}' is '{1}'. Affected: '{2}'."),
        ("a is 'b'", ["a", "b"], "'{0}' is '{1}'. Affected: '{2}'."),
        ("a is {b}", ["a"], "'{0}' is {{b}}. Affected: '{1}'."),
        ("nothing of it", ["absent", ""], "nothing of it. Affected: '{0}'."),
        ("Done.", [], "Done. Affected: '{0}'."),
        ("a a a", ["a", "a"], "'{0}' '{1}' a. Affected: '{2}'."),
    ],
)
def test_examples(message: str, arguments: list[str], template: str) -> None:
    assert sentence_of(message, arguments).template == template


TEXT = st.text(alphabet=st.sampled_from("ab '{}[]().\x1b\u202e\n0"), max_size=20)


@given(st.lists(TEXT, max_size=4), TEXT, TEXT)
def test_a_template_filled_in_is_the_text(arguments: list[str], between: str, affected: str) -> None:
    message = between.join(arguments)
    for sentence in (sentence_of(message, arguments), whole(message)):
        before, between_both = sentence.around("name")
        shown = json.dumps(plain(cut(affected)))[1:-1]
        made = json.loads(f'{before}{shown}{between_both}{shown}"]}}')
        text, given_arguments = made["text"], made["arguments"]
        assert made["id"] == "name"

        def replaced(hole: re.Match[str], values: list[str] = given_arguments) -> str:
            return {"{{": "{", "}}": "}"}.get(hole[0]) or values[int(hole[1])]

        assert re.sub(r"\{\{|\}\}|\{(\d+)\}", replaced, sentence.template) == text
        assert re.findall(r"(?<!\{)\{(\d)\}(?!\})", sentence.template)[-1] == str(len(given_arguments) - 1)
        assert not re.search(r"(?<!\\)\]\(", text)
        assert all(character == "\n" or character.isprintable() for character in text)


@given(st.text(max_size=50), st.integers(1, 60))
def test_cut_keeps_to_the_length(text: str, length: int) -> None:
    assert len(cut(text, length)) <= max(length, 1)
    assert cut(text, length) == text or cut(text, length).endswith("…")


def test_plain_text_stays() -> None:
    assert plain("größe 数据 — ok") == "größe 数据 — ok"
