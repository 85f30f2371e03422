"""Packs of rules: what is refused and where, what is loaded, that nothing is stale."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from compliance_scan import compiled
from compliance_scan._yaml import read
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.ruleset import Ruleset, paths
from compliance_scan.ruleset.build import pack_of, read_folder
from compliance_scan.ruleset.scaffold import next_code, scaffold
from compliance_scan.ruleset.select import read_instances, select

REPOSITORY = Path(__file__).resolve().parents[2]

RULE = """\
title: Things are on
code: ORG0001
severity: low
resource: {resource}
assert: {condition}
parameters:
  days: {{type: number, default: 7}}
  names: {{type: list(string)}}
objectives: [backup]
why: Otherwise they are off.
fix: {{note: Switch them on.}}
examples:
  - name: on
    terraform: 'resource "aws_db_instance" "a" {{}}'
    pass: [aws_db_instance.a]
"""


def write(
    folder: Path, condition: str, name: str = "own-rule", resource: str = "aws_db_instance", **replace: str
) -> Path:
    path = folder / f"{name}.yaml"
    text = RULE.format(condition=condition, resource=resource)
    for old, new in replace.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


GOOD = "{path: storage_encrypted, equals: true}"


@pytest.mark.parametrize(
    ("condition", "line", "message"),
    [
        ("{path: storage_encrypted, equal: true}", 5, "unknown operator `equal`, did you mean `equals`?"),
        ("{path: storage_encrypted}", 5, "a leaf is a path and one operator"),
        ("{path: storage_encrypted, equals: true, in: [a]}", 5, "one operator, not both `equals` and `in`"),
        ("{path: storage_encryptd, equals: true}", 5, "aws_db_instance has no `storage_encryptd`"),
        ("{path: 'a b', equals: true}", 5, "is no path"),
        ("{path: port, at_least: param.day}", 5, "no parameter `day`, did you mean `days`?"),
        ("{path: port, in: param.days}", 5, "`in`: the argument must be list(any)"),
        ("{path: port, between: [1]}", 5, "two limits"),
        ("{path: engine, matches: '('}", 5, "is no expression"),
        ("{path: engine, policy_allows: {verb: x}}", 5, "`verb` is none of"),
        ("{every: {in: tags, assert: {path: key, equals: a}}}", 5, "must say what it means that there is no item"),
        ("{some: {in: {related: acount}}}", 5, "did you mean `account`?"),
        ("{some: {in: {related: {type: aws_vpc, from: x}}}}", 5, "unknown key `from`"),
        ("{some: {in: {related: {type: aws_vpc}}}}", 5, "one of `by`, `to`, `selects`"),
        ("{some: {in: {related: {any: '*group*'}}}}", 5, "`live`"),
        ("{some: {in: {related: {any: '', live: []}}}}", 5, "a pattern of attributes' names"),
        ("{some: {in: {related: {any: a, live: [], except: b}}}}", 5, "`except` is a list of types"),
        ("{some: {in: {related: {any: a, live: []}}, assert: {path: b, equals: 1}}}", 5, "it has no paths"),
        ("{count: {in: tags}, contains: 1}", 5, "`count` takes one of"),
        ("{use: nothing-such}", 5, "no shared condition `nothing-such`"),
        ("{al: [{path: a, equals: 1}]}", 5, "did you mean `all`?"),
        ("{any: [], all: []}", 5, "holds both `all` and `any`"),
        ("[]", 5, "empty list"),
        ("{not: {every: {in: tags, empty: not_applicable, assert: {path: key, equals: a}}}}", 5, "whole of `assert`"),
    ],
)
def test_mistakes_in_conditions_are_refused_at_their_line(
    tmp_path: Path, condition: str, line: int, message: str
) -> None:
    path = write(tmp_path, condition)
    with pytest.raises(ConfigError) as error:
        read_folder(str(tmp_path), builtin=False)
    assert error.value.message.startswith(f"{path}:{line}: ")
    assert message in error.value.message


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("severity: low", "severity: lo", 3, "did you mean `low`?"),
        ("severity: low", "severty: low", 3, "unknown key `severty`, did you mean `severity`?"),
        ("title: Things are on", "title: Things are on.", 1, "without a period"),
        ("why: Otherwise they are off.", "why: Otherwise they are off", 10, "ends with a period"),
        ("{note: Switch them on.}", "{note: Switch them on}", 11, "ends with a period"),
        ("code: ORG0001", "code: CMP0001", 2, "must not start with CMP"),
        ("code: ORG0001", "code: one", 2, "is no code"),
        ("objectives: [backup]", "objectives: [backups]", 9, "did you mean `backup`?"),
        ("default: 7", "default: seven", 7, "the default is no number"),
        ("list(string)", "set(string)", 8, "is no parameter type"),
        ("severity: low", "severity: low\ndefault: x", 4, "schema and facts say what absence means"),
        ("severity: low", "severity: low\nseverity: high", 4, "duplicate key `severity` (first on line 3)"),
        ("severity: low", "severity: low\nequivalents: {trivy: {same: [AVD-AWS-0001]}}", 4, "without `AVD-`"),
        ("severity: low", "severity: low\nequivalents: {checkof: {}}", 4, "did you mean `checkov`?"),
        ("    pass: [aws_db_instance.a]\n", "", 13, "an example says what comes out"),
        ("severity: low", "severity: [low", 4, "not valid YAML"),
        ("severity: low", "severity: !!python/object:os.system low", 3, "tag"),
    ],
)
def test_mistakes_elsewhere_are_refused_at_their_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    path = write(tmp_path, GOOD, **{old: new})
    with pytest.raises(ConfigError) as error:
        read_folder(str(tmp_path), builtin=False)
    assert message in error.value.message
    assert error.value.message.startswith(f"{path}:{line}: ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "{path: x}", "one")
    write(tmp_path, "{path: y}", "two")
    with pytest.raises(ConfigError, match="and 1 more") as error:
        read_folder(str(tmp_path), builtin=False)
    assert "two.yaml:5" in error.value.message


def test_a_code_or_id_stands_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "one")
    write(tmp_path, GOOD, "two")
    with pytest.raises(ConfigError, match="`ORG0001` is taken by"):
        read_folder(str(tmp_path), builtin=False)
    (tmp_path / "two.yaml").unlink()
    with pytest.raises(ConfigError, match="`ORG0001` is taken by another pack"):
        read_folder(str(tmp_path), builtin=False, known={"ORG0001": "another pack"})


def test_shared_conditions_are_expanded_with_their_arguments(tmp_path: Path) -> None:
    (tmp_path / "_shared").mkdir()
    shared = tmp_path / "_shared" / "long-enough.yaml"
    shared.write_text(
        "means: It is kept long enough.\narguments:\n  days: {type: number}\n  at: {type: path, default: backup_retention_period}\n"
        "condition: {path: arg.at, at_least: arg.days}\n"
    )
    write(tmp_path, "{use: long-enough, with: {days: param.days}}")
    (source,) = read_folder(str(tmp_path), builtin=False)
    assert source.record["assert"] == ("leaf", ("backup_retention_period",), "at_least", "param.days", True)
    write(tmp_path, "{use: long-enough}")
    with pytest.raises(ConfigError, match="needs the argument `days`"):
        read_folder(str(tmp_path), builtin=False)
    write(tmp_path, "{use: long-enough, with: {days: many}}")
    with pytest.raises(ConfigError, match="`days` must be number"):
        read_folder(str(tmp_path), builtin=False)


def test_users_packs_are_cached_and_never_stale(tmp_path: Path, cache: Path) -> None:
    path = write(tmp_path, GOOD)
    before = sorted(os.listdir(tmp_path))
    first = Ruleset.open([str(tmp_path)])
    assert first.rule("ORG0001").id == "own-rule"
    assert first.prose("own-rule").why == "Otherwise they are off."
    assert sorted(os.listdir(tmp_path)) == before
    (packed,) = list(os.listdir(cache / "compliance-scan"))
    assert Ruleset.open([str(tmp_path)]).digest == first.digest
    path.write_text(path.read_text().replace("severity: low", "severity: high"))
    second = Ruleset.open([str(tmp_path)])
    assert second.rule("own-rule").severity == "high"
    assert second.digest != first.digest
    assert list(os.listdir(cache / "compliance-scan")) != [packed]
    assert len(os.listdir(cache / "compliance-scan")) == 1


def test_a_pack_gives_the_rules_of_the_types_at_hand(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "db-rule")
    write(tmp_path, "{path: name, exists: true}", "lb-rule", "[aws_lb, aws_elb]", ORG0001="ORG0002")
    ruleset = Ruleset([compiled.Pack(pack_of(read_folder(str(tmp_path), builtin=False)))])
    assert [rule.id for rule in ruleset.for_types(["aws_lb", "aws_vpc"])] == ["lb-rule"]
    assert ruleset.types() == ["aws_db_instance", "aws_elb", "aws_lb"]
    assert [rule.id for rule in ruleset.all()] == ["db-rule", "lb-rule"]
    with pytest.raises(UsageError, match="unknown rule `db-rul`, did you mean `db-rule`"):
        ruleset.rule("db-rul")


def packed(folder: Path) -> Ruleset:
    return Ruleset([compiled.Pack(pack_of(read_folder(str(folder), builtin=False)))])


def test_the_rules_of_a_plan_run_only_where_they_are_named() -> None:
    ruleset = Ruleset.open()
    plain = {instance.rule.id for instance in select(ruleset, types=["aws_kms_key"], preview=True)}
    assert "aws-kms-key-rotation" in plain
    assert not {name for name in plain if "architecture-plan" in ruleset.rule(name).objectives}
    named = select(ruleset, types=["aws_kms_key"], rules=["aws-plan-kms-key-in-hardware"])
    assert [instance.name for instance in named] == ["aws-plan-kms-key-in-hardware"]


def test_select_chooses_by_name_severity_and_status(tmp_path: Path) -> None:
    both = {"parameters:\n  days: {type: number, default: 7}\n  names: {type: list(string)}\n": ""}
    write(tmp_path, GOOD, "stable-rule", **both)
    write(
        tmp_path,
        GOOD,
        "preview-rule",
        **both,
        **{"ORG0001": "ORG0002", "severity: low": "severity: high\nstatus: preview"},
    )
    write(tmp_path, "{path: port, in: [1]}", "wants-rule", ORG0001="ORG0003")
    ruleset = packed(tmp_path)

    def names(**options: Any) -> list[str]:
        return [instance.name for instance in select(ruleset, **options)]

    assert names() == ["stable-rule"]  # `wants-rule` has a parameter that nobody set
    assert names(preview=True) == ["preview-rule", "stable-rule"]
    assert names(rules=["preview-rule"]) == ["preview-rule"]
    assert names(preview=True, severity="high") == ["preview-rule"]
    assert names(skip=["ORG0001"]) == []
    assert names(types=["aws_lb"]) == []
    assert names(preview=True, keep=lambda rule: rule.severity == "low") == ["stable-rule"]
    with pytest.raises(UsageError):
        select(ruleset, skip=["nothing"])


PROFILE = """\
rules:
  - rule: wants-rule
    as: strict
    only: {address: "module.*", tags: {tier: [1, gold]}}
    with: {days: 30, names: [a]}
    statement: C-10
    severity: critical
  - {rule: wants-rule, as: other, with: {names: [b]}}
