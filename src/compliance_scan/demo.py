"""The demo: everything on the reference estate, with a stand-in for the account that it starts itself.

A copy of the estate is scanned, broken and scanned again; it is built in the stand-in, somebody changes something by
hand, and audit, drift and a control report tell. Nothing outside a temporary folder is written.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.compiled import checkout_folder, data_folder
from compliance_scan.errors import ScanError

if TYPE_CHECKING:
    from compliance_scan.inputs.aws.standin import StandIn

ESTATE = "trading-engine"
REGION = "us-east-1"
FRAMEWORK = "pci-dss-4.0.1"


class Step(NamedTuple):
    """One command of the demo, with what to look at in its output."""

    title: str
    arguments: Sequence[str]
    look: str
    expected: frozenset[int]
    """Exit codes with which it goes on."""


def estate() -> str:
    """The folder of the reference estate: the checkout's, or the one that the wheel carries; raises `ScanError`."""
    data = data_folder()
    folder = os.path.join(data, "demo") if data else os.path.join(checkout_folder(), "fixtures", ESTATE)
    if os.path.isdir(folder):
        return folder
    raise ScanError("the reference estate is not installed", "run the demo in a checkout")


def copy(target: str) -> None:
    """The estate in a folder of its own, as a repository, so that reports can name a revision."""
    shutil.copytree(estate(), target)
    commit(target, "The estate")


def commit(folder: str, message: str) -> None:
    """A revision of everything in the copy; without git it stays a plain folder."""
    if shutil.which("git") is None:
        return
    who = ["-c", "user.name=demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"]
    if not os.path.isdir(os.path.join(folder, ".git")):
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", message], cwd=folder, check=True)


def broken(folder: str) -> int:
    """Makes the one-line mistakes that the estate's `broken.yaml` lists; gives how many."""
    from compliance_scan._yaml import read

    with open(os.path.join(folder, "broken.yaml"), encoding="utf-8") as stream:
        edits: list[dict[str, Any]] = read(stream.read(), "broken.yaml").data
    for edit in edits:
        path = os.path.join(folder, edit["file"])
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        if edit["find"] not in text:
            raise ScanError(f"{edit['file']}: the line to break is gone: {edit['find']}")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text.replace(edit["find"], edit["replace"], 1))
    return len(edits)


def can_go_live() -> str:
    """Why the account's part cannot be shown; empty where it can."""
    missing = [name for name in ("boto3", "moto", "flask") if find_spec(name) is None]
    return f"the account's part needs {', '.join(missing)}: pip install 'compliance-scan[demo]'" if missing else ""


def build(standin: "StandIn", folder: str) -> tuple[int, int]:
    """Makes what the estate's Terraform declares in the stand-in; gives how many resources it made, and of how many."""
    from datetime import date

    from compliance_scan import scan
    from compliance_scan.inputs.aws.seed import Seeder

    request = scan.Request(root=folder, targets=["."], folder=folder, as_of=date(2026, 11, 30))
    resources = [
        each
        for each in scan.load(request).inventory.resources
        if each.type.startswith("aws_") and each.mode == "managed" and each.region in (None, REGION)
    ]
    seeder = Seeder(standin.clients(REGION), _catalog(), region=REGION)
    failed = seeder.seed(resources)
    return len(resources) - len(failed), len(resources)


def _catalog() -> Any:
    from compliance_scan.shape.catalog import Catalog

    return Catalog.open()


def by_hand(standin: "StandIn") -> Iterator[str]:
    """Changes in the console; tells what it changed."""
    clients = standin.clients(REGION)
    s3, rds = clients.client("s3", REGION), clients.client("rds", REGION)
    for bucket in s3.list_buckets()["Buckets"][:20]:
        name = bucket["Name"]
        if s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled":
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
            yield f"suspended the versioning of bucket {name}"
            break
    for instance in rds.describe_db_instances()["DBInstances"][:1]:
        name = instance["DBInstanceIdentifier"]
        rds.modify_db_instance(DBInstanceIdentifier=name, BackupRetentionPeriod=0, ApplyImmediately=True)
        yield f"turned off the backups of database {name}"
    s3.create_bucket(Bucket="somebodys-forgotten-bucket")
    yield "made the bucket somebodys-forgotten-bucket"


def code_steps() -> tuple[Step, Step]:
    """The scans before and after the mistakes."""
    return (
        Step(
            "the estate as its team wrote it",
            ["scan", ".", "--quiet"],
            "one line: nothing fails",
            frozenset({0, 1, 4}),
        ),
        Step(
            "the same estate after a few one-line mistakes",
            ["scan", ".", "--severity", "medium"],
            "the underlined attribute, and below it the module call or variable that said so",
            frozenset({1, 4}),
        ),
    )


def live_steps(url: str) -> tuple[Step, ...]:
    """What is asked of the stand-in."""
    account = ["--endpoint-url", url, "--region", REGION, "--no-progress"]
    return (
        Step(
            "the account: audit",
            ["audit", *account, "--severity", "high", "--quiet", "--inventory-out", "inventory.jsonl"],
            "the same rules, judged on the account; what could not be read is said, and makes it exit 4",
            frozenset({0, 1, 4}),
        ),
        Step(
            "code beside account: drift",
            ["drift", ".", "--inventory", "inventory.jsonl", "--only-controls", "--framework", FRAMEWORK],
            "what was changed by hand, by consequence, with the line that declares it and both ways back",
            frozenset({0, 1, 4}),
        ),
        Step(
            f"one framework: {FRAMEWORK}",
            ["scan", ".", "--framework", FRAMEWORK, "--quiet", "--verdicts", "fail"],
            "which controls fail; `frameworks show` lists what remains for a person",
            frozenset({0, 1, 4}),
        ),
    )


def run(folder: str, act: Callable[[Step], int], tell: Callable[[str], None]) -> int:
    """The whole demo in a folder that is not there yet. `act` runs one command there and gives its exit code; raises
    `ScanError` where a step ends otherwise than it should."""
    copy(folder)
    clean, mistakes = code_steps()
    _step(clean, act)
    why = can_go_live()
    if why:
        tell(why)
    else:
        _live(folder, act, tell)
    broken(folder)
    commit(folder, "A few mistakes")
    _step(mistakes, act)
    return 0


def _live(folder: str, act: Callable[[Step], int], tell: Callable[[str], None]) -> None:
    from compliance_scan.inputs.aws.standin import StandIn

    with StandIn() as standin:
        made, declared = build(standin, folder)
        tell(f"built {made} of the estate's {declared} resources in a stand-in on this machine")
        for change in by_hand(standin):
            tell(f"somebody {change}")
        for step in live_steps(standin.url):
            _step(step, act)


def _step(step: Step, act: Callable[[Step], int]) -> None:
    code = act(step)
    if code not in step.expected:
        raise ScanError(f"{step.title}: ended with {code}")


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The environment of the commands: no credentials of whoever runs the demo."""
    kept = {name: value for name, value in own.items() if not name.startswith(("AWS_", "COMPLIANCE_SCAN_", "TF_VAR_"))}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "standin",
        "AWS_SECRET_ACCESS_KEY": "standin",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
