"""Fills the console blocks of README.md with what the commands really print.

    python tools/readme.py [--check]

A block that starts with `$ compliance-scan …` is run in a copy of fixtures/first-minutes, colour off; its output, and
the exit code where it is not zero, replace what stands there. With `--check` nothing is written: the exit code says
whether the README is true.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
README = REPOSITORY / "README.md"
BLOCK = re.compile(r"```console\n(\$ compliance-scan [^\n]*)\n(.*?)```", re.DOTALL)
AS_OF = "2026-11-21"


def filled(text: str) -> str:
    """The text with every block's output made anew, in order and in one folder."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop"
        shutil.copytree(REPOSITORY / "fixtures" / "first-minutes", folder)
        return BLOCK.sub(lambda found: f"```console\n{found[1]}\n{run(found[1][2:], folder)}```", text)


def run(command: str, folder: Path) -> str:
    """What a command prints, and its exit code where it is not zero."""
    program, *arguments = command.split()
    real = shutil.which(program, path=os.path.dirname(sys.executable)) or program
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "COMPLIANCE_SCAN_AS_OF": AS_OF}
    done = subprocess.run(
        [real, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    return done.stdout + done.stderr


def main() -> None:
    text = README.read_text()
    now = filled(text)
    if "--check" in sys.argv:
        sys.exit(0 if now == text else "README.md shows what the program no longer prints: run tools/readme.py")
    README.write_text(now)


if __name__ == "__main__":
    main()
