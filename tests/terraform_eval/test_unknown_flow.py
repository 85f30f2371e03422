"""What stays known beside unknowns: edges, parts of text, trees, items, marks."""

from typing import Any

import pytest

from compliance_scan.inputs.terraform.convert import sensitive_paths, to_model
from compliance_scan.inputs.terraform.values import (
    SENSITIVE,
    EvalError,
    ListVal,
    Marked,
    ObjectVal,
    OpenVal,
    TupleVal,
    is_unknown,
)
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value
from tests.terraform_eval.expressions import value

U = Unknown("variable_without_value", "var.u has no value", symbol="var.u")
S = Unknown("computed", "", "string", not_null=True, symbol="s")
ARN = Reference("aws_s3_bucket.b", "arn", Unknown("computed", "known after apply", "string", not_null=True))
NAME = Reference("aws_s3_bucket.b", "bucket", "logs")


def model(source: str, **variables: Any) -> Value:
    return to_model(value(source, **variables))


def test_template_keeps_known_text_and_edge() -> None:
    assert value('"${var.arn}/*"', arn=ARN) == Text((ARN, "/*"))
    assert value('"a${var.t}c"', t=Text(("x", S))) == Text(("ax", S, "c"))


def test_lone_interpolation_is_the_value_itself() -> None:
    assert value('"${var.arn}"', arn=ARN) is ARN


def test_known_reference_is_its_value_in_text_but_keeps_its_edge_alone() -> None:
    assert value('"${var.n}-x"', n=NAME) == "logs-x"
    assert value("var.n", n=NAME) is NAME
    assert value('var.n == "logs"', n=NAME) is True
    assert model("[var.n]", n=NAME) == [NAME]


def test_jsonencode_keeps_its_tree_and_its_text() -> None:
    assert value("jsonencode({ a = [1] })") == Encoded("json", {"a": [1]}, '{"a":[1]}')
    assert value("jsonencode({ r = var.arn })", arn=ARN) == Encoded("json", {"r": ARN}, None)
    assert value('jsonencode({ a = 1 }) == "{\\"a\\":1}"') is True
    assert is_unknown(value("upper(jsonencode({ r = var.arn }))", arn=ARN))


def test_jsondecode_goes_back_through_the_tree() -> None:
    assert value("jsondecode(jsonencode({ r = var.arn, n = 1 })).r", arn=ARN) == ARN
    assert value("jsondecode(jsonencode({ r = var.arn, n = 1 })).n", arn=ARN) == 1


def test_json_in_a_heredoc_is_a_tree_with_holes() -> None:
    source = (
        '<<EOT\n{"Resource": ["${var.arn}", "${var.arn}/*"], "n": ${var.u}, "s": ${jsonencode(["x", var.s])}}\nEOT\n'
    )
    found = value(source, arn=ARN, u=U, s=S)
    assert isinstance(found, Encoded)
    assert found.text is None
    assert isinstance(found.tree, dict)
    assert found.tree["Resource"] == [ARN, Text((ARN, "/*"))]
    assert isinstance(found.tree["n"], Unknown)
    assert found.tree["s"] == ["x", S]


def test_a_bare_hole_among_items_opens_the_list() -> None:
    found = value('<<EOT\n{"a": [1, ${var.u}]}\nEOT\n', u=U)
    assert isinstance(found, Encoded)
    assert isinstance(found.tree, dict)
    opened = found.tree["a"]
    assert isinstance(opened, Open)
    assert opened.items == [1]


def test_text_that_only_begins_like_json_stays_text() -> None:
    assert isinstance(value('"{${var.s}"', s=S), Text)


def test_concat_keeps_what_is_known() -> None:
    found = value('concat(["a"], var.u, ["b"])', u=U)
    assert isinstance(found, OpenVal)
    assert (found.items, found.sure) == (["a", "b"], 1)
    assert value('concat(["a"], var.u)[0]', u=U) == "a"
    assert isinstance(value('concat(var.u, ["a"])[0]', u=U), Unknown)


