"""`report`: saved results rendered, merged, compared, and other tools' results beside ours."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from compliance_scan.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs/schema/report.schema.json").read_text())
RECORDED = ROOT / "tests/bridges/recorded"
ESTATE = RECORDED / "estate"
ENCRYPTED = "aws-rds-storage-encrypted"

Run = "Callable[..., tuple[int, str, str]]"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def runs(*arguments: object) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return runs


@pytest.fixture
def saved(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved report of the estate that the other tools' recorded results are of."""
    monkeypatch.chdir(ESTATE)
    file = tmp_path / "ours.json"
    run("scan", ".", "--root", ".", "--framework", "soc2-2017", "-f", f"json={file}", "--no-config")
    monkeypatch.chdir(tmp_path)
    return file


def report_of(run: Any, *arguments: object) -> Any:
    made = json.loads(run("report", *arguments, "-f", "json")[1])
    jsonschema.Draft202012Validator(SCHEMA).validate(made)
    return made


def test_one_report_comes_out_as_it_went_in(saved: Path, run: Any) -> None:
    code, out, err = run("report", saved, "-f", "json")
    assert out == saved.read_text()
    assert (code, err) == (1, "")


def test_any_format(saved: Path, run: Any, tmp_path: Path) -> None:
    code, out, _ = run("report", saved, "-f", f"sarif={tmp_path / 'x.sarif'}", "-f", "markdown")
    assert code == 1
    assert out.startswith("<!-- compliance-scan -->")
    assert json.loads((tmp_path / "x.sarif").read_text())["version"] == "2.1.0"


def test_the_exit_code_can_be_decided_anew(saved: Path, run: Any) -> None:
    assert run("report", saved, "--fail-on", "critical")[0] == 0
    assert run("report", saved, "--fail-on", "high")[0] == 1


def test_the_same_report_twice_is_the_same_report(saved: Path, run: Any, tmp_path: Path) -> None:
    twin = tmp_path / "twin.json"
    twin.write_text(saved.read_text())
    one, two = report_of(run, saved), report_of(run, saved, twin)
    assert two["findings"] == one["findings"]
    assert two["summary"] == one["summary"]
    counts = [
        {key: entry[key] for key in ("control", "fail", "unknown", "suppressed", "status")} for entry in one["controls"]
    ]
    assert counts == [{key: entry[key] for key in counts[0]} for entry in two["controls"]]


def test_the_worst_of_two_stands(saved: Path, run: Any, tmp_path: Path) -> None:
    document = json.loads(saved.read_text())
    for finding in document["findings"]:
        if finding["rule"] == ENCRYPTED:
            finding["verdict"] = "unknown"
    document["summary"]["fail"] -= 1
    document["summary"]["unknown"] += 1
    document["summary"]["open_by_severity"]["high"] -= 1
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    for order in ((saved, other), (other, saved)):
        made = report_of(run, *order)
        (finding,) = [each for each in made["findings"] if each["rule"] == ENCRYPTED]
        assert finding["verdict"] == "fail"
        assert made["summary"]["fail"] == json.loads(saved.read_text())["summary"]["fail"]


def test_an_incomplete_report_leaves_four(saved: Path, run: Any, tmp_path: Path) -> None:
    document = json.loads(saved.read_text())
    document["incomplete"] = [{"kind": "denied", "where": "rds:DescribeDBInstances", "message": "no", "hint": ""}]
    document["run"]["exit_code"] = 4
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    assert run("report", saved, other)[0] == 4
    assert run("report", other, saved)[0] == 4
    assert run("report", saved, other, "--allow-incomplete")[0] == 1


def test_checkov_joins_what_we_say(saved: Path, run: Any) -> None:
    ours = json.loads(saved.read_text())
    made = report_of(run, saved, RECORDED / "checkov.json")
    told = [each for each in made["findings"] if each["rule"] == ENCRYPTED]
    assert len(told) == 1
    assert told[0]["message"] == "storage_encrypted is false, expected true"
    assert [each["message"] for each in told[0]["related"]] == ["reported by checkov 3.3.30 as CKV_AWS_16"]
    theirs = report_of(run, saved, RECORDED / "checkov.json", "--verdicts", "pass")["findings"]
    assert {each["rule"].partition(":")[0] for each in theirs} == {"checkov"}
    assert made["summary"]["pass"] == ours["summary"]["pass"] + len(theirs)
    keys = [(each["rule"], each["resource"]["address"]) for each in made["findings"]]
    assert len(keys) == len(set(keys))
    assert made["summary"]["fail"] == sum(each["verdict"] == "fail" for each in made["findings"])
    assert made["summary"]["fail"] > ours["summary"]["fail"]


