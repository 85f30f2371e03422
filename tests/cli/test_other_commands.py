"""`inventory`, `explain`, `rules` and `frameworks`."""

import io
import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from compliance_scan.cli import main

CODE = """variable "encrypted" {
  default = false
}
resource "aws_kms_key" "k" {}
resource "aws_db_instance" "db" {
  engine            = "postgres"
  storage_encrypted = var.encrypted
  kms_key_id        = aws_kms_key.k.arn
  password          = "hunter2-hunter2"
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_inventory(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("inventory", capsys=capsys)
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["address"] for line in lines] == ["aws_kms_key.k", "aws_db_instance.db"]
    database = lines[1]
    assert set(database) == {
        "address",
        "root",
        "type",
        "plane",
        "attributes",
        "unknown",
        "location",
        "identity",
        "conditional",
    }
    assert database["attributes"]["storage_encrypted"] is False
    assert database["attributes"]["password"] == "(sensitive)"
    assert database["attributes"]["kms_key_id"] == "${aws_kms_key.k.arn}"
    assert database["location"] == {"file": "main.tf", "line": 5, "column": 1, "end_line": 5, "end_column": 32}
    assert "hunter2" not in out


def test_graphs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inventory", "--graph", "mermaid", capsys=capsys)[1] == snapshot("""\
flowchart LR
  n0["aws_kms_key.k"]
  n1["aws_db_instance.db"]
  n1 --> n0
""")
    assert run("inventory", "--graph", "dot", capsys=capsys)[1] == snapshot("""\
digraph inventory {
  rankdir=LR;
  "aws_kms_key.k";
  "aws_db_instance.db";
  "aws_db_instance.db" -> "aws_kms_key.k";
}
""")


POD = """apiVersion: v1
kind: Pod
metadata: {name: db, namespace: prod}
spec: {containers: [{name: db, image: "example/db:1", ports: [{containerPort: 5432}]}]}
"""


def test_who_may_talk_to_a_pod(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").unlink()
    (folder / "db.yaml").write_text(POD)
    assert run("inventory", "--graph", "mermaid", capsys=capsys)[1] == snapshot("""\
flowchart LR
  n0["Pod/prod/db"]
  n1["everyone"]
  n1 -->|"every port"| n0
""")
    assert '-> "Pod/prod/db" [label="every port"];' in run("inventory", "--graph", "dot", capsys=capsys)[1]
    out = run("explain", "Pod/prod/db", capsys=capsys)[1]
    assert 'accepts 5432/TCP from every pod in the cluster, and from outside = "no policy selects it"' in out


def test_inventory_of_half_a_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.tf").write_text("locals {\n  a = \n}\n")
    code, out, err = run("inventory", capsys=capsys)
    assert code == 4
    assert len(out.splitlines()) == 2
    assert "broken.tf:2" in err
    assert run("inventory", "--allow-incomplete", capsys=capsys)[0] == 0


def test_explain_a_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("explain", "aws-rds-storage-encrypted", capsys=capsys)
    assert code == 0
    assert out == snapshot("""\
high aws-rds-storage-encrypted: RDS instances encrypt their storage
  aws_db_instance.db at main.tf:5
  verdict: fail
  concerns it where
    [true] not
      [false] replicate_source_db exists true: not set
  asks that
    [false] storage_encrypted equals true: false, main.tf:7
        variable encrypted (main.tf:1)
        default of variable encrypted (main.tf:2)
  fingerprint: cs1:899e00a296ee605f3e2b19547cbba58a
