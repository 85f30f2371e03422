"""`rules new`: the text of a new rule, with the next free code of its service's range."""

import os
import re
from typing import Any

from compliance_scan._yaml import nearest, read
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.ruleset.build import CODES_FILE, SHARED_FOLDER, rule_files

_CODE = re.compile(r"^code:\s*[\"']?([A-Z]+)(\d+)", re.MULTILINE)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+\Z")


def next_code(folder: str, service: str) -> str:
    """The next free code in a pack's folder: of the range of `service` (`aws/rds`) in `_shared/codes.yaml`, else of its
    parent's; in a pack without ranges, one more than its highest, from `ORG0001` on.

    Raises `UsageError` where the range is full or there is none.
    """
    used = {match for origin in rule_files(folder) for match in _codes(os.path.join(folder, origin))}
    path = os.path.join(folder, SHARED_FOLDER, CODES_FILE)
    if not os.path.exists(path):
        prefix = next(iter(sorted(prefix for prefix, _number in used)), "ORG")
        highest = max((number for name, number in used if name == prefix), default=0)
        return f"{prefix}{highest + 1:04d}"
    with open(path, "rb") as handle:
        document = read(handle.read(), path)
    ranges: dict[str, Any] = document.require_keys((), document.data, ("ranges",), ("ranges",))["ranges"]
    taken = {number for _prefix, number in used}
    for name in (service, service.split("/", maxsplit=1)[0]):
        if name in ranges:
            low, high = _range(document.error(("ranges", name), "a range is [first, last]"), ranges[name])
            free = next((number for number in range(low, high + 1) if number not in taken), None)
            if free is not None:
                return f"CMP{free}"
    raise UsageError(f"no free code for `{service}`{nearest(service, ranges)}", f"add a range to {path}")


def scaffold(folder: str, service: str, name: str, resource: str = "") -> tuple[str, str]:
    """Where a new rule goes (relative to the pack's folder) and its text, to be filled in.

    `service`: `aws/rds`, `kubernetes/pod`; `name`: the rule's id; `resource`: the type that it judges. Raises
    `UsageError` for an id that is none or is taken.
    """
    if not _ID.match(name):
        raise UsageError(f"`{name}` is no rule id", "words in lower case joined by hyphens: aws-rds-storage-encrypted")
    service = service.strip("/")
    if not service or any(part in ("", ".", "..") for part in service.split("/")):
        raise UsageError(f"`{service}` is no folder of rules", "as aws/rds or kubernetes/pod")
    ids = {os.path.splitext(os.path.basename(origin))[0]: origin for origin in rule_files(folder)}
    if name in ids:
        raise UsageError(f"the rule `{name}` exists already: {ids[name]}")
    kubernetes = service.startswith("kubernetes")
    kind = resource or ("pod" if kubernetes else "aws_" + service.rsplit("/", 1)[-1])
    template = _KUBERNETES if kubernetes else _TERRAFORM
    text = _HEAD.format(code=next_code(folder, service), kind=kind) + template.format(kind=kind)
    return f"{service}/{name}.yaml", text


def _codes(path: str) -> list[tuple[str, int]]:
    with open(path, encoding="utf-8", errors="replace") as handle:
        return [(prefix, int(number)) for prefix, number in _CODE.findall(handle.read())]


def _range(error: ConfigError, value: Any) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(item, int) for item in value):
        return value[0], value[1]
    raise error


_HEAD = """\
title: What holds when all is well, one sentence without a period
code: {code}
severity: medium
status: preview
resource: {kind}
assert: {{path: attribute, equals: true}}
objectives: [encryption-at-rest]
why: >-
  What happens otherwise, to whom, in your own words.
fix:
  note: What to change, and what the change does to a running system.
equivalents: {{}}
examples:
"""
_TERRAFORM = """\
  - name: as it should be
    terraform: |
      resource "{kind}" "good" {{
        attribute = true
      }}
    pass: [{kind}.good]
  - name: as it should not be
    terraform: |
      resource "{kind}" "bad" {{
        attribute = false
      }}
    fail: [{kind}.bad]
  - name: a variable without a value
    terraform: |
      variable "choice" {{}}
      resource "{kind}" "open" {{
        attribute = var.choice
      }}
    unknown: [{kind}.open]
"""
_KUBERNETES = """\
  - name: as it should be
    kubernetes: |
      apiVersion: v1
      kind: Pod
      metadata: {{name: good}}
      spec:
        containers:
          - {{name: app, image: "example/app:1.0"}}
    pass: [Pod/-/good]
  - name: as it should not be
    kubernetes: |
      apiVersion: v1
      kind: Pod
      metadata: {{name: bad}}
      spec:
        containers:
          - {{name: app, image: example/app}}
    fail: [Pod/-/bad]
"""