def test_merge_keeps_what_no_unknown_can_replace() -> None:
    found = model("merge(var.u, { a = 1 })", u=U)
    assert isinstance(found, Open)
    assert found.items == {"a": 1}
    replaced = model("merge({ a = 1 }, var.u)", u=U)
    assert isinstance(replaced, Open)
    assert isinstance(replaced.items, dict)
    assert isinstance(replaced.items["a"], Unknown)
    assert not replaced.items["a"].not_null


def test_lookup_and_contains_over_open_collections() -> None:
    assert value('merge(var.u, { a = 1 })["a"]', u=U) == 1
    assert value('contains(concat(["a"], var.u), "a")', u=U) is True
    assert isinstance(value('contains(concat(["a"], var.u), "b")', u=U), Unknown)
    assert isinstance(value("length(concat(var.u, [1]))", u=U), Unknown)


def test_loops_over_open_collections_stay_open() -> None:
    found = model("[for x in concat([1], var.u) : x + 1]", u=U)
    assert isinstance(found, Open)
    assert isinstance(found.items, list)
    kept = model('{ for k, v in merge(var.u, { a = 1 }) : k => v if v != "x" }', u=U)
    assert isinstance(kept, Open)
    assert kept.items == {"a": 1}


def test_conditional_on_an_unknown() -> None:
    assert value('var.u ? "a" : "a"', u=U) == "a"
    found = value('var.u ? "a" : "b"', u=U)
    assert isinstance(found, Unknown)
    assert (found.cause, found.type, found.not_null) == ("variable_without_value", "string", True)
    assert value('var.u ? "a" : "b"', u=U) == found
    assert found.symbol != ""


def test_logic_decides_where_it_can() -> None:
    assert value("var.u && false", u=U) is False
    assert value("true || var.u", u=U) is True
    assert isinstance(value("var.u && true", u=U), Unknown)
    assert value("var.u == var.u", u=U) is True
    assert value("var.s == null", s=S) is False
    assert isinstance(value("var.u == null", u=U), Unknown)


def test_attributes_of_unknowns_derive_symbols() -> None:
    found = value('var.u.a["b"][0]', u=U)
    assert isinstance(found, Unknown)
    assert found.symbol == "var.u.a.b[0]"
    reference = value("x.tags.Name", x=Reference("aws_vpc.v", "", U))
    assert isinstance(reference, Reference)
    assert (reference.address, reference.path) == ("aws_vpc.v", "tags.Name")


def test_symbols_of_functions_and_operators_are_those_of_their_arguments() -> None:
    one, other = value("upper(var.s)", s=S), value("upper(var.s)", s=S)
    assert isinstance(one, Unknown)
    assert one.symbol == "upper(s)"
    assert one == other


def test_try_is_certain_only_where_nothing_can_fail() -> None:
    assert value('try(var.o.x, "d")', o=ObjectVal({"y": 1})) == "d"
    assert value('try(var.arn, "d")', arn=ARN) is ARN
    assert isinstance(value('try(var.u.x, "d")', u=U), Unknown)
    assert isinstance(value("try(tonumber(var.s), 1)", s=S), Unknown)
    assert isinstance(value("can(var.u.x)", u=U), Unknown)
    assert value("can(var.o.x)", o=ObjectVal({"y": U})) is False
    found = value("try(var.p, null)", p=Reference('aws_kms_key.k["?"]', "arn", "known"))
    assert isinstance(found, Reference)
    assert isinstance(found.value, Unknown)


def test_try_looks_only_at_names_of_the_scope_around_it() -> None:
    assert value("try([{ a = [1] }].*.a[0], null)", **{"*": U}).__class__ is TupleVal
    assert value('try([for x in ["a"] : upper(x)][0], "d")', x=U) == "A"
    assert isinstance(value('try([for y in [x] : "a"][0], "d")', x=U), Unknown)


