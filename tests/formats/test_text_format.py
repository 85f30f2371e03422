"""The text report, as the user sees it."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from inline_snapshot import snapshot

from compliance_scan import formats
from compliance_scan.formats import FormatOptions

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from tests.formats.conftest import FindingMaker

SGR = re.compile(r"\x1b\[[0-9;]*m")


def written(report: Report, options: FormatOptions | None = None) -> str:
    out = io.StringIO()
    formats.load("text").write(report, out, options or FormatOptions())
    return out.getvalue()


def test_the_whole_report(report: Report) -> None:
    assert written(report) == snapshot("""\
disk.tf

  high aws-ebs-volume-encrypted: EBS volumes are encrypted
    at disk.tf:1:1, in aws_ebs_volume.scratch, root envs/prod
   1 | resource "aws_ebs_volume" "scratch" {
     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ encrypted is not declared, expected true
   2 |   size = 10
   3 | }
     = suppression expired on 2026-01-31: moves in spring (disk.tf:1)
     = safe fix: set encrypted to true
     = controls: pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1, CC6.7
     = statements: C-10

modules/db/main.tf

  high aws-rds-storage-encrypted: RDS instances encrypt their storage
    at modules/db/main.tf:14:3, in module.db["eu"].aws_db_instance.main, root envs/prod
  12 | resource "aws_db_instance" "main" {
  13 |   engine            = "postgres"
  14 |   storage_encrypted = var.encrypted
     |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ storage_encrypted is false, expected true
  15 |     identifier        = "größe-数据-db"
  16 | }
     = value comes from here: main.tf:7:3
   7 |   encrypted = false
     = fix: Set `storage_encrypted = true`; recreates the instance.
     = controls: pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1, CC6.7
     = statements: C-10

network.tf

  critical aws-security-group-no-admin-ports: Security groups do not open administration ports to the internet
    at network.tf:3:5, in 5 resources:
      module.net[0].aws_security_group.a
      module.net[1].aws_security_group.a
      module.net[2].aws_security_group.a
      and 2 more (--verbose lists them)
   2 |   ingress {
   3 |     cidr_blocks = ["0.0.0.0/0"]
     |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
     |     ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22
   4 |   }
     = fix: Set it right.
     = controls: pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1, CC6.7
     = statements: C-10

Unknown: 1 verdict that cannot be decided from what was read
  a variable has no value here (1): give it with --var or --var-file
    var.encrypted has no value
      high aws-rds-storage-encrypted db.tf:4:3 aws_db_instance.unknown

Suppressed: 2 findings (1 config, 1 under review)
  low kubernetes-image-pinned k8s/web.yaml:9:9 apps/Deployment/prod/web
    under review, k8s/web.yaml:8: no reason given

Unused: 1 suppression
  main.tf:30: aws-s3-bucket-versioning hides nothing; remove it

Configuration
  .compliance-scan.yaml:2 sets fail_on to high: the scan reports less

Not covered: 3 resources
  3 azurerm_storage_account: provider not covered

Incomplete: 1 thing could not be read
  main.tf:7: module vpc comes from a registry and is not in .terraform/modules
    to mend: run terraform init

Controls of PCI DSS 4.0.1
  3.5.1  fail  Control 3.5.1

Controls of SOC 2 Trust Services Criteria 2017
  CC6.1  fail  Control CC6.1

Summary: 12 resources in 7 files, 4 rules
  7 open findings: 5 critical, 2 high
  30 passed, 1 unknown, 8 not applicable, 2 suppressed (1 under review)
  75 % compliant, 97.5 % evaluated
  pci-dss-4.0.1: 1 failing, 1 for a person to judge of 2 controls
  soc2-2017: 1 failing, 1 passing as far as machines can tell of 2 controls
  What to mend first
    critical aws-security-group-no-admin-ports: 5 resources, network.tf:3:5
    high aws-ebs-volume-encrypted: 1 resource, disk.tf:1:1
    high aws-rds-storage-encrypted: 1 resource, modules/db/main.tf:14:3
  Why a verdict came out so: compliance-scan explain cs1:0000000000000000

exit 4: 1 thing could not be read, so this is not the whole picture
""")


def test_a_clean_run_is_short(empty_report: Report) -> None:
    assert written(empty_report) == snapshot("""\
