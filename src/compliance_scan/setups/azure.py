"""An Azure pipeline whose SARIF shows in the scans tab."""

from compliance_scan.setups._shared import has

PATH = ".azure-pipelines/compliance-scan.yml"
SUMMARY = "Azure DevOps: a pipeline with SARIF"


def detected(root: str) -> bool:
    """Whether the repository is at home there."""
    return has(root, "azure-pipelines.yml", ".azure-pipelines")


def content(before: str | None) -> str:
    """The pipeline; one that is there stays."""
    if before:
        return before
    return """trigger: [main]
pr: ["*"]
pool: {vmImage: ubuntu-24.04}
steps:
  - task: UsePythonVersion@0
    inputs: {versionSpec: "3.13"}
  - bash: |
      set -euo pipefail
      python -m venv "$(Agent.TempDirectory)/scan"
      "$(Agent.TempDirectory)/scan/bin/pip" install --quiet compliance-scan
      "$(Agent.TempDirectory)/scan/bin/compliance-scan" scan . -f text --sarif-profile azure \\
        -f "sarif=$(Build.ArtifactStagingDirectory)/compliance-scan.sarif"
    displayName: compliance-scan
  - task: PublishBuildArtifacts@1
    condition: succeededOrFailed()
    inputs:
      PathtoPublish: $(Build.ArtifactStagingDirectory)/compliance-scan.sarif
      ArtifactName: CodeAnalysisLogs
"""
