"""Verdicts, evidence and order of findings over a small world."""

from typing import TYPE_CHECKING, Any

import pytest

from compliance_scan.evaluate import evaluate, explain
from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import Resource
from compliance_scan.model.rule import Rule, Scope
from compliance_scan.model.value import Open, Reference, Text, Unknown
from compliance_scan.shape.absence import UNREAD
from tests.evaluate.fake import UNKNOWN, FakeWorld, instance, resource, rule

if TYPE_CHECKING:
    from compliance_scan.errors import Incomplete


def judge(one: Rule, *resources: Resource, **options: Any) -> list[Finding]:
    return list(evaluate([instance(one)], FakeWorld(resources), **options))


ENCRYPTED = {"path": "encrypted", "equals": True}
REPLICA = {"not": {"path": "source", "exists": True}}


@pytest.mark.parametrize(
    ("attributes", "verdict"),
    [
        ({"encrypted": True}, "pass"),
        ({"encrypted": False}, "fail"),
        ({}, "fail"),
        ({"encrypted": UNKNOWN}, "unknown"),
        ({"encrypted": False, "source": "db"}, "not_applicable"),
        ({"encrypted": True, "source": UNKNOWN}, "pass"),
        ({"encrypted": False, "source": UNKNOWN}, "unknown"),
        ({"encrypted": Unknown("computed"), "source": UNKNOWN}, "unknown"),
    ],
)
def test_the_table_of_verdicts(attributes: dict[str, Any], verdict: str) -> None:
    (finding,) = judge(rule(ENCRYPTED, REPLICA), resource(**attributes))
    assert finding.verdict == verdict
    assert finding.cause == (UNKNOWN if verdict == "unknown" else None)


def test_a_failing_leaf_is_told_with_its_place() -> None:
    (finding,) = judge(rule(ENCRYPTED), resource(name="n", encrypted=False))
    (evidence,) = finding.evidence
    assert evidence.message == "encrypted is false, expected true"
    assert evidence.message_id == "equals"
    assert evidence.arguments == ("encrypted", "false", "true")
    assert (evidence.span.line, evidence.expected, evidence.actual) == (3, True, False)
    assert finding.guilty.startswith("sha256:")


def test_what_is_not_written_is_told_at_the_header() -> None:
    (finding,) = judge(rule(ENCRYPTED), resource(name="n"))
    assert finding.evidence[0].message == "encrypted is not set, expected true"
    assert finding.evidence[0].span.line == 1


def test_negation_turns_the_message_round() -> None:
    (finding,) = judge(rule({"not": {"path": "public", "equals": True}}), resource(public=True))
    assert finding.evidence[0].message == "public is true, which is not allowed"
    assert finding.evidence[0].message_id == "not_equals"
    (finding,) = judge(rule({"path": "key", "exists": False}), resource(key="k"))
    assert finding.evidence[0].message_id == "not_exists"


def test_all_deciding_children_of_a_false_any_and_all() -> None:
    both = [{"path": "a", "equals": 1}, {"path": "b", "equals": 1}, {"path": "c", "equals": 1}]
    (finding,) = judge(rule({"all": both}), resource(a=2, b=1, c=3))
    assert [item.path for item in finding.evidence] == ["a", "c"]
    (finding,) = judge(rule({"any": both}), resource(a=2, b=2, c=3))
    assert [item.path for item in finding.evidence] == ["a", "b", "c"]
    (finding,) = judge(rule({"not": {"any": both}}), resource(a=2, b=1, c=1))
    assert [item.path for item in finding.evidence] == ["b"]


ENTRIES = {
    "none": {
        "in": "entries",
        "where": [{"path": "direction", "equals": "ingress"}, {"path": "peers", "is_public": True}],
        "assert": {"path": "ports", "ports_overlap": [22]},
    }
}


def entry(port: int, *peers: str, direction: str = "ingress") -> dict[str, Any]:
    return {"direction": direction, "peers": list(peers), "ports": {"from": port, "to": port}}


