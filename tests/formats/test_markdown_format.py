"""The comment on a pull request."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from inline_snapshot import snapshot
from markdown_it import MarkdownIt

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats._markdown.words import code, prose
from compliance_scan.formats.markdown import MARK, MAX_BYTES

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from tests.formats.conftest import FindingMaker


def comment(report: Report) -> str:
    out = io.StringIO()
    formats.load("markdown").write(report, out, FormatOptions())
    return out.getvalue()


def test_a_comment(report: Report) -> None:
    assert comment(report) == snapshot("""\
<!-- compliance-scan -->
## ⚠️ compliance-scan scan: 1 thing could not be read, so this is not the whole picture

🟥 5 critical · 🟧 2 high

12 resources, 4 rules, 30 passed, 1 unknown, 2 suppressed, 75 % compliant.

<details open><summary><b>⚠️ Could not be read (1)</b></summary>

| Where | What | To mend |
|---|---|---|
| `main.tf:7` | `module vpc comes from a registry and is not in .terraform/modules` | `run terraform init` |

</details>


<details open><summary><b>Findings (7)</b></summary>

| Severity | Rule | Where | What |
|---|---|---|---|
| 🟥 critical | Security groups do not open administration ports to the internet<br>`aws-security-group-no-admin-ports` | [`network.tf:3`](https://github.com/acme/infra/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/network.tf#L3)<br>`module.net[0].aws_security_group.a` and 4 more | `ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22` |
| 🟧 high | EBS volumes are encrypted<br>`aws-ebs-volume-encrypted` | [`disk.tf:1`](https://github.com/acme/infra/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/disk.tf#L1)<br>`aws_ebs_volume.scratch` | `encrypted is not declared, expected true` |
| 🟧 high | RDS instances encrypt their storage<br>`aws-rds-storage-encrypted` | [`modules/db/main.tf:14`](https://github.com/acme/infra/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/modules/db/main.tf#L14)<br>`module.db["eu"].aws_db_instance.main` | `storage_encrypted is false, expected true` |

</details>


<details><summary><b>Not decidable from what was read (1)</b></summary>

| Verdicts | Cause | What |
|---|---|---|
| 1 | variable without value | `var.encrypted has no value` |

</details>


<details><summary><b>Controls</b></summary>

| Control | Status | Why |
|---|---|---|
| **pci-dss-4.0.1** | 1 ❌ failing · 1 👤 manual | |
| `3.5.1` Control 3.5.1 | ❌ failing | 9 fail, 1 unknown |
| **soc2-2017** | 1 ❌ failing · 1 ☑️ passing as far as rules decide | |
| `CC6.1` Control CC6.1 | ❌ failing | 9 fail, 1 unknown |

</details>

<details><summary><b>For a person (4)</b></summary>

| Control | What to ask and collect |
|---|---|
| pci-dss-4.0.1 `3.5.1` Control 3.5.1 | Ask the owner. |
| pci-dss-4.0.1 `12.1.1` Control 12.1.1 | Ask the owner. |
| soc2-2017 `CC6.1` Control CC6.1 | Ask the owner. |
| soc2-2017 `CC6.7` Control CC6.7 | Ask the owner. |

</details>


<details><summary><b>Suppressed or accepted (2)</b></summary>

| Severity | Rule | Resource | How | Why, who, until |
|---|---|---|---|---|
| low | `kubernetes-image-pinned` | `apps/Deployment/prod/api` | config, accepted | `moves in spring · data-team · 2027-01-31` |
| low | `kubernetes-image-pinned` | `apps/Deployment/prod/web` | foreign, under review |  |

</details>


<sub>compliance-scan 0.1.0 at `aaaaaaaaaaaa`, judged as of 2026-11-21</sub>

""")


def test_a_clean_comment(empty_report: Report) -> None:
    assert comment(empty_report) == snapshot("""\
<!-- compliance-scan -->
## ✅ compliance-scan scan: no findings

No open findings.

12 resources, 4 rules, 30 passed, 100 % compliant.

<sub>compliance-scan 0.1.0 at `aaaaaaaaaaaa`, judged as of 2026-11-21</sub>

""")


def test_the_sections_of_the_planes(drifted_report: Report) -> None:
    text = comment(drifted_report)
    start = text.index("<details open><summary><b>Controls after apply")
    assert text[start : text.index("<details><summary><b>Not decidable")] == snapshot("""\
<details open><summary><b>Controls after apply (1)</b></summary>

| Framework | Control | Before | After |
|---|---|---|---|
| `soc2-2017` | `CC6.1` | pass | fail |

</details>

<details open><summary><b>Newly failing after apply (1)</b></summary>

| Severity | Rule | Where | What |
|---|---|---|---|
| 🟧 high | RDS instances encrypt their storage<br>`aws-rds-storage-encrypted` | [`modules/db/main.tf:14`](https://github.com/acme/infra/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/modules/db/main.tf#L14)<br>`aws_db_instance.main` | `storage_encrypted is false, expected true` |

</details>

<details><summary><b>Fixed by apply (1)</b></summary>

| Severity | Rule | Where | What |
|---|---|---|---|
| 🟧 high | EBS volumes are encrypted<br>`aws-ebs-volume-encrypted` | [`modules/db/main.tf:14`](https://github.com/acme/infra/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/modules/db/main.tf#L14)<br>`aws_ebs_volume.x` | `storage_encrypted is false, expected true` |

</details>


<details open><summary><b>Drift (2)</b></summary>

| Kind | Resource | Attributes | Rules | Who |
|---|---|---|---|---|
| changed | `aws_s3_bucket.logs` | `versioning.status` | `aws-rds-storage-encrypted` pass → fail | `arn:aws:iam::123456789012:user/eve` |
| unmanaged | `arn:aws:s3:::other` |  |  |  |

</details>


<details><summary><b>Across the planes (1)</b></summary>

| Rule | Resource | Code | Plan | State | Live | Meaning |
|---|---|---|---|---|---|---|
| `aws-rds-storage-encrypted` | `aws_s3_bucket.logs` | pass | - | pass | fail | changed in console |

</details>


""")


def test_what_is_new_comes_first(report: Report, make_finding: FindingMaker) -> None:
    old = {
        "kind": "baseline", "reason": "accepted in the baseline", "owner": None, "until": None, "where": "b.json", "status": "accepted",
    }  # fmt: skip
    report["incomplete"] = []
    report["findings"] = [
        make_finding(address="aws_db_instance.old", baseline="unchanged", suppression=old),
        make_finding(address="aws_db_instance.worse", baseline="worsened", fingerprint="cs1:2"),
        make_finding(address="aws_db_instance.new", baseline="new", fingerprint="cs1:3"),
        make_finding(address="aws_db_instance.gone", baseline="absent", fingerprint="cs1:4"),
    ]
    text = comment(report)
    new, fixed, accepted = (
        text.index(words) for words in ("New findings (2)", "Fixed (1)", "Suppressed or accepted (1)")
    )
    assert new < text.index("aws_db_instance.worse") < fixed < text.index("aws_db_instance.gone") < accepted
    assert accepted < text.index("aws_db_instance.old")


def test_lines_link_to_the_scanned_revision(report: Report) -> None:
    report["run"]["vcs"] = {"repository": "https://github.com/acme/infra", "revision": "a" * 40, "branch": "x"}
    assert f"[`disk.tf:1`](https://github.com/acme/infra/blob/{'a' * 40}/disk.tf#L1)" in comment(report)
    report["run"]["vcs"] = {"repository": "https://gitlab.example/acme/infra", "revision": "a" * 40, "branch": "x"}
    assert f"(https://gitlab.example/acme/infra/-/blob/{'a' * 40}/disk.tf#L1)" in comment(report)
    report["run"]["vcs"] = {"repository": "https://code.example/acme/infra", "revision": "a" * 40, "branch": "x"}
    assert "](https" not in comment(report)


def test_it_fits_into_a_comment_and_says_what_it_left_out(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [
        make_finding(address=f"aws_db_instance.{'é' * 100}[{n}]", fingerprint=f"cs1:{n:016x}", guilty=f"sha256:{n}")
        for n in range(3000)
    ]
    text = comment(report)
    assert len(text.encode()) <= MAX_BYTES
    assert "3000" in text
    assert "more rows are left out here" in text
    assert text.rstrip().endswith("</sub>")
    assert text.count("<details") == text.count("</details>")


@pytest.mark.parametrize("text", ["a`b", "``", "`", " ", "", "a|b", "```x```", "\\", "a\\|b", "$`x`$", "x" * 500])
def test_a_code_span_holds_whatever_it_is_given(text: str) -> None:
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a |\n|---|\n| {code(text)} |\n")
    assert rendered.count("<td>") == 1
    assert rendered.count("<code>") == 1


@pytest.mark.parametrize(
    "text",
    ["[a](b)", "<b>x</b>", "**x**", "@team", "#12", "https://x.example", "www.x.example", "a|b", ":tada:", "# x"],
)
def test_prose_stays_prose(text: str) -> None:
    made = prose(text)
    rendered = MarkdownIt("commonmark").render(made)
    inner = rendered.removeprefix("<p>").removesuffix("</p>\n")
    assert "<" not in inner
    assert inner.replace("\u2060", "") == text.replace("<", "&lt;").replace(">", "&gt;")
    if text in ("@team", "#12"):
        assert made[made.index(text[0]) + 1] == "\u2060"


def test_the_mark_comes_first(report: Report) -> None:
    assert comment(report).startswith(MARK + "\n## ")
