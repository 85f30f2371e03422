"""Laws over random expressions: nothing but `EvalError` is raised, and what is known beside unknowns is true."""

import random
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.syntax import parse_expression
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.values import EvalError, Null, is_wholly_known
from compliance_scan.model.value import Reference, Unknown
from tests.terraform_eval.expressions import OneScope, value
from tests.terraform_eval.random_expressions import expression
from tests.terraform_eval.soundness import contradiction

_LITERAL = re.compile(r'"(?:[^"\\$%]|\\.)*"|(?<![\w."-])\d+(?:\.\d+)?(?![\w"])|(?<!\w)(?:true|false|null)(?!\w)')


_OTHERS: dict[str, Any] = {"string": "other", "number": 77, "bool": True}


def outcome(source: str, variables: dict[str, Any]) -> Any:
    """The value, or None where Terraform would reject the expression."""
    try:
        return evaluate(parse_expression(source), OneScope(variables))
    except (EvalError, SyntaxIssue):
        return None


@settings(max_examples=600, deadline=None)
@given(st.integers(0, 2**40))
def test_evaluation_raises_nothing_but_its_error(seed: int) -> None:
    source = random.Random(seed)
    text = expression(source, depth=4)
    found = outcome(text, {})
    if found is not None:
        to_model(found)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='abx01 ".${}()[]*:?!=<>+-/%,~\n\\&|', max_size=40))
def test_any_text_is_a_value_or_an_error(text: str) -> None:
    outcome(text, {"a": 1, "b": Unknown("computed"), "x": "text"})


@settings(max_examples=1200, deadline=None, derandomize=True)
@given(st.integers(0, 2**40))
def test_what_is_known_beside_unknowns_is_true(seed: int) -> None:
    source = random.Random(seed)
    text = expression(source, depth=source.choice([2, 3, 3, 4]))
    whole = outcome(text, {})
    literals = list(_LITERAL.finditer(text))
    if whole is None or not literals or not is_wholly_known(whole):
        return
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for index, match in enumerate(sorted(source.sample(literals, min(len(literals), 2)), key=lambda m: -m.start())):
        literal = value(match[0])
        of = type_text(type_of(literal)) if source.random() < 0.6 and not isinstance(literal, Null) else ""
        sure = not isinstance(literal, Null) and source.random() < 0.5
        name = f"u{index}"
        known[name] = literal
        other = _OTHERS.get(of) if of else (None if sure else Null())
        options: Any = (literal, other) if other is not None and source.random() < 0.5 else ()
        unknown[name] = Unknown("variable_without_value", name, of, sure, f"var.{name}", options=options)
        if source.random() < 0.3:
            unknown[name] = Reference("aws_vpc.v", name, unknown[name])
        text = f"{text[: match.start()]}var.{name}{text[match.end() :]}"
    if repr(outcome(text, known)) != repr(whole):
        return  # The literal stood where a name means something else: in a template's own text, say.
    part = outcome(text, unknown)
    assert part is not None, f"{text} is no error with {known}"
    assert contradiction(part, whole) is None, text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=8), st.integers(-(10**6), 10**6), st.booleans()), max_size=5))
def test_template_round_trip(parts: list[Any]) -> None:
    """A template over values is the values' texts one behind the other."""
    names = {f"p{index}": part for index, part in enumerate(parts)}
    source = '"' + "".join(f"[${{var.{name}}}]" for name in names) + '"'
    import unicodedata

    shown = [str(part).lower() if isinstance(part, bool) else str(part) for part in parts]
    expected = unicodedata.normalize("NFC", "".join(f"[{text}]" for text in shown))
    assert value(source, **names) == expected


@given(st.text(max_size=30))
def test_quoted_text_comes_back(text: str) -> None:
    from compliance_scan.inputs.terraform.functions.jsontext import quote
    from compliance_scan.inputs.terraform.values import nfc

    text = text.encode("utf-8", "replace").decode()
    escaped = quote(text).replace("${", "$${").replace("%{", "%%{").replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    if re.search(r"\\[bf]", quote(text)):
        return
    assert value(escaped) == nfc(text)
