"""`make bench-drift`: resources of a state against as many live ones of an inventory, in time and memory.

    python bench/drift.py             # 5,000 and 20,000: growth in line with the number, and the promise for 20,000
    python bench/drift.py 1000        # one size

One in fifty differs in an attribute, one in two hundred is missing and as many are unmanaged. The command runs as a
process of its own; processor time and the peak of its memory are the kernel's account of it.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from compliance_scan.inputs.aws.collector import collectors
from compliance_scan.shape.catalog import Catalog

ACCOUNT, REGION = "123456789012", "eu-west-1"
SECONDS: Final = 10.0
MEGABYTES: Final = 600.0
LINEAR: Final = 1.5
"""How much more than four times as long four times as many may take."""
STATEMENT = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
OPEN = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"]}
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'


class Run(NamedTuple):
    """What one size came to."""

    size: int
    seconds: float
    megabytes: float
    drift: int


def attributes(number: int) -> tuple[str, dict[str, Any]]:
    """One of eight types in turn, with what an account says of it."""
    name = f"thing-{number}"
    kind, made = TYPES[number % len(TYPES)]
    filled: dict[str, Any] = json.loads(json.dumps(made).replace("NAME", name).replace("OTHER", f"thing-{number - 1}"))
    if kind != "aws_s3_bucket_versioning":
        filled["tags"] = {"Team": f"team-{number % 40}", "Name": name}
    return kind, filled


ARN = f"arn:aws:%s:{REGION}:{ACCOUNT}:%s"
TYPES: Final[list[tuple[str, dict[str, Any]]]] = [
    ("aws_s3_bucket", {"id": "NAME", "bucket": "NAME", "arn": "arn:aws:s3:::NAME"}),
    (
        "aws_s3_bucket_versioning",
        {"id": "OTHER", "bucket": "OTHER", "versioning_configuration": [{"status": "Enabled"}]},
    ),
    (
        "aws_sqs_queue",
        {
            "id": "https://sqs/NAME",
            "name": "NAME",
            "arn": ARN % ("sqs", "NAME"),
            "visibility_timeout_seconds": 30,
            "sqs_managed_sse_enabled": True,
        },
    ),
    (
        "aws_cloudwatch_log_group",
        {"id": "NAME", "name": "NAME", "arn": ARN % ("logs", "log-group:NAME"), "retention_in_days": 30},
    ),
    (
        "aws_iam_policy",
        {
            "id": f"arn:aws:iam::{ACCOUNT}:policy/NAME",
            "arn": f"arn:aws:iam::{ACCOUNT}:policy/NAME",
            "name": "NAME",
            "policy": POLICY,
            "path": "/",
        },
    ),
    (
        "aws_dynamodb_table",
        {
            "id": "NAME",
            "name": "NAME",
            "arn": ARN % ("dynamodb", "table/NAME"),
            "billing_mode": "PAY_PER_REQUEST",
            "point_in_time_recovery": [{"enabled": True}],
        },
    ),
    (
        "aws_security_group",
        {
            "id": "sg-NAME",
            "name": "NAME",
            "arn": ARN % ("ec2", "security-group/sg-NAME"),
            "vpc_id": "vpc-1",
            "description": "x",
            "ingress": [OPEN],
            "egress": [],
        },
    ),
    (
        "aws_lambda_function",
        {
            "id": "NAME",
            "function_name": "NAME",
            "arn": ARN % ("lambda", "function:NAME"),
            "runtime": "python3.12",
            "memory_size": 128,
            "timeout": 3,
            "role": f"arn:aws:iam::{ACCOUNT}:role/NAME",
            "environment": [{"variables": {"A": "1", "B": "NAME"}}],
        },
    ),
]


@cache
def whole(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a state and an inventory hold of a type beside what is set: every attribute of the schema, and every one
    that is collected, null or empty."""
    catalog = Catalog.open()
    facts = catalog.type(kind)
    assert facts is not None
    state: dict[str, Any] = {}
    for name in facts.root.names():
        field = facts.hidden.get(name) or facts.root.field(name)
        if field is not None and (name not in facts.folds or facts.hidden.get(name) is not None):
            state[name] = [] if field.nested else None
    mapped = {name for each in collectors(kind, catalog.collect(kind)) for name in each.map}
    return state, {name: state.get(name) for name in mapped}


