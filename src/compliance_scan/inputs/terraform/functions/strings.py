"""Functions on text."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from compliance_scan.inputs.terraform.evaluate_access import whole_index
from compliance_scan.inputs.terraform.functions.spec import LIST_OF_STRING, Spec, string_list
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, Number
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    EvalError,
    ListVal,
    Null,
    ObjectVal,
    OpenVal,
    TupleVal,
    cause_of,
    is_null,
    is_unknown,
    nfc,
)
from compliance_scan.model.value import Text, Unknown

MAX_TEXT = 8 * 1024 * 1024
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LOWER = {"\u0130": "i"}
_ANY_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
"""`\\C`, which Go's syntax does not have."""


def bounded(length: int) -> None:
    """Raises `LimitError` for a text that would be too long."""
    if length > MAX_TEXT:
        raise LimitError(f"a text of more than {MAX_TEXT} characters")


def lower(text: str) -> str:
    """Lower case by Go's rules: character by character."""
    if text.isascii():
        return text.lower()
    return nfc("".join([_LOWER.get(char) or (char.lower() if len(char.lower()) == 1 else char) for char in text]))


def upper(text: str) -> str:
    """Upper case by Go's rules: character by character."""
    if text.isascii():
        return text.upper()
    return nfc("".join([char.upper() if len(char.upper()) == 1 else char for char in text]))


def _title(text: str) -> str:
    out = []
    before = " "
    for char in text:
        starts = not (before == "_" or before.isalnum()) if before.isascii() else before in _SPACE
        titled = char.title()
        out.append(titled if starts and len(titled) == 1 else char)
        before = char
    return nfc("".join(out))


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(spaces: Any, text: str) -> str:
    count = whole_index(spaces)
    if count < 0:
        raise EvalError("a negative number of spaces")
    bounded(len(text) + max(1, text.count("\n")) * count)
    return text.replace("\n", "\n" + " " * count)


def _join(separator: Any, *lists: Any) -> Any:
    from compliance_scan.inputs.terraform.templates import Builder

    if not lists:
        raise EvalError("at least one list is required")
    if len(lists) == 1 and type(lists[0]) is OpenVal and lists[0].most == 1 and lists[0].items:
        # One instance or none: its text, as `x[0]` would give it.
        return lists[0].items[0]
    if is_unknown(separator) or any(is_unknown(value) for value in lists):
        cause = cause_of(next(value for value in (*lists, separator) if is_unknown(value)))
        return Unknown(cause.cause, cause.detail, STRING, not_null=True)
    builder = Builder()
    first = True
    for value in lists:
        for item in value.items:
            if is_null(item):
                raise EvalError("a list element is null; cannot concatenate null values")
            if not first:
                builder.add_text(separator)
            builder.add_value(item, None)
            first = False
    return builder.result()


def _replace(text: str, part: str, by: str) -> str:
    if len(part) > 1 and part.startswith("/") and part.endswith("/"):
        return _replace_pattern(text, part[1:-1], by)
    bounded(len(text) + (text.count(part) if part else len(text) + 1) * len(by))
    return nfc(text.replace(part, by))


def _replace_pattern(text: str, pattern: str, by: str) -> str:
    compiled = compile_pattern(pattern)
    pieces: list[str] = []
    pos = length = 0
    for match in matches(compiled, text):
        pieces.append(text[pos : match.start()])
        pieces.append(_expanded(by, match))
        length += len(pieces[-1])
        bounded(length)
        pos = match.end()
    pieces.append(text[pos:])
    return nfc("".join(pieces))


def _expanded(template: str, match: Any) -> str:
    """Go's `Regexp.Expand`: `$1`, `$name`, `${name}`, `$$`."""

    def group(found: "re.Match[str]") -> str:
        if found[0] == "$$":
            return "$"
        name = found[1] or found[2]
        try:
            value = match.group(int(name)) if name.isdigit() else match.group(name)
        except (IndexError, KeyError, ValueError):
            return ""
        return value or ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, template)


@lru_cache(maxsize=500)
def compile_pattern(pattern: str) -> Any:
    """A pattern in Go's syntax, which runs in linear time; raises `EvalError`."""
    import re2

    if _ANY_BYTE.search(pattern):
        raise EvalError("invalid regular expression pattern: invalid escape sequence")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        if "too large" in str(error) or "pattern too large" in str(error):
            raise LimitError("a regular expression is too large") from None
        raise EvalError(f"invalid regular expression pattern: {error}") from None


def matches(compiled: Any, text: str) -> Any:
    """All matches as Go finds them: an empty one right behind another does not count."""
    pos, last = 0, -1
    while pos <= len(text):
        match = compiled.search(text, pos)
        if match is None:
            return
        start, end = match.span()
        if start == end:
            pos = end + 1
            if start == last:
                continue
        else:
            pos = end
        last = end
        yield match


