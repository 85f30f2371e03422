"""Plain YAML scalars as Kubernetes reads them.

`kubectl` reads manifests with go-yaml v2, a YAML 1.1 reader with deviations of its own: `yes`, `on` and `y` are
booleans, `0777` and `0o777` are octal, there are no base-60 numbers, and dates stay text.
"""

from compliance_scan.model.value import Scalar

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_STARTS = frozenset("yYnNtTfFoO~0123456789+-.")
_NUMBER_STARTS = frozenset("0123456789+-.")
_MAX_DIGITS = 400
_STR_TAGS = frozenset(("tag:yaml.org,2002:str", "!", "tag:yaml.org,2002:binary"))


def plain(text: str) -> Scalar:
    """The value of an unquoted, untagged scalar."""
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_STARTS and len(text) <= _MAX_DIGITS:
        number = _number(text)
        if number is not None:
            return number
    return text


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag; tags that Kubernetes does not know leave the text."""
    kind = tag.removeprefix("tag:yaml.org,2002:")
    if tag in _STR_TAGS or kind not in ("bool", "int", "float", "null"):
        return text
    value = plain(text)
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def key_text(value: Scalar) -> str:
    """A mapping key as JSON has it: `8080: x` and `true: x` are keys of text."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(text: str) -> int | float | None:
    digits = text.replace("_", "")
    body = digits.lstrip("+-")
    if len(digits) - len(body) > 1 or not body or body[0] not in "0123456789.":
        return None
    if body[0] == ".":
        return _float(digits)
    try:
        if body.isdigit() and body[0] == "0":
            return -int(body, 8) if digits[0] == "-" else int(body, 8)
        return int(digits, 0)
    except ValueError:
        return _float(digits)


def _float(text: str) -> float | None:
    if not text.isascii() or any(char in "nNiI" for char in text):
        return None
    try:
        return float(text)
    except ValueError:
        return None
