"""Profiles that extend one another, bring packs, and declare controls that do not apply; own frameworks."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compliance_scan import profile
from compliance_scan.cli.app import run
from compliance_scan.errors import ConfigError
from compliance_scan.frameworks import Frameworks
from compliance_scan.ruleset import Ruleset

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/profile.schema.json").read_text())
BASE = """\
title: Everybody
framework: [soc2-2017]
fail_on: high
skip_rule: [aws-s3-bucket-versioning]
rules:
  - {rule: aws-rds-storage-encrypted, severity: critical}
  - {rule: aws-efs-encrypted, as: files, severity: low}
suppressions:
  - {rule: aws-rds-storage-encrypted, reason: base, resource: "*.old"}
"""
OWN = """\
extends: base.yaml
title: Trading
framework: [cis-aws]
fail_on: low
rules:
  - {rule: aws-rds-storage-encrypted, severity: medium}
not_applicable:
  - {framework: soc2-2017, control: "CC1.*", reason: run by the parent, owner: legal, until: 2027-06-30}
  - {framework: cis-aws, control: "2.10", reason: no people in the account}
"""
RULE = """\
title: Queues are named by team
code: ORG1001
severity: low
resource: aws_sqs_queue
assert: {path: name, starts_with: "team-"}
objectives: [team-names]
why: Names tell who is called at night.
fix: {note: Rename the queue.}
examples:
  - name: good
    terraform: |
      resource "aws_sqs_queue" "q" { name = "team-a" }
    pass: [aws_sqs_queue.q]
"""
FRAMEWORK = """\
title: Our own rules
version: "1"
extends: soc2-2017
controls:
  - id: ORG-1
    title: Queues carry their team
    objectives: [team-names]
    coverage: full
  - id: CC1.1
    title: Conduct, by our code
    rules: [org-queue-name]
    coverage: partial
    manual: {ask: "Do people know the code?", collect: Acknowledgements.}
