"""The inventory file: a live account as JSON Lines, from which the judgement can be repeated offline.

The first line says what it is, the last that it is whole; in between stand resources, the units that are done, and the
account of operations, in the order in which they came. While an audit runs the file has another name and serves as its
check-point: what belongs to a unit that is done need not be asked again. `docs/inventory.md` has the schema.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final, NamedTuple, cast

from compliance_scan.errors import ScanError, UsageError
from compliance_scan.inputs.aws.secrets import masked_paths
from compliance_scan.model.live import Line, live_resource
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Path, Unknown, Value, path_text
from compliance_scan.operators.kit.secrets import HARMLESS, SECRET

VERSION: Final = 1
PARTIAL: Final = ".partial"
MAX_LINE: Final = 64_000_000


class BadInventory(ScanError):
    """A file that is no inventory, or not a whole one."""


class UnitLine(NamedTuple):
    """A unit that is done."""

    type: str
    account: str
    region: str
    cause: Unknown | None


class Writer:
    """Writes an inventory: aside while it grows, under its name when it is whole; only its owner may read it."""

    def __init__(self, path: str, head: Mapping[str, Any], *, again: "Iterator[str] | None" = None) -> None:
        """`again`: lines of an earlier run that still hold. Raises `UsageError` where the file cannot be written."""
        self.path = os.path.realpath(path)
        self.aside = self.path + PARTIAL
        self.number = 0
        fresh = f"{self.aside}.{os.getpid()}"
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
        self._out: IO[str] = os.fdopen(handle, "w", encoding="utf-8", newline="\n")
        self._line({"inventory": VERSION, **head})
        for line in again or ():
            self._out.write(line)
            self.number += 1
        self._out.flush()
        os.replace(fresh, self.aside)

    def resource(self, resource: Resource, unit: tuple[str, str, str]) -> None:
        """Writes a resource of a unit."""
        self._line({**record_of(resource), "unit": unit[2]})

    def unit(self, unit: UnitLine) -> None:
        """Writes that a unit is done; what was written before is then safe from a sudden end."""
        cause = None if unit.cause is None else {"cause": unit.cause.cause, "detail": unit.cause.detail}
        self._line({"unit": {"type": unit.type, "account": unit.account, "region": unit.region, "unknown": cause}})
        self._out.flush()

    def whole(self, tail: Mapping[str, Any]) -> None:
        """Ends the file and gives it its name."""
        self._line({"whole": True, **tail})
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        os.replace(self.aside, self.path)

    def close(self) -> None:
        """Leaves the file aside, as a check-point."""
        with contextlib.suppress(OSError, ValueError):
            self._out.close()

    def _line(self, record: Mapping[str, Any]) -> None:
        self._out.write(
            json.dumps(record, ensure_ascii=False, separators=(",", ":")).replace("\u2028", "\\u2028") + "\n"
        )
        self.number += 1


def record_of(resource: Resource) -> dict[str, Any]:
    """A live resource as a line; what is not known is null there, and named under `unknown`."""
    attributes: dict[str, Any] = {}
    unknown: dict[str, dict[str, str]] = {}
    encoded = []
    for name in resource.attributes:
        value = resource.attributes[name]
        for path, cause in masked_paths(value, (name,)):
            unknown[path_text(path)] = {"cause": cause.cause, "detail": cause.detail}
        encoded += [path_text(path) for path in _encoded(value, (name,))]
        attributes[name] = _plain(value)
    made: dict[str, Any] = {
        "address": resource.address,
        "root": resource.root,
        "type": resource.type,
        "plane": resource.plane,
        "account": resource.account,
        "region": resource.region,
        "arn": resource.arn,
        "id": resource.name,
        "attributes": attributes,
        "unknown": unknown,
        "conditional": None,
    }
    if resource.conditional is not None:
        made["conditional"] = {"cause": resource.conditional.cause, "detail": resource.conditional.detail}
    if encoded:
        made["encoded"] = encoded
    return made


def _plain(value: Value) -> Any:
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Encoded):
        return _plain(value.tree)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _encoded(value: Value, path: Path) -> Iterator[Path]:
    if isinstance(value, Encoded):
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _encoded(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _encoded(item, (*path, index))


def resource_of(record: Mapping[str, Any], source: Line) -> Resource:
    """The resource of a line; raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    from compliance_scan.ruleset.paths import parse

    attributes: dict[str, Any] = dict(record["attributes"])
    for path in record.get("encoded") or ():
        _put(attributes, parse(path), None, encode=True)
    for path, cause in (record.get("unknown") or {}).items():
        _put(attributes, parse(path), _unknown(cause))
    conditional = record.get("conditional")
    account, region = record.get("account"), record.get("region")
    made = live_resource(
        record["type"],
        str(record.get("id") or record["address"].rsplit(".", 1)[-1]),
        attributes,
        account=account or "",
        region=region,
        arn=record.get("arn"),
        conditional=_unknown(conditional) if isinstance(conditional, dict) else None,
        source=source,
    )
    return made._replace(
        address=record["address"],
        root=record.get("root") or ".",
        plane=record.get("plane") or "live",
        account=account,
    )


def _unknown(told: Any) -> Unknown:
    if isinstance(told, str):
        return Unknown(cast("Any", told))  # the short form of rules' examples
    made = Unknown(told["cause"], told.get("detail") or "")
    return next((mark for mark in (SECRET, HARMLESS) if (mark.cause, mark.detail) == (made.cause, made.detail)), made)


def _put(attributes: dict[str, Any], path: Path, value: Any, *, encode: bool = False) -> None:
    *above, last = path
    place: Any = attributes
    for step in above:
        place = place[step]
        place = place.tree if isinstance(place, Encoded) else place
    place[last] = Encoded("json", place[last]) if encode else value


def read(path: str, shown: str) -> "Iterator[tuple[int, str, dict[str, Any]]]":
    """Number, text and value of each line; raises `BadInventory` and `UsageError`."""
    try:
        handle = open(path, encoding="utf-8")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from None
    with handle:
        number = 0
        try:
            for number, line in enumerate(iter(lambda: handle.readline(MAX_LINE), ""), 1):
                if line.strip():
                    yield number, line, json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInventory(f"{shown}:{number + 1}: this is no line of an inventory: {error}"[:300]) from None