CHANGES: Final[dict[str, tuple[str, Any]]] = {
    "aws_s3_bucket_versioning": ("versioning_configuration", [{"status": "Suspended"}]),
    "aws_sqs_queue": ("visibility_timeout_seconds", 31),
    "aws_cloudwatch_log_group": ("retention_in_days", 7),
    "aws_iam_policy": ("policy", POLICY.replace("PutObject", "*")),
    "aws_security_group": (
        "ingress",
        [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}],
    ),
    "aws_lambda_function": ("timeout", 4),
}


def write(folder: Path, size: int) -> int:
    """A state and an inventory; returns how many resources drift."""
    declared: list[Any] = []
    lines: list[Any] = [{"inventory": 1, "accounts": {ACCOUNT: [REGION]}, "regions_disabled": []}]
    drift = 0
    for number in range(size):
        kind, made = attributes(number)
        missing, unmanaged = number % 200 == 2, number % 200 == 5
        changed = number % 50 in (11, 21) and kind in CHANGES
        drift += missing + unmanaged + changed
        if not unmanaged:
            instance = {"attributes": {**whole(kind)[0], **made}}
            entry = {"mode": "managed", "type": kind, "name": f"r{number}", "provider": PROVIDER}
            declared.append({**entry, "instances": [instance]})
        if not missing:
            lines.append(line(kind, {**whole(kind)[1], **made, **(dict([CHANGES[kind]]) if changed else {})}))
    for kind, _ in TYPES:
        lines.append({"unit": {"type": kind, "account": ACCOUNT, "region": REGION, "unknown": None}})
    lines.append({"whole": True, "operations": []})
    with (folder / "inventory.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(each) + "\n" for each in lines)
    state = {"version": 4, "serial": 1, "lineage": "bench", "resources": declared}
    (folder / "terraform.tfstate").write_text(json.dumps(state))
    return drift


def line(kind: str, live: dict[str, Any]) -> dict[str, Any]:
    """A live resource as an inventory has it."""
    arn = live.get("arn")
    return {
        "address": arn or f"{kind}@{ACCOUNT}/{REGION}/{live['id']}",
        "root": ".",
        "type": kind,
        "plane": "live",
        "account": ACCOUNT,
        "region": REGION,
        "arn": arn,
        "id": live["id"],
        "attributes": live,
        "unknown": {},
        "conditional": None,
        "unit": REGION,
    }


COMMAND: Final = [
    *(sys.executable, "-m", "compliance_scan", "drift", "."),
    *("--state", "terraform.tfstate", "--inventory", "inventory.jsonl", "-f", "json=out.json"),
]


def run(size: int) -> Run:
    """One size, measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = write(folder, size)
        (folder / ".git").mkdir()
        process = subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert os.waitstatus_to_exitcode(status) in (0, 1), "the command failed"
        found = len(json.loads((folder / "out.json").read_text())["drift"])
        assert found == expected, f"{found} drifted resources, {expected} were planted"
        return Run(size, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, found)


def main() -> int:
    """1 where a promise is not kept."""
    sizes = [int(each) for each in sys.argv[1:]] or [5_000, 20_000]
    runs = [run(size) for size in sizes]
    for each in runs:
        taken = f"{each.seconds:6.2f} s of processor  {each.megabytes:6.0f} MB"
        print(f"{each.size:>7,} resources  {taken}  {each.drift} drifted")
    last = runs[-1]
    good = last.seconds <= SECONDS and last.megabytes <= MEGABYTES
    if len(runs) > 1:
        growth = (last.seconds / runs[0].seconds) / (last.size / runs[0].size)
        print(f"growth {growth:.2f} of linear")
        good = good and growth <= LINEAR
    print(f"promise: {SECONDS:.0f} s, {MEGABYTES:.0f} MB: {'kept' if good else 'BROKEN'}")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
