"""A GitLab job as a file of its own, to be included; its reports show in merge requests."""

from compliance_scan.setups._shared import has

PATH = ".gitlab/compliance-scan.yml"
SUMMARY = "GitLab: a job with reports (include it: `include: .gitlab/compliance-scan.yml`)"


def detected(root: str) -> bool:
    """Whether the repository is at home there."""
    return has(root, ".gitlab-ci.yml", ".gitlab")


def content(before: str | None) -> str:
    """The job; one that is there stays."""
    if before:
        return before
    return """# In .gitlab-ci.yml:  include: .gitlab/compliance-scan.yml
compliance-scan:
  stage: test
  image: python:3.13-slim
  before_script:
    - python -m venv /tmp/compliance-scan
    - /tmp/compliance-scan/bin/pip install --quiet compliance-scan
  script:
    - >-
      /tmp/compliance-scan/bin/compliance-scan scan . -f text
      -f gitlab-sast=gl-sast-report.json -f gitlab-quality=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      sast: gl-sast-report.json
      codequality: gl-code-quality-report.json
"""
