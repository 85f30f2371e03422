"""The README shows what the program prints."""

import subprocess
import sys

from tests.conftest import REPOSITORY


def test_the_readme_is_true() -> None:
    tool = REPOSITORY / "tools" / "readme.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
