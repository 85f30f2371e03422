"""The main job on the demo estate: a clean scan, then the same estate with a few one-line mistakes.

make demo
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
ESTATE = REPOSITORY / "fixtures" / "trading-engine"


def scan(folder: Path, *flags: str) -> int:
    """Runs the real command in a folder, its output going where ours goes."""
    program = shutil.which("compliance-scan", path=str(Path(sys.executable).parent)) or "compliance-scan"
    sys.stdout.flush()
    return subprocess.run([program, "scan", ".", "--root", ".", *flags], cwd=folder, check=False).returncode


def commit(folder: Path) -> None:
    """Makes a repository of the copy, so that reports can say which revision they speak of."""
    who = ["-c", "user.name=demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "The estate"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def break_estate(folder: Path) -> None:
    """Makes the edits of broken.yaml; an edit that no longer fits is an error of the fixture."""
    for edit in yaml.safe_load((ESTATE / "broken.yaml").read_text()):
        if not edit.get("demo"):
            continue
        path = folder / edit["file"]
        text = path.read_text()
        if edit["find"] not in text:
            sys.exit(f"{edit['file']}: the line to break is gone: {edit['find']}")
        path.write_text(text.replace(edit["find"], edit["replace"], 1))


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        estate = Path(temporary) / "trading-engine"
        shutil.copytree(ESTATE, estate)
        print("== 1. The estate as its team wrote it: fixtures/trading-engine\n")
        scan(estate)
        break_estate(estate)
        commit(estate)
        print("\n== 2. The same estate after five one-line mistakes (fixtures/trading-engine/broken.yaml)\n")
        code = scan(estate, "-f", "text", "-f", "sarif=findings.sarif", "-f", "json=findings.json")
        shutil.copy(estate / "findings.sarif", REPOSITORY / "reports" / "demo.sarif")
        print("\n== 3. One control framework over the broken estate: scan --framework cis-aws-7.0\n")
        scan(estate, "--framework", "cis-aws-7.0", "--quiet")
        print("\nThe SARIF of the broken estate lies in reports/demo.sarif. Exit code of the broken scan:", code)
        if code != 1:
            sys.exit("the broken estate should have failed")


if __name__ == "__main__":
    main()