""")


def test_explain_an_address(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("explain", "aws_db_instance.db", "--rule", "CMP1042", capsys=capsys)
    assert code == 0
    assert "aws_db_instance.db as it is written" in out
    assert "storage_encrypted = false, main.tf:7" in out
    assert 'password = "(sensitive)", main.tf:9' in out


def test_explain_a_fingerprint(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(run("scan", "-f", "json", "--rule", "CMP1042", capsys=capsys)[1])
    fingerprint = report["findings"][0]["fingerprint"]
    code, out, _ = run("explain", fingerprint, "-f", "json", capsys=capsys)
    assert code == 0
    answer = json.loads(out)
    assert [each["rule"] for each in answer["findings"]] == ["aws-rds-storage-encrypted"]
    assert any(line["text"].startswith("storage_encrypted equals") for line in answer["findings"][0]["assertion"])


@pytest.mark.parametrize("target", ["cs1:nothing", "aws_db_instance.dbb", "aws-rds-storage-encryptd"])
def test_explain_nothing(folder: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    code, out, err = run("explain", target, capsys=capsys)
    assert (code, out) == (2, "")
    assert err.count("\n") == 2


def test_rules_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("rules", "list", "-f", "json", capsys=capsys)
    rules = {rule["id"]: rule for rule in json.loads(out)}
    assert code == 0
    rule = rules["aws-rds-storage-encrypted"]
    assert set(rule) >= {
        "id",
        "code",
        "title",
        "severity",
        "status",
        "planes",
        "resource",
        "provider",
        "objectives",
        "equivalents",
        "controls",
        "parameters",
    }
    assert rule["controls"]["cis-aws-7.0"]
    assert {rule["provider"] for rule in rules.values()} == {"aws", "kubernetes"}
    chosen = json.loads(run("rules", "list", "-f", "json", "--framework", "soc2-2017", capsys=capsys)[1])
    assert 0 < len(chosen) <= len(rules)
    assert "CMP1042  high      aws-rds-storage-encrypted" in run("rules", "list", capsys=capsys)[1]


def test_rules_show(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("rules", "show", "CMP1042", capsys=capsys)
    assert code == 0
    assert out.startswith("aws-rds-storage-encrypted (CMP1042, high)\n")
    assert "checkov, same: CKV_AWS_16" in out
    code, _, err = run("rules", "show", "aws-rds-storage-encryptd", capsys=capsys)
    assert code == 2
    assert "aws-rds-storage-encrypted" in err


def test_rules_test(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("rules", "test", "aws-rds-storage-encrypted", capsys=capsys)
    assert code == 0
    assert out.startswith("1 rules, ")


def test_rules_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pack = tmp_path / "pack"
    pack.mkdir()
    new = ("rules", "new", "org-db-encrypted", "--service", "aws/rds", "--resource", "aws_db_instance")
    assert run(*new, "--rules", str(pack), capsys=capsys)[0] == 0
    file = pack / "aws" / "rds" / "org-db-encrypted.yaml"
    assert "code: ORG0001" in file.read_text()
    code, out, _ = run("rules", "test", "--rules", str(pack), capsys=capsys)
    assert code == 1, "a rule that nobody filled in is refused"
    assert "org-db-encrypted" in out
    assert run(*new, "--rules", str(pack), capsys=capsys)[0] == 2, "it exists"
    file.write_text(file.read_text().replace("attribute", "storage_encrypted"))
    run("rules", "test", "--rules", str(pack), capsys=capsys)
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("scan", "main.tf", "--rules", "pack", "--rule", "org-db-encrypted", "-f", "json", capsys=capsys)
    assert code == 1
    assert [finding["code"] for finding in json.loads(out)["findings"]] == ["ORG0001"]


def test_a_rule_from_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        *("aws_db_instanc", "aws_db_instance", "storage_encrypt", "storage_encrypted", "true", "", "", "high"),
        *("encryption", "encryption-at-rest", "Disks are read.", "Set it."),
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    code, _, err = run("rules", "new", "--rules", str(tmp_path), capsys=capsys)
    assert code == 0
    assert "no Terraform type `aws_db_instanc`, did you mean `aws_db_instance`" in err
    assert "`aws_db_instance` has no attribute `storage_encrypt`" in err
    assert "org-db-instance-storage-encrypted.yaml: 3 examples run" in err
    assert run("rules", "test", "--rules", str(tmp_path), capsys=capsys)[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("aws_db_instance\n"))
    code, _, err = run("rules", "new", "--rules", str(tmp_path), capsys=capsys)
    assert (code, "the answers ended before the rule did" in err) == (2, True)


def test_frameworks(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run("frameworks", "list", "-f", "json", capsys=capsys)[1])
    assert "soc2-2017" in [each["id"] for each in listed]
    shown = json.loads(run("frameworks", "show", "cis-aws", "-f", "json", capsys=capsys)[1])
    assert set(shown) == {"id", "title", "version", "controls"}
    assert set(shown["controls"][0]) == {"id", "title", "objectives", "rules", "coverage", "manual"}
    counts = json.loads(run("frameworks", "coverage", "-f", "json", capsys=capsys)[1])
    assert set(counts[0]) == {"id", "controls", "full", "partial", "manual"}
    for each in counts:
        assert each["controls"] == each["full"] + each["partial"] + each["manual"]
    assert "soc2-2017" in run("frameworks", "list", capsys=capsys)[1]
    assert "manual:" in run("frameworks", "show", "soc2-2017", capsys=capsys)[1]
    assert run("frameworks", "coverage", capsys=capsys)[1].startswith("framework")
    assert run("frameworks", "show", "soc3", capsys=capsys)[0] == 2