Summary: 12 resources in 7 files, 4 rules
  no open findings
  30 passed, 0 unknown, 8 not applicable
  100 % compliant, 100 % evaluated

exit 0: no findings
""")


def test_quiet_is_one_line_a_finding(report: Report) -> None:
    assert written(report, FormatOptions(quiet=True)) == snapshot("""\
disk.tf:1:1: high aws-ebs-volume-encrypted: encrypted is not declared, expected true [aws_ebs_volume.scratch]
modules/db/main.tf:14:3: high aws-rds-storage-encrypted: storage_encrypted is false, expected true [module.db["eu"].aws_db_instance.main]
network.tf:3:5: critical aws-security-group-no-admin-ports: ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22 [module.net[0].aws_security_group.a and 4 more]
exit 4: 1 thing could not be read, so this is not the whole picture
""")


def test_skips_that_may_be_mistakes_are_told_unasked(report: Report) -> None:
    skipped = {"repeated key `name` in pod.yaml:5, the last one was judged": 1, "node_modules": 2}
    text = written(report | {"run": report["run"] | {"skipped": skipped}})
    assert "Skipped\n  1 repeated key `name` in pod.yaml:5, the last one was judged\n\n" in text


def test_verbose_tells_all(report: Report) -> None:
    text = written(report, FormatOptions(verbose=True))
    told = text[text.index("network.tf\n") :]
    assert told == snapshot("""\
network.tf

  critical aws-security-group-no-admin-ports: Security groups do not open administration ports to the internet
    at network.tf:3:5, in 5 resources:
      module.net[0].aws_security_group.a
      module.net[1].aws_security_group.a
      module.net[2].aws_security_group.a
      module.net[3].aws_security_group.a
      module.net[4].aws_security_group.a
   2 |   ingress {
   3 |     cidr_blocks = ["0.0.0.0/0"]
     |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
     |     ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22
   4 |   }
     = fix: Set it right.
     = controls: pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1, CC6.7
     = statements: C-10
     = why: Because of **network-exposure**.
     = help: https://compliance-scan.example/rules/CMP1003
     = fingerprint: cs1:0000000000000000
     = fingerprint: cs1:0000000000000001
     = fingerprint: cs1:0000000000000002
     = fingerprint: cs1:0000000000000003
     = fingerprint: cs1:0000000000000004

Unknown: 1 verdict that cannot be decided from what was read
  a variable has no value here (1): give it with --var or --var-file
    var.encrypted has no value
      high aws-rds-storage-encrypted db.tf:4:3 aws_db_instance.unknown

Suppressed: 2 findings (1 config, 1 under review)
  low kubernetes-image-pinned k8s/api.yaml:9:9 apps/Deployment/prod/api
    config, .compliance-scan.yaml:4: moves in spring, data-team, until 2027-01-31
  low kubernetes-image-pinned k8s/web.yaml:9:9 apps/Deployment/prod/web
    under review, k8s/web.yaml:8: no reason given

Unused: 1 suppression
  main.tf:30: aws-s3-bucket-versioning hides nothing; remove it

Configuration
  .compliance-scan.yaml:2 sets fail_on to high: the scan reports less
  .compliance-scan.yaml:3 sets format to text

Not covered: 3 resources
  3 azurerm_storage_account: provider not covered

Skipped
  2 node_modules

Incomplete: 1 thing could not be read
  main.tf:7: module vpc comes from a registry and is not in .terraform/modules
    to mend: run terraform init

Controls of PCI DSS 4.0.1
  3.5.1  fail  Control 3.5.1
      for a person: Ask the owner.
  12.1.1  manual  Control 12.1.1
      for a person: Ask the owner.

Controls of SOC 2 Trust Services Criteria 2017
  CC6.1  fail  Control CC6.1
      for a person: Ask the owner.
  CC6.7  pass automated part  Control CC6.7
      for a person: Ask the owner.

