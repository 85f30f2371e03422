"""An audit against Prowler, over one seeded stand-in, interleaved in one run: wall time and peak memory.

    python bench/audit.py [--rounds N] [--every N] [--latency SECONDS] [--without-prowler]

Prowler is installed into an environment of its own below `.bench/`. Both ask one region of one stand-in, with all their
rules; then both again with a delay before each answer. The account is made of rules' examples, by the types' seeds.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from compliance_scan.errors import ScanError
from compliance_scan.inputs.aws.seed import Seeder
from compliance_scan.inputs.aws.standin import CREDENTIALS, StandIn
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import load_example
from compliance_scan.shape.catalog import Catalog

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peers import RESULTS, Sample, measure

REGION = "eu-west-1"
THREADS = 16
LIMIT = 3600.0


class Contender(NamedTuple):
    """A scanner and how it is called on an endpoint."""

    name: str
    command: list[str]


def prowler_environment() -> str | None:
    """The prowler program in its own environment, installed on first use; None where it cannot be installed."""
    folder = RESULTS / "prowler"
    program = folder / "bin" / "prowler"
    if not program.exists():
        print("installing prowler into its own environment …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "prowler"], check=False)
        if done.returncode:
            return None
    return str(program)


def seed(standin: StandIn, every: int) -> int:
    """Makes the passing example of one of every so many rules, where the stand-in takes it; how many were made."""
    from botocore.exceptions import BotoCoreError, ClientError

    ruleset, catalog = Ruleset.open(), Catalog.open()
    rules = [each for each in ruleset.all() if each.provider == "aws" and "live" in each.planes]
    made = 0
    for rule in rules[::every]:
        examples = ruleset.prose(rule.id).examples
        example = next((each for each in examples if each.get("pass") and "terraform" in each), None)
        if example is not None:
            seeder = Seeder(standin.clients(REGION), catalog, region=REGION)
            with contextlib.suppress(ScanError, BotoCoreError, ClientError):
                seeder.seed(load_example(example).resources)
            made += len(seeder.made)
    return made


def contenders(url: str, folder: str, *, prowler: bool) -> list[Contender]:
    """Ourselves first, then Prowler."""
    ours = shutil.which("compliance-scan", path=os.path.dirname(sys.executable)) or "compliance-scan"
    report = os.path.join(folder, "ours.json")
    found = [
        Contender(
            "compliance-scan",
            [ours, "audit", "--endpoint-url", url, "--region", REGION, "--no-config", "-f", f"json={report}"],
        )
    ]
    program = prowler_environment() if prowler else None
    if program is not None:
        options = ["--region", REGION, "--ignore-exit-code-3", "--no-banner", "-M", "json-ocsf", "-o", folder]
        found.append(Contender("prowler", [program, "aws", *options]))
    return found


@contextlib.contextmanager
def slow(target: str, seconds: float) -> Iterator[str]:
    """The stand-in behind a delay before each answer."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow.py")
    process = subprocess.Popen([sys.executable, script, target, str(seconds)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def compare(what: str, url: str, rounds: int, *, prowler: bool) -> tuple[float, int]:
    """Prints a row for each; gives our median and how many calls we make."""
    with tempfile.TemporaryDirectory() as folder:
        # What Prowler reads; our own command line has the endpoint in its flags.
        os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=url, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        os.environ["XDG_DATA_HOME"] = folder  # an audit is remembered, here for as long as the benchmark runs
        taking_part = contenders(url, folder, prowler=prowler)
        samples: dict[str, list[Sample]] = {one.name: [] for one in taking_part}
        for number in range(rounds + 1):
            for one in taking_part if number else taking_part[:1]:  # the first round fills our cache of models
                sample = measure(one.command, LIMIT)
                if number and sample is not None:
                    samples[one.name].append(sample)
        report = json.loads(Path(folder, "ours.json").read_text())
    calls = sum(sum(each["counts"].values()) for each in report["run"]["operations"])
    ours = samples["compliance-scan"]
    middle, peak = statistics.median(each.seconds for each in ours), max(each.megabytes for each in ours)
    for name, runs in samples.items():
        if not runs:
            print(f"| {what} | {name} | 0 | more than {LIMIT:.0f} | | | |")
            continue
        seconds, megabytes = statistics.median(each.seconds for each in runs), max(each.megabytes for each in runs)
        fastest = min(each.seconds for each in runs)
        print(
            f"| {what} | {name} | {len(runs)} | {seconds:.2f} | {fastest:.2f} | {megabytes:.0f} |"
            f" {seconds / middle:.1f} | {megabytes / peak:.1f} |",
            flush=True,
        )
    return middle, calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=2, help="of how many rules one gives the account its example")
    parser.add_argument("--latency", type=float, default=0.06, help="seconds before each answer in the second part")
    parser.add_argument("--without-prowler", action="store_true")
    args = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    prowler = not args.without_prowler
    with StandIn() as standin:
        made = seed(standin, args.every)
        print(f"{platform.python_version()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}; {made} resources\n")
        print("| account | scanner | runs | median s | fastest s | peak MB | times ours | times our memory |")
        print("|---|---|---|---|---|---|---|---|")
        compare("stand-in", standin.url, args.rounds, prowler=prowler)
        with slow(standin.url, args.latency) as url:
            took, calls = compare(f"{args.latency * 1000:.0f} ms away", url, args.rounds, prowler=prowler)
    bound = calls * args.latency / THREADS
    waiting = f"{calls} calls over {THREADS} threads are {bound:.2f} s of waiting"
    print(f"\n{waiting}; the audit took {took / bound:.2f} times that.")


if __name__ == "__main__":
    main()