class _Perhaps:
    """A resource whose count is `c ? 1 : 0`."""

    def member(self, name: str) -> Any:
        raise EvalError(f"{name}: name one instance")

    def perhaps(self) -> Any:
        return Reference('aws_kms_key.k["?"]', "", OpenVal("map", {}, U))  # type: ignore[arg-type]

    def whole(self) -> Any:
        return OpenVal("list", [], U)


def test_the_one_instance_that_may_exist() -> None:
    for source in ("x[*].arn", "x.*.arn", "[for k in x : k.arn]"):
        found = value(source, x=_Perhaps())
        assert isinstance(found, OpenVal)
        assert [item.path for item in found.items] == ["arn"]
    for source in ("(x[*].arn)[0]", "one(x[*].arn)", 'join("", x.*.arn)', 'element(concat(x.*.arn, [""]), 0)'):
        edge = value(source, x=_Perhaps())
        assert isinstance(edge, Reference), source
        assert edge.path == "arn"
    assert isinstance(value("length(x[*].arn)", x=_Perhaps()), Unknown)


def test_impure_and_foreign_functions_are_unknown() -> None:
    causes = {"timestamp()": "impure", "uuid()": "impure", 'bcrypt("x")': "impure"}
    causes |= {"plantimestamp()": "impure", "provider::a::f(1)": "unsupported_expression"}
    for source, cause in causes.items():
        found = value(source)
        assert isinstance(found, Unknown)
        assert found.cause == cause


def test_a_file_outside_of_the_root_is_unknown() -> None:
    class Outside:
        root = module = folder = ""

        def name(self, name: str) -> Any:
            raise EvalError(name)

        def read_file(self, path: str) -> bytes | None:
            return None

    from compliance_scan.inputs.terraform.evaluate import evaluate
    from compliance_scan.inputs.terraform.syntax import parse_expression

    for source in ('file("/etc/passwd")', 'fileexists("/etc/passwd")', 'templatefile("x", {})', 'fileset("/", "*")'):
        found = evaluate(parse_expression(source), Outside())
        assert isinstance(found, Unknown)
        assert found.cause == "outside_root"


def test_marks_follow_values() -> None:
    secret = Marked("x", SENSITIVE)
    assert sensitive_paths(value("{ a = var.s, b = [1, var.s] }", s=secret)) == [("a",), ("b", 1)]
    assert sensitive_paths(value('"x${var.s}"', s=secret)) == [()]
    assert model("{ a = var.s }", s=secret) == {"a": "x"}
    assert value("issensitive(upper(var.s))", s=secret) is True


def test_model_has_plain_numbers_and_lists() -> None:
    found = model('[1, 1.5, length("ab"), toset(["b", "a"]), null, { a = 2 }]')
    assert found == [1, 1.5, 2, ["a", "b"], None, {"a": 2}]
    assert isinstance(found, list)
    assert [type(item) for item in found[:3]] == [int, float, int]


def test_expansion_of_unknown_arguments() -> None:
    found = value("merge([{ a = 1 }, var.u]...)", u=U)
    assert isinstance(found, OpenVal)
    assert isinstance(value("max(var.u...)", u=U), Unknown)
    assert isinstance(value('concat(["a"], [for x in var.u : [x]]...)', u=U), OpenVal)


def test_errors_point_at_their_expression() -> None:
    with pytest.raises(EvalError) as caught:
        value('{ a = upper("a", "b") }')
    assert caught.value.expr is not None
    assert caught.value.expr.file.text[caught.value.expr.start : caught.value.expr.end] == 'upper("a", "b")'


def test_sets_with_unknown_items_do_not_count_them() -> None:
    found = value('toset(["a", var.s])', s=S)
    assert isinstance(found, OpenVal)
    assert isinstance(value('length(toset(["a", var.s]))', s=S), Unknown)
    assert isinstance(value("var.l[*]", l=ListVal([], "string")), ListVal)