"""


def test_a_profiles_instances_replace_the_plain_rule(tmp_path: Path) -> None:
    write(tmp_path, "{path: port, at_least: param.days}", "wants-rule")
    ruleset = packed(tmp_path)
    profile = read_instances(read(PROFILE, "profile.yaml"), ("rules",), ruleset)
    strict, other = profile
    assert (strict.name, strict.severity, strict.statements, strict.parameters["days"]) == (
        "strict",
        "critical",
        ("C-10",),
        30,
    )
    assert strict.scope is not None
    assert strict.scope.tags == {"tier": ("1", "gold")}
    assert other.parameters == {"days": 7, "names": ["b"]}
    assert [instance.name for instance in select(ruleset, profile=profile)] == ["other", "strict"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("wants-rule\n    as", "want-rule\n    as", 2, "did you mean `wants-rule`?"),
        ("days: 30", "days: many", 5, "`days` must be number"),
        ("days: 30", "day: 30", 5, "unknown parameter `day`, did you mean `days`?"),
        ("as: other", "as: strict", 8, "stands twice"),
        ("severity: critical", "severity: urgent", 7, "is none of"),
        ("only: {address", "only: {adress", 4, "did you mean `address`?"),
    ],
)
def test_mistakes_in_a_profile_are_refused(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    write(tmp_path, "{path: port, at_least: param.days}", "wants-rule")
    with pytest.raises(ConfigError) as error:
        read_instances(read(PROFILE.replace(old, new), "profile.yaml"), ("rules",), packed(tmp_path))
    assert error.value.message.startswith(f"profile.yaml:{line}: ")
    assert message in error.value.message


def test_a_new_rule_takes_the_next_free_code_and_is_valid(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    (folder / "_shared").mkdir(parents=True)
    (folder / "_shared" / "codes.yaml").write_text("ranges:\n  aws/rds: [1040, 1041]\n  aws: [1900, 1999]\n")
    assert next_code(str(folder), "aws/rds") == "CMP1040"
    for code in ("CMP1040", "CMP1041"):
        path, text = scaffold(str(folder), "aws/rds", f"aws-rds-{code.lower()}", "aws_db_instance")
        assert f"code: {code}" in text
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("path: attribute", "path: storage_encrypted"))
    assert next_code(str(folder), "aws/rds") == "CMP1900"
    assert [source.id for source in read_folder(str(folder), builtin=True)] == ["aws-rds-cmp1040", "aws-rds-cmp1041"]
    with pytest.raises(UsageError, match="exists already"):
        scaffold(str(folder), "aws/rds", "aws-rds-cmp1040")
    with pytest.raises(UsageError, match="no rule id"):
        scaffold(str(folder), "aws/rds", "RDS")
    with pytest.raises(UsageError, match="no folder"):
        scaffold(str(folder), "../x", "aws-rds-x")


def test_the_published_schema_is_the_one_that_judges() -> None:
    packaged = REPOSITORY / "src/compliance_scan/ruleset/rule.schema.json"
    assert json.loads((REPOSITORY / "docs/schema/rule.schema.json").read_text()) == json.loads(packaged.read_text())


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (".", ()), ("a.b", ("a", "b")), ("a[0].b", ("a", 0, "b")), ('a["k.x/y"]', ("a", "k.x/y")), ("^", ("^",)), ("^.a", ("^", "a")),
        ("^a", ("^", "a")), ("['x']", ("x",)),
    ],
)  # fmt: skip
def test_paths(text: str, steps: tuple[Any, ...]) -> None:
    assert paths.parse(text) == steps


@pytest.mark.parametrize("text", ["", "a..b", "a.", "a[", "a[x]", "a b", ".^", "a*"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match=r"path|item"):
        paths.parse(text)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("yields_to: [nobody]", "", "there is no rule `nobody`"),
        ("yields_to: [other-rule]", "yields_to: [own-rule]", "yields to this rule in turn"),
        ("yields_to: [own-rule]", "", "yields to this rule in turn"),
    ],
)
def test_a_rule_yields_only_where_somebody_still_speaks(tmp_path: Path, first: str, second: str, told: str) -> None:
    condition = "{path: storage_encrypted, equals: true}"
    for name, line, code in (("own-rule", first, "ORG0001"), ("other-rule", second, "ORG0002")):
        write(tmp_path, condition, name=name, **{"ORG0001": code, "objectives:": f"{line}\nobjectives:"})
    with pytest.raises(ConfigError, match=told):
        read_folder(str(tmp_path), builtin=False)


def test_a_rule_does_not_yield_to_a_milder_one(tmp_path: Path) -> None:
    condition = "{path: storage_encrypted, equals: true}"
    write(tmp_path, condition, name="other-rule", ORG0001="ORG0002")
    severe = {"severity: low": "severity: high\nyields_to: [other-rule]"}
    write(tmp_path, condition, **severe)
    with pytest.raises(ConfigError, match="is less severe"):
        read_folder(str(tmp_path), builtin=False)