"""
HUB = "team-names: {title: t, meaning: m., evidence: e., limits: l.}\n"
QUEUE = 'resource "aws_sqs_queue" "q" { name = "team-a" }\n'


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Ruleset.open()


def files(folder: Path, **contents: str) -> Path:
    for name, text in contents.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def pack(folder: Path, framework: str = FRAMEWORK, name: str = "our-own-1") -> Path:
    place = folder / "policy"
    (place / "frameworks").mkdir(parents=True)
    (place / "org-queue-name.yaml").write_text(RULE)
    (place / "frameworks" / "objectives.yaml").write_text(HUB)
    (place / "frameworks" / f"{name}.yaml").write_text(framework)
    return place


def test_what_stands_in_a_profile_goes_before_what_it_extends(tmp_path: Path, ruleset: Ruleset) -> None:
    made = profile.read(str(files(tmp_path, base=BASE, own=OWN) / "own.yaml"), ruleset)
    assert (made.title, made.fail_on, made.framework) == ("Trading", "low", ("soc2-2017", "cis-aws"))
    assert [(each.name, each.severity) for each in made.instances] == [
        ("aws-rds-storage-encrypted", "medium"),
        ("files", "low"),
    ]
    assert made.skip == ("aws-s3-bucket-versioning",)
    assert [file.rpartition("/")[2] for file in made.suppression_files] == ["base.yaml"]


def test_a_profile_that_two_others_extend_is_read_once(tmp_path: Path, ruleset: Ruleset) -> None:
    files(tmp_path, base=BASE, left="extends: base.yaml\n", right="extends: [base.yaml]\n")
    made = profile.read(str(files(tmp_path, own="extends: [left.yaml, right.yaml]\n") / "own.yaml"), ruleset)
    assert len(made.suppressions) == 1


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"own": "title: x\nextends: own.yaml\n"}, "own.yaml:2: `extends` leads in a circle: "),
        ({"own": "extends: b.yaml\n", "b": "extends:\n  - own.yaml\n"}, "b.yaml:2: `extends` leads in a circle: "),
        ({"own": "extends: none.yaml\n"}, "own.yaml:1: the profile "),
        ({"own": "extends: nobody\n"}, "own.yaml:1: there is no profile 'nobody'"),
        ({"own": "packs: [nothing]\n"}, "own.yaml:1: there is no folder nothing"),
        ({"own": "suppressions:\n  - {rule: aws-rds-storage-encryptd, reason: x}\n"}, "own.yaml:2: unknown rule"),
        ({"own": "not_applicable:\n  - {framework: a, control: b}\n"}, "own.yaml:2: `not_applicable.0` lacks the key"),
        (
            {"own": "not_applicable:\n  - {framework: a, control: 2.10, reason: x}\n"},
            "own.yaml:2: `control` is a number",
        ),
        (
            {"own": "not_applicable:\n  - {framework: a, control: b, reason: x, until: soon}\n"},
            "own.yaml:2: until is 'soon', which is no date",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    texts: Mapping[str, str], message: str, tmp_path: Path, ruleset: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files(tmp_path, **texts))
    with pytest.raises(ConfigError) as raised:
        profile.read("own.yaml", ruleset)
    assert raised.value.message.startswith(message)


def test_a_profile_of_the_repository_leads_to_nothing_outside_it(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    files(tmp_path, base=BASE)
    files(root, own="extends: ../base.yaml\n", packed="packs: [..]\n")
    for name in ("own", "packed"):
        with pytest.raises(ConfigError, match="leads outside the repository root"):
            profile.load(str(root / f"{name}.yaml"), str(root))
    files(tmp_path, outer="extends: repo/inner.yaml\n")
    files(root, inner="title: x\n")
    assert len(profile.load(str(tmp_path / "outer.yaml"), str(root)).documents) == 2


def test_controls_that_do_not_apply_are_found_by_id_and_glob(tmp_path: Path, ruleset: Ruleset) -> None:
    frameworks = Frameworks.open()
    made = profile.read(str(files(tmp_path, base=BASE, own=OWN) / "own.yaml"), ruleset)
    selected = made.resolved(frameworks)
    found = made.exemptions_of(frameworks, selected, date(2027, 6, 30))
    assert {name for framework, name in found if framework == "soc2-2017"} == {f"CC1.{n}" for n in range(1, 6)}
    assert found["cis-aws-7.0", "2.10"].owner is None
    assert {framework for framework, _ in made.exemptions_of(frameworks, selected, date(2027, 7, 1))} == {"cis-aws-7.0"}


def test_unknown_names_in_a_profile_get_the_nearest_one(tmp_path: Path, ruleset: Ruleset) -> None:
    frameworks = Frameworks.open()
    text = "framework: [soc2-2017]\nnot_applicable:\n  - {framework: soc2, control: CC1.11, reason: x}\n"
    made = profile.read(str(files(tmp_path, own=text) / "own.yaml"), ruleset)
    with pytest.raises(ConfigError, match=r"own\.yaml:3: soc2-2017 has no control `CC1\.11`, did you mean `CC1\.1`\?"):
        made.exemptions_of(frameworks, ["soc2-2017"], date(2027, 1, 1))
    made = profile.read(str(files(tmp_path, other="framework:\n  - soc3\n") / "other.yaml"), ruleset)
    with pytest.raises(ConfigError, match=r"other\.yaml:2: there is no framework 'soc3'"):
        made.resolved(frameworks)


@pytest.mark.parametrize("text", [BASE, OWN, "packs: [a]\n", "extends: [a, b]\n"])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    from compliance_scan import _yaml

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(_yaml.read(text, "p.yaml").data)
    assert set(SCHEMA["properties"]) == set(profile.KEYS)


@pytest.mark.parametrize("change", [{"tilte": "x"}, {"not_applicable": [{"framework": "a", "control": "b"}]}])
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(change))


def test_own_rules_objectives_and_frameworks_come_as_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pack(tmp_path)
    (tmp_path / "main.tf").write_text(QUEUE)
    assert run(["frameworks", "show", "our-own", "--rules", "policy", "-f", "json"]) == 0
    told = json.loads(capfd.readouterr().out)
    controls = {one["id"]: one for one in told["controls"]}
    assert len(controls) == 62
    assert (controls["ORG-1"]["rules"], controls["ORG-1"]["coverage"]) == (["org-queue-name"], "full")
    assert controls["CC1.1"]["title"] == "Conduct, by our code"

    files(tmp_path, own="packs: [policy]\nframework: [our-own]\nothers: run\n")
    code = run(["scan", "main.tf", "--profile", "own.yaml", "-f", "json", "--fail-on", "critical", "--verdicts", "all"])
    report = json.loads(capfd.readouterr().out)
    assert code == 0
    (one,) = [entry for entry in report["controls"] if entry["control"] == "ORG-1"]
    assert (one["framework"], one["status"], one["resources"]) == ("our-own-1", "pass", 1)


@pytest.mark.parametrize(
    ("framework", "name", "message"),
    [
        (
            FRAMEWORK.replace("org-queue-name", "org-queue-nam"),
            "our-own-1",
            ":11: unknown rule `org-queue-nam`, did you",
        ),
        (
            FRAMEWORK.replace("[team-names]", "[team-name]"),
            "our-own-1",
            ":7: unknown objective `team-name`, did you mean",
        ),
        (
            FRAMEWORK.replace("soc2-2017", "soc2-2018"),
            "our-own-1",
            ":3: `extends` names no framework: `soc2-2018`, did",
        ),
        (
            FRAMEWORK.replace("soc2-2017", "our-own-1"),
            "our-own-1",
            ":3: `extends` leads in a circle: our-own-1 -> our-own",
        ),
        (FRAMEWORK, "soc2-2017", ":1: there is a framework soc2-2017 already"),
    ],
)
def test_what_is_wrong_in_an_own_framework_is_said_with_file_and_line(
    framework: str, name: str, message: str, tmp_path: Path
) -> None:
    place = str(pack(tmp_path, framework, name))
    with pytest.raises(ConfigError) as raised:
        Frameworks.open([place], Ruleset.open([place]).ids())
    assert f"{name}.yaml{message}" in raised.value.message


def test_a_profile_leaves_a_control_that_does_not_apply_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text('resource "aws_efs_file_system" "a" { encrypted = false }\n')
    text = "framework: [cis-aws]\nnot_applicable:\n  - {framework: cis-aws, control: 3.3.1, reason: scratch only}\n"
    files(tmp_path, own=text)
    assert run(["scan", "main.tf", "--profile", "own.yaml", "-f", "json"]) == 1
    (one,) = [c for c in json.loads(capfd.readouterr().out)["controls"] if c["control"] == "3.3.1"]
    assert one["status"] == "not_applicable"
    assert one["fail"] == 1
    assert one["reason"] == "declared not applicable: scratch only; 1 verdict fails all the same"
    assert one["exemption"]["where"] == "own.yaml:3"


def test_rules_that_a_profile_names_run_beside_its_framework_but_not_beside_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "v" { cidr_block = "10.1.0.0/16" }\n')
    named = "{rule: aws-vpc-address-range, with: {ranges: [10.0.0.0/16]}, statement: P-1}"
    (tmp_path / "own.yaml").write_text(f"framework: [cis-aws]\nrules:\n  - {named}\n")
    monkeypatch.chdir(tmp_path)
    told = []
    for more in ([], ["--framework", "cis-aws"]):
        run(["scan", ".", "--root", ".", "--profile", "own.yaml", "-f", "json", *more])
        findings = json.loads(capsys.readouterr().out)["findings"]
        told.append([each["statements"] for each in findings if each["rule"] == "aws-vpc-address-range"])
    assert told == [[["P-1"]], []]
