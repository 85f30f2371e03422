"""Expressions: each fault of other readers of this language has its regression test here."""

from decimal import Decimal
from typing import Any

import pytest

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.syntax import parse_expression, parse_file, parse_template
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue


def shape(node: Any) -> Any:
    """A tree as nested tuples, for comparing."""
    if isinstance(node, list | tuple):
        return [shape(item) for item in node]
    if not isinstance(node, ast.Expr):
        return node
    match node:
        case ast.Literal():
            return node.value
        case ast.Variable():
            return f"${node.name}"
        case ast.SplatItem():
            return "*"
        case ast.Paren():
            return ("()", shape(node.inner))
        case _:
            names = [name for name in type(node).__slots__ if not name.startswith("_")]
            return (type(node).__name__, *(shape(getattr(node, name)) for name in names))


def tree(text: str) -> Any:
    return shape(parse_expression(text))


def refused(text: str) -> str:
    with pytest.raises(SyntaxIssue) as caught:
        parse_expression(text)
    return caught.value.message


def test_conditionals_associate_to_the_right() -> None:
    assert tree("a ? 1 : b ? 2 : 3") == ("Conditional", "$a", ("Conditional", "$b", 3, 2), 1)


def test_condition_in_the_true_arm() -> None:
    assert tree("a ? b ? 1 : 2 : 3") == ("Conditional", "$a", 3, ("Conditional", "$b", 2, 1))


def test_what_follows_an_attribute_splat_is_outside_but_for_names_and_old_indexes() -> None:
    assert tree("x.*.a[0]") == ("Index", 0, ("Splat", ("GetAttr", "a", "*"), False, "$x"))
    assert tree("x.*.a.0") == ("Splat", ("Index", 0, ("GetAttr", "a", "*")), False, "$x")


def test_all_that_follows_a_full_splat_belongs_to_each_item() -> None:
    assert tree("x[*].a[0]") == ("Splat", ("Index", 0, ("GetAttr", "a", "*")), True, "$x")


def test_a_splat_within_a_splat() -> None:
    inner = ("Splat", ("GetAttr", "b", "*"), True, ("GetAttr", "a", "*"))
    assert tree("x[*].a[*].b") == ("Splat", inner, True, "$x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", ("Binary", 1, "+", ("Binary", 2, "*", 3))),
        ("1 - 2 - 3", ("Binary", ("Binary", 1, "-", 2), "-", 3)),
        ("a || b && c", ("Binary", "$a", "||", ("Binary", "$b", "&&", "$c"))),
        ("a == b != c", ("Binary", ("Binary", "$a", "==", "$b"), "!=", "$c")),
        ("!a && b", ("Binary", ("Unary", "$a", "!"), "&&", "$b")),
        ("-a.b", ("Unary", ("GetAttr", "b", "$a"), "-")),
        ("1 < 2 == true", ("Binary", ("Binary", 1, "<", 2), "==", True)),
        ("a-b", "$a-b"),
        ("a - b", ("Binary", "$a", "-", "$b")),
        ("a/*c*/-1", ("Binary", "$a", "-", 1)),
    ],
)
def test_precedence(text: str, expected: Any) -> None:
    assert tree(text) == expected


def test_numbers() -> None:
    assert tree("10") == 10
    assert tree("1e3") == Decimal(1000)
    assert tree("0.1") == Decimal("0.1")
    assert tree("2.5E-1") == Decimal("0.25")


def test_white_space_beside_interpolations_is_text() -> None:
    assert tree('"a  ${ b }  c"') == ("Template", False, ["a  ", "$b", "  c"])
    assert tree('"${a} ${b}"') == ("Template", False, ["$a", " ", "$b"])


def test_escapes() -> None:
    assert tree(r'"\n\t\r\"\\\u00e9\U0001F600"') == '\n\t\r"\\é😀'
    assert tree('"$${a} %%{b} $$ % $"') == "${a} %{b} $$ % $"
    assert tree('"$$${a}"') == "$${a}"
    assert "escape" in refused(r'"\q"')


def test_strip_markers_take_white_space_from_their_side() -> None:
    assert tree('"a ${~ b ~} c"') == ("Template", False, ["a", "$b", "c"])
    assert tree('"a ${~ b } c"') == ("Template", False, ["a", "$b", " c"])