def test_what_only_a_peer_has_keeps_its_name(saved: Path, run: Any, tmp_path: Path) -> None:
    text = (RECORDED / "checkov.json").read_text()
    known = json.loads(text)
    reports = known if isinstance(known, list) else [known]
    first = reports[0]["results"]["failed_checks"][0]["check_id"]
    peer = tmp_path / "checkov.json"
    peer.write_text(text.replace(f'"{first}"', '"CKV_AWS_99999"'))
    made = report_of(run, saved, peer)
    foreign = [each for each in made["findings"] if each["rule"].startswith("checkov:")]
    assert foreign
    for finding in foreign:
        rule = made["rules"][finding["rule"]]
        assert rule["equivalents"]["checkov"]["same"] == [finding["rule"].removeprefix("checkov:")]
        assert finding["related"][0]["message"].startswith("reported by checkov")


def test_a_block_of_a_module_joins_by_its_lines(saved: Path, run: Any) -> None:
    made = report_of(run, saved, RECORDED / "checkov.json")
    (finding,) = [each for each in made["findings"] if each["rule"] == "aws-ebs-volume-encrypted"]
    assert finding["resource"]["address"] == "module.db.aws_ebs_volume.data"
    assert "reported by checkov 3.3.30 as CKV_AWS_3" in [each["message"] for each in finding["related"]]


def test_a_peers_own_suppression_stays_one(run: Any) -> None:
    made = report_of(run, RECORDED / "checkov.json")
    found = [each["suppression"] for each in made["findings"] if each["suppression"]]
    assert [(each["kind"], each["reason"], each["status"]) for each in found] == [("foreign", "a bastion", "accepted")]


def test_peers_serve_controls(run: Any) -> None:
    made = report_of(run, RECORDED / "checkov.json", "--framework", "soc2")
    failing = {entry["control"] for entry in made["controls"] if entry["status"] == "fail"}
    served = {
        one for each in made["findings"] if each["verdict"] == "fail" for one in each["controls"].get("soc2-2017", ())
    }
    assert failing == served != set()


def test_a_tool_that_ran_in_a_parent_folder(saved: Path, run: Any, tmp_path: Path) -> None:
    document = json.loads((RECORDED / "checkov.json").read_text())
    for part in document:
        for group in part["results"].values():
            for entry in group:
                entry["repo_file_path"] = "/infra" + entry["repo_file_path"]
    moved = tmp_path / "moved.json"
    moved.write_text(json.dumps(document))
    straight = report_of(run, saved, RECORDED / "checkov.json")
    assert len(report_of(run, saved, moved)["findings"]) == len(straight["findings"])


def test_three_tools_say_it_once(saved: Path, run: Any, tmp_path: Path) -> None:
    trivy = tmp_path / "anything.txt"
    trivy.write_text(json.dumps(TRIVY))
    made = report_of(run, RECORDED / "checkov.json", trivy, saved)
    (finding,) = [each for each in made["findings"] if each["rule"] == ENCRYPTED]
    assert {each["message"] for each in finding["related"]} == {
        "reported by checkov 3.3.30 as CKV_AWS_16",
        "reported by trivy 0.70.0 as AWS-0080",
    }


def test_two_peers_without_us_say_it_once(run: Any, tmp_path: Path) -> None:
    trivy = tmp_path / "trivy.json"
    trivy.write_text(json.dumps(TRIVY))
    made = report_of(run, RECORDED / "checkov.json", trivy)
    (finding,) = [each for each in made["findings"] if each["rule"] == ENCRYPTED]
    assert len(finding["related"]) == 2
    assert made["summary"]["fail"] == sum(each["verdict"] == "fail" for each in made["findings"])