def test_guilty_items_are_named_and_digested_by_content() -> None:
    closed, ssh, http = entry(22, "10.0.0.0/8"), entry(22, "0.0.0.0/0"), entry(80, "0.0.0.0/0")
    (first,) = judge(rule(ENTRIES), resource(entries=[closed, ssh, http]))
    assert [item.path for item in first.evidence] == ["entries[1].ports"]
    assert first.evidence[0].message == "entries[1].ports is 22, expected none of 22"
    (moved,) = judge(rule(ENTRIES), resource(entries=[http, closed, closed, ssh]))
    assert moved.guilty == first.guilty
    (more,) = judge(rule(ENTRIES), resource(entries=[ssh, {**ssh, "peers": ["::/0"]}]))
    assert more.guilty != first.guilty
    assert len(more.evidence) == 2


def test_open_collections_and_unknown_presence() -> None:
    closed = entry(22, "10.0.0.0/8")
    assert judge(rule(ENTRIES), resource(entries=[closed]))[0].verdict == "pass"
    assert judge(rule(ENTRIES), resource(entries=[]))[0].verdict == "pass"
    assert judge(rule(ENTRIES), resource(entries=Open([closed], UNKNOWN)))[0].verdict == "unknown"
    assert judge(rule(ENTRIES), resource(entries=Open([entry(22, "::/0")], UNKNOWN)))[0].verdict == "fail"
    perhaps = {**entry(22, "::/0"), "__maybe__": UNKNOWN}
    assert judge(rule(ENTRIES), resource(entries=[perhaps]))[0].verdict == "unknown"
    assert judge(rule(ENTRIES), resource(entries=[perhaps, entry(22, "::/0")]))[0].verdict == "fail"


@pytest.mark.parametrize(
    ("empty", "verdict"), [("pass", "pass"), ("fail", "fail"), ("not_applicable", "not_applicable")]
)
def test_every_says_what_nothing_means(empty: str, verdict: str) -> None:
    every = {
        "every": {"in": "containers", "where": {"path": "main", "equals": True}, "assert": ENCRYPTED, "empty": empty}
    }
    if empty == "not_applicable":
        from compliance_scan.ruleset.source import _hoisted

        one = rule({**every, "every": {**every["every"], "empty": "pass"}})
        written = ("each", "every", *one.assertion[2:5], "not_applicable")
        one.when, one.assertion = _hoisted(None, None, written)  # type: ignore[arg-type]
    else:
        one = rule(every)
    assert judge(one, resource(containers=[]))[0].verdict == verdict
    assert judge(one, resource(containers=[{"main": False}]))[0].verdict == verdict
    assert judge(one, resource(containers=[{"main": True, "encrypted": True}]))[0].verdict == "pass"
    assert judge(one, resource(containers=[{"main": True}]))[0].verdict == "fail"
    assert judge(one, resource(containers=Open([], UNKNOWN)))[0].verdict == "unknown"


def test_what_may_not_exist_can_fail_nothing_for_certain() -> None:
    one = rule({"every": {"in": "disks", "assert": ENCRYPTED, "empty": "pass"}})
    perhaps = {"encrypted": False, "__maybe__": UNKNOWN}
    assert judge(one, resource(disks=[perhaps]))[0].verdict == "unknown"
    assert judge(one, resource(disks=[{**perhaps, "encrypted": True}]))[0].verdict == "pass"
    assert judge(one, resource(disks=[perhaps, {"encrypted": False}]))[0].verdict == "fail"
    # A block or resource whose number is not known may be several.
    several = rule({"count": {"in": "disks"}, "at_most": 1})
    assert judge(several, resource(disks=[perhaps]))[0].verdict == "unknown"


def test_count_is_an_interval() -> None:
    zones = {"count": {"in": "subnets", "distinct": "zone"}, "at_least": 2}

    def verdict(*values: Any, more: Unknown | None = None) -> str:
        listed: Any = [{"zone": value} for value in values]
        return judge(rule(zones), resource(subnets=listed if more is None else Open(listed, more)))[0].verdict

    assert verdict("a", "b") == "pass"
    assert verdict("a", "a") == "fail"
    assert verdict("a", UNKNOWN) == "unknown"
    assert verdict(UNKNOWN) == "fail"
    assert verdict("a", more=UNKNOWN) == "unknown"
    assert verdict("a", "b", more=UNKNOWN) == "pass"
    same = Unknown("computed", symbol="s")
    assert verdict(same, same) == "fail"
    assert verdict(same, Unknown("computed", symbol="t")) == "unknown"
    region = Unknown("variable_without_value", "var.region has no value", symbol=".:var.region")
    other = Unknown("variable_without_value", "var.region has no value", symbol="m:var.region")
    assert verdict(Text((region, "a")), Text((region, "b"))) == "pass"
    assert verdict(Text((region, "a")), Text((region, "a"))) == "fail"
    assert verdict(Text((region, "a")), Text((other, "a"))) == "unknown"
    assert verdict(Text((region, "a")), "eu-west-1a") == "unknown"
    assert verdict(Text((region, "a")), "eu-west-1b") == "pass"
    (finding,) = judge(rule(zones), resource(subnets=[{"zone": "a"}]))
    assert finding.evidence[0].message == "subnets has 1 of them, expected at least 2"