def _captured(compiled: Any, match: Any) -> Any:
    if compiled.groups == 0:
        return nfc(match.group(0))
    names = compiled.groupindex
    if not names:
        return TupleVal([_group(match.group(i)) for i in range(1, compiled.groups + 1)])
    _all_named(compiled)
    return ObjectVal({name: _group(match.group(name)) for name in sorted(names)})


def _all_named(compiled: Any) -> None:
    if len(compiled.groupindex) == compiled.groups:
        return
    if compiled.pattern.count("<") >= compiled.groups:
        raise LimitError("a regular expression that may use a group's name twice")
    raise EvalError("invalid regular expression pattern: cannot mix both named and unnamed capture groups")


def _group(text: str | None) -> Any:
    return Null(STRING) if text is None else nfc(text)


def _regex(pattern: str, text: str) -> Any:
    compiled = compile_pattern(pattern)
    match = compiled.search(text)
    if match is None:
        raise EvalError("pattern did not match any part of the given string")
    return _captured(compiled, match)


def _regex_all(pattern: str, text: str) -> Any:
    compiled = compile_pattern(pattern)
    names = compiled.groupindex
    if names:
        _all_named(compiled)
    of: Any = STRING
    if names:
        from compliance_scan.inputs.terraform.types_core import object_type

        of = object_type(dict.fromkeys(sorted(names), STRING))
    elif compiled.groups:
        of = ("tuple", (STRING,) * compiled.groups)
    return ListVal([_captured(compiled, match) for match in matches(compiled, text)], of)


def _split(separator: str, text: str) -> ListVal:
    return string_list([nfc(part) for part in (text.split(separator) if separator else list(text))])


def _reversed(text: str) -> str:
    if text.isascii() and "\r\n" not in text:
        return text[::-1]
    from compliance_scan.inputs.terraform.functions.graphemes import split

    return nfc("".join(reversed(split(text))))


def _substr(text: str, offset: Any, length: Any) -> str:
    from compliance_scan.inputs.terraform.functions.graphemes import split

    start, count = whole_index(offset), whole_index(length)
    clusters: Any = text if text.isascii() and "\r\n" not in text else split(text)
    if start < 0:
        start += len(clusters)
    elif count == 0:
        return ""
    rest = clusters[max(start, 0) :]
    # Terraform stops when it has counted to the length: it never does so for zero.
    return nfc("".join(rest[:count] if count > 0 else rest))


def _trim_prefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def _trim_suffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def _trim(text: str, cut: str) -> str:
    return text.strip(cut) if cut else text


def _edge(at_start: bool) -> Callable[[Any, Any], Any]:
    def check(text: Any, part: Any) -> Any:
        """Also where only the beginning or the end of the text is known."""
        part = bare(part)
        if type(text) is str and type(part) is str:
            return text.startswith(part) if at_start else text.endswith(part)
        if type(text) is Text and type(part) is str:
            edge = text.parts[0 if at_start else -1]
            if isinstance(edge, str):
                if edge.startswith(part) if at_start else edge.endswith(part):
                    return True
                short = min(len(edge), len(part))
                if short and (edge[:short] != part[:short] if at_start else edge[-short:] != part[-short:]):
                    return False
        cause = cause_of(text if is_unknown(text) else part)
        return Unknown(cause.cause, cause.detail, BOOL, not_null=True)

    return check


_TWO = (STRING, STRING)
FUNCTIONS = {
    "chomp": Spec(_chomp),
    "endswith": Spec(_edge(at_start=False), _TWO, returns=BOOL, raw=True),
    "indent": Spec(_indent, (NUMBER, STRING)),
    "join": Spec(_join, (STRING,), LIST_OF_STRING, raw=True),
    "lower": Spec(lower),
    "regex": Spec(_regex, _TWO, returns=DYNAMIC),
    "regexall": Spec(_regex_all, _TWO, returns=DYNAMIC),
    "replace": Spec(_replace, (STRING, STRING, STRING)),
    "split": Spec(_split, _TWO, returns=LIST_OF_STRING),
    "startswith": Spec(_edge(at_start=True), _TWO, returns=BOOL, raw=True),
    "strcontains": Spec(lambda text, part: part in text, _TWO, returns=BOOL),
    "strrev": Spec(_reversed),
    "substr": Spec(_substr, (STRING, NUMBER, NUMBER)),
    "title": Spec(_title),
    "trim": Spec(_trim, _TWO),
    "trimprefix": Spec(_trim_prefix, _TWO),
    "trimspace": Spec(lambda text: text.strip(_SPACE)),
    "trimsuffix": Spec(_trim_suffix, _TWO),
    "upper": Spec(upper),
}
_ = (Number, OpenVal)