TRIVY: dict[str, Any] = {
    "SchemaVersion": 2,
    "ArtifactName": ".",
    "Trivy": {"Version": "0.70.0"},
    "Results": [
        {
            "Target": "main.tf",
            "Class": "config",
            "Type": "terraform",
            "Misconfigurations": [
                {
                    "ID": "AVD-AWS-0080",
                    "Title": "RDS encryption has not been enabled",
                    "Message": "Instance does not have storage encryption enabled.",
                    "Resolution": "Enable encryption",
                    "Severity": "HIGH",
                    "PrimaryURL": "https://avd.example/aws-0080",
                    "Status": "FAIL",
                    "CauseMetadata": {"Resource": "aws_db_instance.main", "StartLine": 8, "EndLine": 8},
                },
                {"ID": 7},
            ],
        }
    ],
}


def test_what_is_not_as_documented_is_counted_and_incomplete(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps(TRIVY))
    made = report_of(run, file)
    assert [entry["message"] for entry in made["incomplete"]] == ["1 entry is not as the tool's documentation has them"]
    assert made["run"]["exit_code"] == 4


PROWLER: list[dict[str, Any]] = [
    {
        "metadata": {"event_code": code, "product": {"name": "Prowler", "vendor_name": "Prowler", "version": "5.4.0"}},
        "severity": "Medium",
        "status": "Suppressed" if muted else "New",
        "status_code": status,
        "status_detail": f"{code} of main",
        "finding_info": {"title": code, "uid": f"prowler-{code}"},
        "resources": [{"uid": arn, "name": "main", "region": "eu-west-1", "type": "AwsRdsDbInstance"}],
        "class_uid": 2004,
        "cloud": {"account": {"uid": "123456789012"}, "provider": "aws", "region": "eu-west-1"},
        "remediation": {"desc": "Encrypt it.", "references": ["https://hub.example/x"]},
    }
    for code, status, muted, arn in (
        ("rds_instance_storage_encrypted", "FAIL", False, "arn:aws:rds:eu-west-1:123456789012:db:main"),
        ("rds_instance_storage_encrypted", "PASS", False, "arn:aws:rds:eu-west-1:123456789012:db:other"),
        ("rds_instance_multi_az", "FAIL", True, "arn:aws:rds:eu-west-1:123456789012:db:main"),
        ("a_check_of_its_own", "MANUAL", False, "arn:aws:rds:eu-west-1:123456789012:db:main"),
    )
]