def test_related_resources_and_the_judged_one() -> None:
    logged = {
        "some": {
            "in": {"related": {"type": "aws_log", "by": "target"}},
            "assert": [{"path": "days", "at_least": {"value_of": "^.days"}}, {"path": "^.name", "equals": "n"}],
        }
    }
    one, log = resource(name="n", days=30), resource("aws_log.l", days=31)
    world = FakeWorld([one, log], {("aws_x.a", "aws_log"): [log]})
    assert [item.verdict for item in evaluate([instance(rule(logged))], world)] == ["pass"]
    short = resource("aws_log.l", days=29)
    world = FakeWorld([one, short], {("aws_x.a", "aws_log"): [short]})
    (finding,) = evaluate([instance(rule(logged))], world)
    assert finding.verdict == "fail"
    assert finding.evidence[0].resource.address == "aws_log.l"
    (finding,) = evaluate([instance(rule(logged))], FakeWorld([one]))
    assert finding.evidence[0].message_id == "some"


def test_parameters_are_bound() -> None:
    one = rule({"path": "days", "at_least": "param.days"}, parameters={"days": {"type": "number", "default": 7}})
    world = FakeWorld([resource(days=10)])
    assert [item.verdict for item in evaluate([instance(one), instance(one, days=30)], world)] == ["pass", "fail"]


def test_scope_limits_an_instance() -> None:
    world = FakeWorld(
        [resource("aws_x.a", tags={"tier": "1"}), resource("aws_x.b", tags={"tier": UNKNOWN}), resource("aws_x.c")]
    )
    one = rule(ENCRYPTED)
    tagged = Scope(tags={"tier": ("1",)})
    assert [(item.resource.address, item.verdict) for item in evaluate([instance(one, tagged)], world)] == [
        ("aws_x.a", "fail"),
        ("aws_x.b", "unknown"),
    ]
    named = Scope(address=("aws_x.[ab]", "aws_x.c*"))
    assert [item.resource.address for item in evaluate([instance(one, named)], world)] == ["aws_x.c"]


def test_statements_of_a_policy_in_any_form() -> None:
    star = {"none": {"in": {"statements": "policy"}, "where": {"path": "effect", "equals": "Allow"},
                     "assert": [{"path": "actions", "contains": "*"}, {"path": "resources", "contains": "*"}]}}  # fmt: skip
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": ["*"]}}'
    (finding,) = judge(rule(star), resource(policy=text))
    assert finding.verdict == "fail"
    assert finding.evidence[0].path == "policy.statements[0].actions"
    holes: Any = {"Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": Text(("a", UNKNOWN))}]}
    assert judge(rule(star), resource(policy=holes))[0].verdict == "pass"
    assert judge(rule(star), resource(policy={"Statement": [UNKNOWN]}))[0].verdict == "unknown"
    assert judge(rule(star), resource(policy="no JSON"))[0].verdict == "unknown"
    assert judge(rule(star), resource(policy=Reference("p.q", "json", UNKNOWN)))[0].verdict == "unknown"


def test_sensitive_values_never_leave() -> None:
    one = resource(
        password="hunter2", token="t0ken", _sensitive=frozenset({("password",)}), _environment=frozenset({("token",)})
    )
    (finding,) = judge(rule([{"path": "password", "equals": "x"}, {"path": "token", "equals": "y"}]), one)
    assert finding.evidence[0].message == "password is (sensitive), expected x"
    assert finding.evidence[1].actual == "(environment)"
    (secret,) = judge(rule({"path": "data", "is_secret": False}), resource(data="AKIAABCDEFGHIJKLMNOP"))
    assert secret.verdict == "fail"
    assert "AKIA" not in repr([(item.message, item.arguments, item.actual) for item in secret.evidence])


