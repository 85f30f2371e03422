"""What each consumer of SARIF takes, drops and misreads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from compliance_scan.model.report import Verdict


class Profile(NamedTuple):
    """How to write for one consumer."""

    verdicts: tuple[Verdict, ...] = ("fail",)
    """Shown where the user names none."""
    suppressed: bool = False
    """Whether suppressed and vanished findings stay; consumers without the notion show them as open alerts."""
    grouped: bool = False
    """Whether findings of one rule, place and guilty items become one result."""
    rank: bool = False
    """Whether results carry a rank; GitLab would take it for the severity."""
    from_root: bool = True
    """Whether paths are relative to the repository root rather than to the working directory."""
    all_rules: bool = False
    """Whether rules without a result are described too."""
    pipeline: bool = False
    """Whether the run is named after the pipeline; Azure DevOps drops any other."""
    max_results: int | None = None


PROFILES = {
    "github": Profile(grouped=True, max_results=25_000),
    "gitlab": Profile(),
    "azure": Profile(pipeline=True),
    "full": Profile(
        verdicts=("fail", "unknown", "pass", "not_applicable"),
        suppressed=True,
        rank=True,
        from_root=False,
        all_rules=True,
    ),
}