Summary: 12 resources in 7 files, 4 rules
  7 open findings: 5 critical, 2 high
  30 passed, 1 unknown, 8 not applicable, 2 suppressed (1 under review)
  75 % compliant, 97.5 % evaluated
  pci-dss-4.0.1: 1 failing, 1 for a person to judge of 2 controls
  soc2-2017: 1 failing, 1 passing as far as machines can tell of 2 controls
  What to mend first
    critical aws-security-group-no-admin-ports: 5 resources, network.tf:3:5
    high aws-ebs-volume-encrypted: 1 resource, disk.tf:1:1
    high aws-rds-storage-encrypted: 1 resource, modules/db/main.tf:14:3
  Why a verdict came out so: compliance-scan explain cs1:0000000000000000

exit 4: 1 thing could not be read, so this is not the whole picture
""")


def test_colours_only_on_demand_and_nothing_else_differs(report: Report) -> None:
    plain, coloured = written(report), written(report, FormatOptions(color=True))
    assert "\x1b" not in plain
    assert SGR.sub("", coloured) == plain
    assert coloured.splitlines()[2:8] == snapshot(
        [
            "  \x1b[31mhigh\x1b[0m \x1b[1maws-ebs-volume-encrypted\x1b[0m: EBS volumes are encrypted",
            "    at \x1b[1mdisk.tf:1:1\x1b[0m, in aws_ebs_volume.scratch, root envs/prod",
            '\x1b[2m   1 |\x1b[0m resource "aws_ebs_volume" "scratch" {',
            "\x1b[2m     |\x1b[0m \x1b[31m^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ encrypted is not declared, expected true\x1b[0m",
            "\x1b[2m   2 |\x1b[0m   size = 10",
            "\x1b[2m   3 |\x1b[0m }",
        ]
    )


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("color", [False, True])
def test_nothing_scanned_reaches_the_terminal_as_it_is(hostile_report: Report, color: bool, verbose: bool) -> None:
    text = written(hostile_report, FormatOptions(color=color, verbose=verbose))
    rest = SGR.sub("", text) if color else text
    assert all(character == "\n" or character.isprintable() for character in rest)
    assert not [c for c in rest if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n"]
    assert r"\x1b[31mred" in rest
    assert r"\u202egnp.exe" in rest
    assert r"a\nb\r\nc\x85d\u2028e" in rest
    assert r"\ud800" in rest
    assert max(map(len, rest.splitlines())) < 4 * 400


def test_only_our_own_colours_are_written(hostile_report: Report) -> None:
    codes = set(SGR.findall(written(hostile_report, FormatOptions(color=True))))
    assert codes <= {f"\x1b[{code}m" for code in ("0", "1", "2", "1;31", "31", "33", "36", "34", "32")}


@pytest.mark.parametrize("width", [20, 60, 100, 200])
def test_source_lines_keep_to_the_width(report: Report, width: int) -> None:
    long = "a" * 500
    report["findings"][0]["context"] = {"line": 13, "text": f"{long}\n  storage_encrypted = {long}\n{long}"}
    lines = written(report, FormatOptions(width=width)).splitlines()
    excerpt = [line for line in lines if re.match(r" *\d+ \|", line)]
    assert any(line.endswith("…") for line in excerpt)
    assert max(map(len, excerpt)) <= max(width, 40)


def underlined(report: Report, source: str, column: int, end_column: int, width: int = 100) -> tuple[str, str]:
    """The source line and what stands under it in the report, without gutters."""
    finding = report["findings"][0]
    finding["location"] = {"file": "a.tf", "line": 1, "column": column, "end_line": 1, "end_column": end_column}
    finding["context"] = {"line": 1, "text": source}
    report["findings"] = [finding]
    lines = written(report, FormatOptions(width=width)).splitlines()
    at = next(index for index, line in enumerate(lines) if "^" in line)
    return lines[at - 1].split(" | ", 1)[1], lines[at].split(" | ", 1)[1]


def test_the_underline_stands_under_the_guilty_place_after_a_tab(report: Report) -> None:
    source, marks = underlined(report, "\tname = true", 2, 6)
    assert source == "    name = true"
    assert marks.startswith("    ^^^^ storage_encrypted")


def test_wide_and_combining_characters_take_their_columns(report: Report) -> None:
    source, marks = underlined(report, "数据 = e\u0301x", 6, 9)
    assert source == "数据 = e\u0301x"
    assert marks.startswith(" " * 7 + "^^ storage_encrypted")


def test_escapes_in_a_source_line_take_their_columns(report: Report) -> None:
    source, marks = underlined(report, "\x1bx = 1", 2, 3)
    assert source == r"\x1bx = 1"
    assert marks.startswith("    ^ storage_encrypted")


def test_a_guilty_place_far_to_the_right_is_brought_into_sight(report: Report) -> None:
    source, marks = underlined(report, "x" * 300 + "GUILTY" + "y" * 300, 301, 307)
    assert source[marks.index("^") : marks.index("^") + 6] == "GUILTY"
    assert source.startswith("…x")
    assert source.endswith("…")


@pytest.mark.parametrize("columns", [(1, 1), (50, 90), (5, 4), (1, 10_000)])
def test_odd_regions_are_underlined_somehow(report: Report, columns: tuple[int, int]) -> None:
    _, marks = underlined(report, "short", *columns)
    assert 1 <= marks.count("^") <= 5


def test_a_region_outside_its_context_still_shows_the_message(report: Report) -> None:
    report["findings"][0]["context"] = {"line": 90, "text": "elsewhere"}
    assert "     = storage_encrypted is false, expected true\n" in written(report)


def test_a_finding_without_a_place(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(location=None, context=None, snippet=None)]
    text = written(report)
    assert text.startswith("(no place in a file)\n")
    assert "    in aws_db_instance.main, root envs/prod\n     = storage_encrypted is false, expected true\n" in text


def test_findings_with_other_guilty_items_are_not_grouped(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(address=f"aws_db_instance.x[{n}]", guilty=f"sha256:{n}") for n in range(3)]
    assert written(report).count("    at modules/db/main.tf:14:3, in aws_db_instance.x[") == 3


def test_suppressed_and_open_findings_of_one_place_are_not_grouped(report: Report, make_finding: FindingMaker) -> None:
    accepted = {
        "kind": "config",
        "reason": "r",
        "owner": None,
        "until": None,
        "where": None,
        "status": "accepted",
    }
    report["findings"] = [
        make_finding(address="aws_db_instance.a"),
        make_finding(address="aws_db_instance.b", suppression=accepted),
    ]
    text = written(report)
    assert "in aws_db_instance.a" in text
    assert "aws_db_instance.b" not in text
    assert "Suppressed: 1 finding (1 config)" in text
    assert "aws_db_instance.b" in written(report, FormatOptions(verbose=True))


def test_passes_are_listed_when_asked_for(report: Report) -> None:
    text = written(report, FormatOptions(verdicts=frozenset({"pass", "not_applicable"})))
    assert "pass high aws-ebs-volume-encrypted disk.tf:9:1 aws_ebs_volume.good\n" in text
    assert "not applicable high aws-ebs-volume-encrypted disk.tf:19:1 aws_ebs_volume.away\n" in text
    assert "no_resources" not in text


@pytest.mark.parametrize(("code", "reason"), [(0, "no findings"), (1, "3 findings"), (4, "1 file was not read")])
def test_the_last_line_says_which_exit_code_and_why(report: Report, code: int, reason: str) -> None:
    report["run"]["exit_code"], report["run"]["exit_reason"] = code, reason
    for options in (FormatOptions(), FormatOptions(quiet=True), FormatOptions(verbose=True)):
        assert written(report, options).splitlines()[-1] == f"exit {code}: {reason}"


def test_a_stream_in_another_character_set_takes_the_report(report: Report) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    formats.load("text").write(report, out, FormatOptions(width=45))
    out.flush()
    assert b"gr\\xf6\\xdfe" in raw.getvalue()


def test_what_is_gone_since_the_baseline_is_no_open_finding(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(baseline="absent", context=None)]
    text = written(report)
    assert text.startswith(
        "Gone since the baseline: 1 finding; `baseline --prune` counts it down\n"
        "  high aws-rds-storage-encrypted modules/db/main.tf:14:3 aws_db_instance.main\n"
    )
    assert "What to mend first" not in text
    assert written(report, FormatOptions(quiet=True)).startswith("exit 4: ")


def test_what_is_new_since_the_baseline_says_so(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(baseline="worsened")]
    assert "high aws-rds-storage-encrypted: RDS instances encrypt their storage (worsened)\n" in written(report)
