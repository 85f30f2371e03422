"""A GitHub workflow: a gate on pull requests whose findings become code-scanning alerts."""

from compliance_scan.setups._shared import has, release

PATH = ".github/workflows/compliance-scan.yml"
SUMMARY = "GitHub: gate and code scanning"


def detected(root: str) -> bool:
    """Whether the repository is at home there."""
    return has(root, ".github")


def content(before: str | None) -> str:
    """The workflow; one that is there stays."""
    if before:
        return before
    return f"""name: compliance-scan
on:
  pull_request:
  push:
    branches: [main]
permissions: {{}}
jobs:
  scan:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
      security-events: write # code scanning
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - uses: compliance-scan/compliance-scan@{release()}
        with:
          paths: .
"""
