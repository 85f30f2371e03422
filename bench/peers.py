"""Ratios against peers, measured interleaved in one run: wall time and peak memory of whole processes.

    python bench/peers.py [--rounds N] [--only small,medium,large] [--peers checkov,trivy]

Checkov is installed into an environment of its own below `.bench/` (its pins clash with ours); Trivy is
taken where it is found on the PATH. Nothing is downloaded by the measured commands themselves. The trees are the
public ones of `../shared/bench`; what is absent is left out and said so.
"""

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
SHARED = REPOSITORY.parent / "shared" / "bench"
RESULTS = REPOSITORY / ".bench"


class Sample(NamedTuple):
    """One run of one command."""

    seconds: float
    megabytes: float
    code: int


class Contender(NamedTuple):
    """A scanner and how it is called on a folder."""

    name: str
    command: list[str]


def measure(command: list[str], limit: float) -> Sample | None:
    """Wall time and peak memory of a process and its children; None where it took longer than `limit` seconds."""
    wrapper = [sys.executable, str(Path(__file__).resolve()), "--child", *command]
    start = time.perf_counter()
    try:
        done = subprocess.run(wrapper, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    elapsed = time.perf_counter() - start
    seconds, megabytes, code = done.stderr.splitlines()[-1].split()
    return Sample(min(float(seconds), elapsed), float(megabytes), int(code))


def child(command: list[str]) -> None:
    """Runs a command in a small process of its own, so that the peak is the command's."""
    # Installed programs have their bytecode; all contenders may keep theirs, whatever the shell says.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=environment)
    elapsed = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{elapsed:.4f} {peak:.1f} {done.returncode}", file=sys.stderr)


def checkov_environment() -> str | None:
    """The checkov program in its own environment, installed on first use; None where it cannot be installed."""
    folder = RESULTS / "checkov"
    program = folder / "bin" / "checkov"
    if not program.exists():
        print("installing checkov into its own environment …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "checkov"], check=False)
        if done.returncode:
            return None
    return str(program)


def contenders(wanted: list[str], folder: Path) -> list[Contender]:
    """Ourselves first, then the peers that are to be had."""
    ours = shutil.which("compliance-scan", path=os.path.dirname(sys.executable)) or "compliance-scan"
    found = [Contender("compliance-scan", [ours, "scan", str(folder), "--root", str(folder), "-f", "json"])]
    if "checkov" in wanted and (program := checkov_environment()):
        options = ["--quiet", "--compact", "--skip-download", "--framework", "terraform", "kubernetes", "-o", "json"]
        found.append(Contender("checkov", [program, "-d", str(folder), *options]))
    if "trivy" in wanted and (program := shutil.which("trivy")):
        found.append(Contender("trivy", [program, "config", "--offline-scan", "--skip-check-update", str(folder)]))
    return found


def trees(only: list[str]) -> dict[str, Path]:
    """The benchmark trees, `large` unpacked on first use."""
    found = {name: SHARED / name for name in ("small", "medium") if (SHARED / name).is_dir()}
    archive = SHARED / "large.tar.xz"
    if "large" in only and archive.exists():
        target = RESULTS / "large"
        if not target.is_dir():
            RESULTS.mkdir(exist_ok=True)
            with tarfile.open(archive) as packed:
                packed.extractall(RESULTS, filter="data")
        found["large"] = target
    return {name: path for name, path in found.items() if name in only}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="small,medium,large")
    parser.add_argument("--peers", default="checkov,trivy")
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which a run is given up")
    args = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    print(f"{platform.python_version()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}\n")
    print("| tree | scanner | runs | median s | fastest s | peak MB | times ours |")
    print("|---|---|---|---|---|---|---|")
    chosen = trees(args.only.split(","))
    for name in args.only.split(","):
        if name not in chosen:
            print(f"| {name} | | the tree is not there | | | | |")
            continue
        rounds = args.rounds if name != "large" else 1
        taking_part = contenders(args.peers.split(","), chosen[name])
        measure(taking_part[0].command, args.limit)  # builds what a first start builds
        samples: dict[str, list[Sample | None]] = {one.name: [] for one in taking_part}
        for _ in range(rounds):
            for one in taking_part:
                if None not in samples[one.name]:
                    samples[one.name].append(measure(one.command, args.limit))
        report(name, samples, args.limit)


def report(tree: str, samples: dict[str, list[Sample | None]], limit: float) -> None:
    """One row a scanner; ours is the first and the measure of the others."""
    ours = statistics.median(sample.seconds for sample in next(iter(samples.values())) if sample)
    for name, runs in samples.items():
        good = [sample for sample in runs if sample]
        if len(good) < len(runs):
            print(f"| {tree} | {name} | {len(runs)} | more than {limit:.0f} | | | more than {limit / ours:.0f} |")
            continue
        median = statistics.median(sample.seconds for sample in good)
        fastest = min(sample.seconds for sample in good)
        peak = max(sample.megabytes for sample in good)
        print(f"| {tree} | {name} | {len(good)} | {median:.3f} | {fastest:.3f} | {peak:.0f} | {median / ours:.1f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        main()
