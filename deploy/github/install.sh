#!/usr/bin/env bash
# Installs compliance-scan into an environment of its own: of this very action, or the version that is asked for.
set -euo pipefail
environment="${RUNNER_TEMP:-/tmp}/compliance-scan"
python -m venv "$environment"
if [ -n "${VERSION:-}" ]; then
  case "$VERSION" in
    *[!0-9A-Za-z.+!-]*) echo "::error::version has characters that no version has"; exit 2 ;;
  esac
  "$environment/bin/pip" install --quiet "compliance-scan==$VERSION"
else
  "$environment/bin/pip" install --quiet --constraint "$ACTION/constraints.txt" "$ACTION"
fi
echo "$environment/bin" >> "$GITHUB_PATH"
