#!/usr/bin/env bash
# One scan for the job's log, the annotations and code scanning. Inputs come as environment variables, never as code.
set -uo pipefail
flags=()
while IFS= read -r each; do [ -z "$each" ] || flags+=(--framework "$each"); done <<< "${FRAMEWORK:-}"
[ -z "${PROFILE:-}" ] || flags+=(--profile "$PROFILE")
[ -z "${BASELINE:-}" ] || flags+=(--baseline "$BASELINE")
[ -z "${DIFF:-}" ] || flags+=("--diff=$DIFF")
[ "${FAIL_ON:-low}" = never ] || flags+=(--fail-on "${FAIL_ON:-low}")
while IFS= read -r each; do [ -z "$each" ] || flags+=("$each"); done <<< "${ARGUMENTS:-}"
paths=()
while IFS= read -r each; do [ -z "$each" ] || paths+=("$each"); done <<< "${PATHS:-.}"
report="${RUNNER_TEMP:-/tmp}/compliance-scan.json"
compliance-scan scan "${flags[@]}" -f text -f "sarif=$SARIF_FILE" -f "json=$report" -f "markdown=$report.md" -- "${paths[@]}"
code=$?
{
  echo "exit-code=$code"
  if [ -f "$SARIF_FILE" ]; then echo "sarif-file=$SARIF_FILE"; fi
  if [ -f "$report" ]; then
    python - "$report" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as stream:
    print(f"findings={sum(json.load(stream)['summary']['open_by_severity'].values())}")
PYTHON
  fi
} >> "$GITHUB_OUTPUT"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$report.md" ]; then cat "$report.md" >> "$GITHUB_STEP_SUMMARY"; fi
exit 0
