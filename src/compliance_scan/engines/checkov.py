"""Checkov as a second engine: installed once into the user's cache, run without the network on the same targets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from compliance_scan import bridges
from compliance_scan.bridges import checkov as importer
from compliance_scan.engines import folder
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance_scan.bridges import Imported

VERSION = "3.3.30"
"""Pinned: its results are mapped to our rules, and a new version may change them."""
SECONDS = 1800
FRAMEWORKS = ("terraform", "terraform_plan", "kubernetes")
"""Not its renderers of charts, which run programs on what is scanned."""
LAUNCHER = """\
import sys
import warnings

warnings.simplefilter("ignore")
import checkov.main

# A .checkov.yaml in the scanned repository could load checks, which are code, from anywhere.
checkov.main.get_default_config_paths = lambda argv: []
sys.exit(checkov.main.Checkov(argv=sys.argv[1:]).run())
"""


def run(root: str, targets: Sequence[str], *, offline: bool, tell: Callable[[str], None]) -> list[Imported]:
    """Checkov's results on root-relative targets, paths relative to the root; what went wrong is `incomplete`.

    Raises `UsageError` where it cannot be installed.
    """
    home = environment(root, offline=offline, tell=tell)
    found: list[Any] = []
    for target in targets:
        flag = "-d" if os.path.isdir(os.path.join(root, target)) else "-f"
        document = _results(home, root, [flag, target])
        if isinstance(document, str):
            return [_failed(document)]
        found += document if isinstance(document, list) else [document]
    return importer.read(found)


def environment(root: str, *, offline: bool, tell: Callable[[str], None]) -> str:
    """The folder of the environment, made where it is not there yet."""
    home = folder(f"checkov-{VERSION}", root)
    mark = os.path.join(home, ".installed")
    if os.path.exists(mark):
        return home
    if offline:
        raise UsageError(f"Checkov {VERSION} is not installed in {home}", "run once without --offline")
    tell(f"installing Checkov {VERSION} into {home}")
    steps = (
        [sys.executable, "-m", "venv", "--clear", home],
        [_python(home), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"checkov=={VERSION}"],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no word of why").splitlines()[-1]
            raise UsageError(f"Checkov {VERSION} cannot be installed: {last}", "scan without --engine checkov")
    os.makedirs(os.path.join(home, "home"), exist_ok=True)
    with open(os.path.join(home, "launcher.py"), "w", encoding="utf-8") as out:
        out.write(LAUNCHER)
    with open(mark, "w", encoding="utf-8"):
        pass
    return home


def _python(home: str) -> str:
    return os.path.join(home, "bin", "python")


def _results(home: str, root: str, target: Sequence[str]) -> Any:
    """The JSON document of a run, or the reason (a text) why there is none."""
    command = [
        *(_python(home), "-I", os.path.join(home, "launcher.py"), *target),
        *("-o", "json", "--compact", "--soft-fail", "--skip-download", "--download-external-modules", "false"),
        *("--framework", *FRAMEWORKS),
    ]
    surroundings = {
        "PATH": os.defpath,
        "HOME": os.path.join(home, "home"),
        "LANG": "C.UTF-8",
        "LOG_LEVEL": "CRITICAL",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(
                command, cwd=root, env=surroundings, stdout=out, stderr=subprocess.DEVNULL, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return f"Checkov did not finish within {SECONDS // 60} minutes"
        out.seek(0)
        try:
            return json.load(out)
        except (ValueError, RecursionError):
            return f"Checkov ended with code {done.returncode} and no results"


def _failed(reason: str) -> Imported:
    return bridges.Imported(
        "checkov",
        VERSION,
        [],
        [{"kind": "error", "where": "checkov", "message": reason, "hint": "run checkov itself to see why"}],
    )