def test_a_rule_that_breaks_is_unknown_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    from compliance_scan.operators import equals

    def broken(*_arguments: Any) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(equals, "judge", broken)
    notes: list[Incomplete] = []
    (finding,) = judge(rule(ENCRYPTED), resource(encrypted=True), notes=notes)
    assert finding.verdict == "unknown"
    assert finding.cause is not None
    assert finding.cause.cause == "error"
    assert [(note.kind, note.where) for note in notes] == [("error", "main.tf:1")]


def test_what_cannot_be_shown_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError

    notes: list[Incomplete] = []
    one = resource(encrypted=False)
    monkeypatch.setattr(one.source, "origins_of", broken)
    (finding,) = judge(rule(ENCRYPTED), one, notes=notes)
    assert (finding.verdict, finding.evidence) == ("fail", ())
    (note,) = notes
    assert note.message == "aws-x-rule cannot show what decided on aws_x.a: ZeroDivisionError"


def test_a_rule_that_does_not_find_what_it_judges_ends_alone() -> None:
    class Broken(FakeWorld):
        def subjects(self, types: Any) -> Any:
            if "aws_x" in types:
                raise ZeroDivisionError
            return super().subjects(types)

    notes: list[Incomplete] = []
    other = resource("aws_y.b", encrypted=True)
    rules = [instance(rule(ENCRYPTED)), instance(rule(ENCRYPTED, resource=["aws_y"], id="other"))]
    (finding,) = evaluate(rules, Broken([resource(), other]), notes=notes)
    assert finding.rule == "other"
    assert [note.message for note in notes] == ["aws-x-rule could not find what it judges: ZeroDivisionError"]


def test_findings_come_by_address_then_rule() -> None:
    world = FakeWorld([resource("aws_x.b"), resource("aws_x.a")])
    one, two = rule(ENCRYPTED, id="b-rule"), rule(ENCRYPTED, id="a-rule")
    found = evaluate([instance(one), instance(two)], world)
    assert [(item.resource.address, item.rule) for item in found] == [
        ("aws_x.a", "a-rule"), ("aws_x.a", "b-rule"), ("aws_x.b", "a-rule"), ("aws_x.b", "b-rule"),
    ]  # fmt: skip


def test_other_planes_are_left_alone() -> None:
    assert judge(rule(ENCRYPTED, planes=["live"]), resource()) == []


def test_a_repository_is_not_an_account() -> None:
    trails = {"some": {"in": "trails", "assert": ENCRYPTED}}
    more = Unknown("not_collected")
    one = rule(trails, resource=["account"])

    def verdict(trail: Any, plane: str = "code") -> str:
        return judge(one, resource("account", trails=trail, _plane=plane))[0].verdict

    assert verdict(Open([], more)) == "not_applicable"
    assert verdict(Open([{"encrypted": True}], more)) == "pass"
    assert verdict(Open([{"encrypted": False}], more)) == "unknown"
    assert verdict([], "live") == "fail"
    declared = rule({"path": "length", "at_least": 14}, resource=["account"])
    assert judge(declared, resource("account", length=6))[0].verdict == "fail"
    assert judge(declared, resource("account"))[0].verdict == "not_applicable"


def test_a_satellite_without_its_owner_speaks_of_its_own_part_alone() -> None:
    of_another_part = Unknown("not_collected", "versioning", symbol=UNREAD + "versioning")
    assert judge(rule(ENCRYPTED), resource(encrypted=of_another_part)) == []
    assert judge(rule(ENCRYPTED), resource(encrypted=UNKNOWN))[0].verdict == "unknown"
    assert judge(rule(ENCRYPTED), resource(encrypted=Unknown("not_collected")))[0].verdict == "unknown"


def test_explain_traces_every_condition() -> None:
    world = FakeWorld([resource(encrypted=False)])
    told = explain(instance(rule(ENCRYPTED, REPLICA)), world.subjects(["aws_x"])[0], world)
    assert told.verdict == "fail"
    assert told.when is not None
    assert told.when.children[0].operator == "exists"
    assert told.assertion.verdict is False


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"action": "s3:*", "principal": "*"}, "policy allows s3:* to *"),
        ({"action": "*", "condition": "unrestricted"}, "policy allows * (unrestricted)"),
    ],
)
def test_what_a_policy_allows_is_told_as_a_sentence(asked: dict[str, Any], told: str) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    found = judge(rule({"not": {"path": "policy", "policy_allows": asked}}), resource(policy=document))
    assert found[0].evidence[0].message == told
