"""What the text report says of drift, planes and a gate."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from inline_snapshot import snapshot

from compliance_scan import formats
from compliance_scan.formats import FormatOptions

if TYPE_CHECKING:
    from compliance_scan.model.report import Report


def section(report: Report, *, verbose: bool = False) -> str:
    out = io.StringIO()
    formats.load("text").write(report, out, FormatOptions(verbose=verbose))
    text = out.getvalue()
    return text[text.index("Gate: ") : text.index("Suppressed: ")]


def test_the_three_sections(drifted_report: Report) -> None:
    assert section(drifted_report) == snapshot("""\
Gate: the plan touches 2 resources
  soc2-2017 CC6.1: pass -> fail
  newly failing high aws-rds-storage-encrypted aws_db_instance.main at modules/db/main.tf:14:3: storage_encrypted is false, expected true
  mended high aws-ebs-volume-encrypted aws_ebs_volume.x at modules/db/main.tf:14:3: storage_encrypted is false, expected true

Drift: 2 resources (1 changed, 1 unmanaged; 1 flip a rule)
  changed aws_s3_bucket.logs (arn:aws:s3:::logs), by arn:aws:iam::123456789012:user/eve
    versioning.status: declared "Enabled", live "Suspended" at main.tf:9:3
    = aws-rds-storage-encrypted: pass -> fail
    = controls: soc2-2017 CC6.1
    = to mend in the account: aws s3api put-bucket-versioning (--verbose shows the rest)
  unmanaged arn:aws:s3:::other

Planes: 2 verdicts side by side
  1 changed by hand in the account
  1 holds everywhere
    code state  live  rule and resource
    pass  pass  FAIL  aws-rds-storage-encrypted aws_s3_bucket.logs: changed by hand in the account

""")


def test_verbose_shows_the_whole_remedy_and_what_holds(drifted_report: Report) -> None:
    text = section(drifted_report, verbose=True)
    assert "second line" in text
    assert "joined by arn" in text
    assert "aws_s3_bucket.good: holds everywhere" in text


def test_long_lists_are_cut_and_counted(drifted_report: Report) -> None:
    drifted_report["drift"] *= 30
    drifted_report["planes"] *= 30
    text = section(drifted_report)
    assert "and 40 more (--verbose lists them)" in text
    assert "and 10 more (--verbose lists them)" in text
    assert "more (--verbose" not in section(drifted_report, verbose=True)


def test_a_file_named_like_a_command_commands_nothing(report: Report) -> None:
    place = report["findings"][0]["location"]
    assert place is not None
    place["file"] = "::error::x.tf"
    out = io.StringIO()
    formats.load("text").write(report, out, FormatOptions())
    assert out.getvalue().startswith(":\\x3aerror::x.tf\n")