def test_directives() -> None:
    assert tree('"%{ if a }x%{ else }y%{ endif }"') == ("Template", False, [("TemplateIf", "$a", ["y"], ["x"])])
    looped = tree('"%{ for k, v in m }${k}=${v};%{ endfor }"')
    assert looped == ("Template", False, [("TemplateFor", "$m", "k", ["$k", "=", "$v", ";"], "v")])


@pytest.mark.parametrize("text", ['"%{ if a }x"', '"x%{ endif }"', '"%{ for a in b }%{ endif }"', '"%{ while }"'])
def test_directives_that_do_not_fit(text: str) -> None:
    refused(text)


def test_heredoc_keeps_its_text() -> None:
    assert tree('<<EOT\n  a "q" \\n\n b ${x}\nEOT') == ("Template", True, ['  a "q" \\n\n b ', "$x", "\n"])


def test_indented_heredoc_loses_the_smallest_indentation() -> None:
    assert tree("<<-EOT\n    a\n\n      b\n    EOT") == ("Template", True, ["a\n\n  b\n"])
    assert tree("<<-EOT\n    ${a}\n      b\n  EOT") == ("Template", True, ["$a", "\n  b\n"])


def test_an_interpolation_at_the_margin_stops_the_outdenting() -> None:
    assert tree("<<-EOT\n${a}\n  b\n  EOT") == ("Template", True, ["$a", "\n  b\n"])


def test_a_marker_within_a_line_is_text() -> None:
    assert tree("<<E\nE x\n x E\nE") == ("Template", True, ["E x\n x E\n"])


def test_empty_heredoc() -> None:
    assert tree("<<E\nE") == ("Template", True, [])


def test_template_files() -> None:
    parsed = parse_template("t.tpl", "a\n%{ for x in y ~}\n${x}\n%{ endfor ~}\n")
    assert shape(parsed) == ("Template", True, ["a\n", ("TemplateFor", "$y", None, ["$x", "\n"], "x")])


def test_calls() -> None:
    assert tree("f(a, b...)") == ("Call", ["$a", "$b"], True, "f")
    assert tree("f()") == ("Call", [], False, "f")
    assert tree("f(\n a,\n)") == ("Call", ["$a"], False, "f")


def test_functions_of_providers() -> None:
    assert tree("provider::aws::arn_parse(x)") == ("Call", ["$x"], False, "provider::aws::arn_parse")


def test_objects() -> None:
    assert tree('{a = 1, (b) = 2\n c: 3, "d" = 4}') == (
        "ObjectCons",
        [["a", 1], [("()", "$b"), 2], ["c", 3], ["d", 4]],
    )
    assert tree("{true = 1}") == ("ObjectCons", [["true", 1]])
    refused("{a => 1}")
    refused("{a = 1 b = 2}")


def test_for_expressions() -> None:
    assert tree("[for k, v in m : v if k]") == ("ForTuple", "$m", "$k", "$v", "k", "v")
    assert tree("{for v in m : v => v...}") == ("ForObject", "$m", None, True, "$v", "$v", None, "v")


def test_line_ends_inside_brackets_mean_nothing() -> None:
    assert tree("[\n1,\n# c\n2 // d\n]") == ("TupleCons", [1, 2])
    assert tree("(a\n? b\n: c)") == ("()", ("Conditional", "$a", "$c", "$b"))


def test_a_line_end_ends_a_value() -> None:
    body = parse_file("m.tf", b"a = 1\n+ 2\nb = 3\n").body()
    assert shape(body.attributes["a"].expr) == 1
    assert shape(body.attributes["b"].expr) == 3


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "[1 2]", "a.", "a[", "f(1 2)", '"a', "{a}", "1 1", "a ? b", "@", "&a"]
)
def test_what_is_no_expression(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000 + "]" * 10_000,
        "(" * 10_000 + ")" * 10_000,
        '"${' * 10_000 + '"a"' + '}"' * 10_000,
        "-" * 10_000 + "1",
        "f(" * 10_000 + ")" * 10_000,
        "1" + "+1" * 10_000,
        "x" + ".a" * 10_000,
        "x" + "[*]" * 10_000,
        "a ? b : " * 10_000 + "c",
        "a ? " * 10_000 + "c" + " : d" * 10_000,
        "9" * 100_000,
    ],
)
def test_hostile_depth_is_refused_not_followed(text: str) -> None:
    with pytest.raises(SyntaxIssue) as caught:
        parse_expression(text)
    assert caught.value.limit