def test_prowler(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "prowler.ocsf.json"
    file.write_text(json.dumps(PROWLER))
    made = report_of(run, file, "--framework", "soc2", "--verdicts", "all")
    told = {(each["rule"], each["resource"]["arn"][-5:]): each for each in made["findings"]}
    encrypted = told[ENCRYPTED, ":main"]
    assert (encrypted["verdict"], encrypted["resource"]["plane"], encrypted["severity"]) == ("fail", "live", "high")
    assert encrypted["controls"]["soc2-2017"]
    assert told[ENCRYPTED, "other"]["verdict"] == "pass"
    assert [each["verdict"] for each in made["findings"] if each["rule"] == "prowler:a_check_of_its_own"] == ["unknown"]
    muted = [each["suppression"] for each in made["findings"] if each["suppression"]]
    assert [(each["kind"], each["status"]) for each in muted] == [("foreign", "under_review")]
    assert made["run"]["account"] == "123456789012"


def test_prowler_joins_an_audit_by_arn(saved: Path, run: Any, tmp_path: Path) -> None:
    document = json.loads(saved.read_text())
    document["run"].update({"command": "audit", "account": "123456789012"})
    for finding in document["findings"]:
        if finding["rule"] == ENCRYPTED:
            finding["location"] = finding["context"] = None
            finding["resource"].update({"plane": "live", "arn": PROWLER[0]["resources"][0]["uid"]})
    audit, prowler = tmp_path / "audit.json", tmp_path / "prowler.json"
    audit.write_text(json.dumps(document))
    prowler.write_text(json.dumps(PROWLER[:1]))
    made = report_of(run, audit, prowler)
    (finding,) = [each for each in made["findings"] if each["rule"] == ENCRYPTED]
    assert finding["related"][-1]["message"] == "reported by prowler 5.4.0 as rds_instance_storage_encrypted"


def test_our_own_sarif_comes_back(saved: Path, run: Any, tmp_path: Path) -> None:
    sarif = tmp_path / "full.sarif"
    run("report", saved, "-f", f"sarif={sarif}", "--sarif-profile", "full")
    made = report_of(run, saved, sarif)
    assert len(made["findings"]) == len(json.loads(saved.read_text())["findings"])
    assert not [each for each in made["findings"] if each["message_id"] == "imported"]


def test_what_is_new_fixed_and_still_there(saved: Path, run: Any, tmp_path: Path) -> None:
    old = json.loads(saved.read_text())
    gone = copy.deepcopy(next(each for each in old["findings"] if each["rule"] == ENCRYPTED))
    gone.update({"fingerprint": "cs1:gone", "aliases": []})
    gone["resource"] = {**gone["resource"], "address": "aws_db_instance.gone"}
    gone["suppression"] = {
        "kind": "config", "reason": "x", "owner": "team-a", "until": None, "where": "c:1", "status": "accepted",
    }  # fmt: skip
    old["findings"] = [each for each in old["findings"] if each["rule"] != ENCRYPTED] + [gone]
    before = tmp_path / "old.json"
    before.write_text(json.dumps(old))
    made = report_of(run, saved, "--compare", before)
    states = {each["fingerprint"]: each["baseline"] for each in made["findings"]}
    assert states["cs1:gone"] == "absent"
    assert [each["rule"] for each in made["findings"] if each["baseline"] == "new"] == [ENCRYPTED]
    told = made["comparison"]
    assert (told["new"], told["fixed"], told["worsened"], told["not_looked_at"]) == (1, 1, 0, 0)
    assert told["unchanged"] == len(made["findings"]) - 2
    assert told["by"] == {"cs1:gone": "team-a"}
    assert sum(made["summary"]["open_by_severity"].values()) == 1
    assert made["run"]["exit_code"] == 1
    code, text, _ = run("report", saved, "--compare", before)
    assert "1 new, 0 worse, 1 fixed" in text
    assert "aws_db_instance.gone (team-a)" in text
    assert run("report", saved, "--compare", saved)[0] == 0
    assert code == 1


def test_nothing_is_fixed_where_nobody_looked(saved: Path, run: Any, tmp_path: Path) -> None:
    new = json.loads(saved.read_text())
    new["findings"], new["run"]["targets"] = [], ["modules"]
    after = tmp_path / "new.json"
    after.write_text(json.dumps(new))
    told = report_of(run, after, "--compare", saved)["comparison"]
    inside = [
        each for each in json.loads(saved.read_text())["findings"] if each["location"]["file"].startswith("modules/")
    ]
    assert told["fixed"] == len(inside) > 0
    assert told["not_looked_at"] == len(json.loads(saved.read_text())["findings"]) - len(inside)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json:1: the file is empty"),
        ("{", "x.json:1:2: not JSON"),
        ("a: b", "x.json:1:1: not JSON"),
        ("[]", "x.json:1: an empty document holds no results"),
        ('{"a": 1}', "neither a JSON report of compliance-scan nor results of a tool that is known"),
        ("[" * 100_000, "nested too deeply"),
        ('{"schema_version": 1, "findings": []}', "a baseline, not a report"),
        ('{"schema_version": 9, "tool": {"name": "compliance-scan"}, "run": {}}', "a report of schema version 9"),
        (
            '{"schema_version": 1, "tool": {"name": "compliance-scan"}, "run": {}}',
            "a report without summary, frameworks",
        ),
        ("\xff", "not JSON"),
    ],
)
def test_bad_files(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.json").write_text(text, encoding="latin-1")
    code, out, err = run("report", "x.json")
    assert (code, out) == (2, "")
    assert message in err


def test_a_report_with_holes_is_refused(saved: Path, run: Any, tmp_path: Path) -> None:
    document = json.loads(saved.read_text())
    del document["findings"][3]["severity"]
    file = tmp_path / "x.json"
    file.write_text(json.dumps(document))
    code, _, err = run("report", file)
    assert code == 2
    assert "finding 3 is without severity" in err


def test_missing_files(run: Any, tmp_path: Path) -> None:
    assert run("report", tmp_path / "nothing.json")[0] == 2
    assert "is a folder" in run("report", tmp_path)[2]
    assert run("report")[0] == 2
