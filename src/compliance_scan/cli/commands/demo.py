"""`demo`: everything on the reference estate, with a stand-in for the account."""

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import click

from compliance_scan.cli.messages import tell
from compliance_scan.cli.output import emit

if TYPE_CHECKING:
    from compliance_scan.demo import Step


@click.command("demo", short_help="Show all of it on a reference estate, with a stand-in for AWS.")
def command() -> int:
    """Scans a reference estate, builds it in a stand-in on this machine, shows audit, drift and a control report."""
    from compliance_scan import demo

    with tempfile.TemporaryDirectory(prefix="compliance-scan-demo-") as temporary:
        folder = os.path.join(temporary, demo.ESTATE)

        def act(step: "Step") -> int:
            shown = " ".join(step.arguments)
            emit(f"\n== {step.title}\n   $ compliance-scan {shown}\n   look at: {step.look}\n\n")
            sys.stdout.flush()
            own = demo.environment(os.environ)
            done = subprocess.run(
                [sys.executable, "-m", "compliance_scan", *step.arguments], cwd=folder, env=own, check=False
            )
            return done.returncode

        code = demo.run(folder, act, tell)
    emit("\nThat was scan, audit, drift and one framework. More: compliance-scan --help\n")
    return code
