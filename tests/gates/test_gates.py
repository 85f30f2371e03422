"""Properties of the repository itself: small modules, a lean start, paths that exist."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

MODULE_LINES = 400
# What may never be imported by a start that scans one Terraform file with built-in rules.
HEAVY = {"boto3", "botocore", "sqlalchemy", "jsonschema", "yaml", "hcl2", "lark", "requests", "kubernetes", "asyncio"}


def python_files() -> list[Path]:
    return sorted((REPOSITORY / "src").rglob("*.py"))


def test_modules_stay_under_the_limit() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for path in python_files()
        if (count := len(path.read_text().splitlines())) > MODULE_LINES
    }
    assert long == {}


def test_broad_handlers_stand_only_at_boundaries() -> None:
    """Each names its reason in the line: the boundary of one rule, one file or one call."""
    bare = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"except (Exception|BaseException)\b", line) and "# noqa: BLE001" not in line
    ]
    assert bare == []


def modules_after(code: str, folder: Path) -> set[str]:
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=folder)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_and_scan_load_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_db_instance" "db" {\n  storage_encrypted = false\n}\n')
    for arguments in (["--help"], ["scan", "main.tf"]):
        code = (
            "from compliance_scan.cli import main\n"
            f"sys.argv = ['compliance-scan', *{arguments!r}]\n"
            "try:\n    main()\nexcept SystemExit:\n    pass"
        )
        modules_after(code, tmp_path)  # in a checkout, the first start after a change builds the packs
        loaded = {name.partition(".")[0] for name in modules_after(code, tmp_path)}
        assert loaded & HEAVY == set(), arguments


def test_paths_named_in_the_guides_exist() -> None:
    missing = []
    for guide in ("README.md", "CONTRIBUTING.md"):
        text = (REPOSITORY / guide).read_text()
        named = re.findall(r"`((?:src|rules|frameworks|tests|docs|tools|bench|fixtures|reports)/[\w./-]*)`", text)
        missing += [f"{guide}: {path}" for path in named if not (REPOSITORY / path).exists()]
    assert missing == []


def test_the_tree_names_no_workplace() -> None:
    """Commands and documents hold no path of the machine on which they were written."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    bad = []
    for name in files:
        path = REPOSITORY / name
        if path.suffix in {".xz", ".png", ".pack"} or not path.is_file():
            continue
        if re.search(r"/(?:work|root|home/[a-z]+)/(?:main|shared|\.library|\.pyenv)", path.read_text(errors="replace")):
            bad.append(name)
    assert bad == []
