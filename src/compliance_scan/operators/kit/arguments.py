"""Types of arguments and parameters.

    string | number | bool | port | cidr | duration | list(T) | map | any | scalar | path

Alternatives are joined by `|`; a quoted word is that very text (`'customer'`). A port is a number from 0 to 65535 or a
range as text, `"20-21"`. A duration is a number with a unit: `30s`, `15min`, `12h`, `7d`, `2w`, `1y`. A size or share
is a Kubernetes quantity: `500m`, `128Mi`.
"""

import re
from typing import Any

PARAMETER_TYPES = ("string", "number", "bool", "port", "cidr", "duration")

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:s|min|h|d|w|y))+\Z")
_PORTS = re.compile(r"\d{1,5}-\d{1,5}\Z")
_QUANTITY = re.compile(r"\d+(?:\.\d+)?(?:m|k|Ki|Mi|Gi|Ti|Pi|M|G|T|P)\Z")


def is_parameter_type(name: Any) -> bool:
    """Whether a parameter may have this type."""
    if not isinstance(name, str):
        return False
    while name.startswith("list(") and name.endswith(")"):
        name = name[5:-1]
    return name in PARAMETER_TYPES


def fits(value: Any, kind: str) -> bool:
    """Whether a plain value from a rule or profile is of a type."""
    return any(_fits_one(value, option) for option in _options(kind))


def _options(kind: str) -> list[str]:
    options, depth, word = [], 0, ""
    for char in kind:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            options.append(word.strip())
            word = ""
        else:
            word += char
    return [*options, word.strip()]


def _fits_one(value: Any, kind: str) -> bool:
    if kind.startswith("list("):
        return isinstance(value, list) and all(fits(item, kind[5:-1]) for item in value)
    if kind.startswith("'"):
        return bool(value == kind.strip("'"))
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match kind:
        case "any":
            return True
        case "scalar":
            return value is None or isinstance(value, (bool, int, float, str))
        case "string" | "path":
            return isinstance(value, str)
        case "number":
            return number
        case "bool":
            return isinstance(value, bool)
        case "map":
            return isinstance(value, dict)
        case "port":
            return is_port(value)
        case "cidr":
            from compliance_scan.operators.kit.network import network_of

            return isinstance(value, str) and network_of(value) is not None
        case "duration":
            return isinstance(value, str) and _DURATION.match(value) is not None
        case "quantity":
            return isinstance(value, str) and _QUANTITY.match(value) is not None
    raise ValueError(f"unknown argument type {kind}")


def is_port(value: Any) -> bool:
    """Whether a plain value is a port or a range of ports."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0 <= value <= 65535
    if isinstance(value, str) and _PORTS.match(value):
        low, high = (int(part) for part in value.split("-"))
        return low <= high <= 65535
    return False
