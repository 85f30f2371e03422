#!/usr/bin/env bash
# Builds the wheel, installs it in a clean environment outside the checkout and scans a repository there.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
python=$(cd "$here" && readlink -f "$(dirname "${PYTHON:-python3}")")/$(basename "${PYTHON:-python3}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here"
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$work/dist" .
"$python" -m venv "$work/env"
"$work/env/bin/pip" install --quiet --constraint constraints.txt "$work"/dist/*.whl
mkdir "$work/repo"
cat > "$work/repo/main.tf" <<'EOF'
resource "aws_db_instance" "db" {
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  storage_encrypted = false
}
EOF
cd "$work/repo"
unset PYTHONPATH
version=$("$work/env/bin/compliance-scan" --version)
echo "wheel: $version"
set +e
"$work/env/bin/compliance-scan" scan . -f json=out.json -f text
code=$?
set -e
[ "$code" = 1 ] || { echo "wheel: expected exit 1, got $code"; exit 1; }
"$work/env/bin/python" - <<'EOF'
import json

report = json.load(open("out.json"))
failing = {(f["rule"], f["location"]["line"]) for f in report["findings"] if f["verdict"] == "fail"}
assert ("aws-rds-storage-encrypted", 4) in failing, failing
EOF
"$work/env/bin/compliance-scan" rules list > rules.txt
"$work/env/bin/compliance-scan" frameworks list > frameworks.txt
[ -s rules.txt ] && [ -s frameworks.txt ]
echo "wheel: works outside the checkout"
