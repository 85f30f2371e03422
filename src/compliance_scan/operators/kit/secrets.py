"""What a secret looks like: forms that issuers give their credentials, and randomness under a telling name."""

import re
from functools import cache
from math import log2
from typing import Final

from compliance_scan.model.value import Unknown

_FORMS = (
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,90}\b|\bglpat-[\w-]{20}\b"
    r"|\bxox[abposr]-[A-Za-z0-9-]{10,72}|\bsk_live_[A-Za-z0-9]{16,99}\b|\bAIza[\w-]{35}\b"
    r"|\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,2000}"
    r"|\b[a-z][a-z0-9+]{1,12}://[^\s:/@]{1,64}:[^\s:/@${}<]{6,64}@[\w.-]{1,99}"
)
_KEYS = (
    r"(?i)(?:pass(?:wd|word|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth[_-]?key"
    r"|encryption[_-]?key|connection[_-]?string)s?(?:[_-]?(?:value|text|base64))?$"
)
_HARMLESS = (
    r"(?i)^(?:$|\*+|x+|true|false|null|none|nil|changeme|change_me|example|dummy|test|todo|placeholder|redacted|replace.*"
    r"|your[_-].*|<.*>|\$.*|%.*%|\{\{.*|arn:.*|https?://[^@]*|/.*|\.{1,2}/.*|file:.*|ssm:.*|vault:.*|sm://.*)$"
)
# What every form, and every telling name, has in it: a text without any of these needs no pattern, and a scan of such
# texts does not pay for compiling one.
_FORM_MARKS = (
    "AKIA", "ASIA", "ABIA", "ACCA", "PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "xox", "sk_live_", "AIza", "eyJ", "://",
)  # fmt: skip
_KEY_MARKS = ("pass", "pwd", "secret", "token", "key", "credential", "connection")
_FORTY = r"(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])"
_ABOUT = r"(?i)aws.{0,20}secret|secret.{0,20}key"
_BASE64 = r"[A-Za-z0-9+/\r\n]+={0,2}\s*"
_CODED = r"[A-Za-z0-9+/]{24}"
"""So long a run without a blank or a sign may be a coded text."""
MAX_TEXT = 100_000
SHORTEST_CODED = 16

SECRET: Final = Unknown("redacted", "a secret that was masked", type="string", not_null=True)
HARMLESS: Final = Unknown("redacted", "a sensitive value that was masked, no secret", type="string", not_null=True)
"""What stands in an inventory for a text that was judged, and then masked."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a secret is first looked for: a scan without such rules does not pay for it."""
    return re.compile(pattern)


def has_known_form(text: str) -> bool:
    """Whether a text holds a credential in an issuer's own form."""
    text = text[:MAX_TEXT]
    return any(mark in text for mark in _FORM_MARKS) and _compiled(_FORMS).search(text) is not None


def may_be_secret(text: str) -> bool:
    """Whether a text has anything of what every secret, or the name of one, has in it: most texts have nothing, and
    nothing else needs to be asked of them."""
    low = text.casefold()
    if any(mark in low for mark in _KEY_MARKS) or any(mark in text for mark in _FORM_MARKS):
        return True
    return _compiled(_CODED).search(text) is not None


def decoded(text: str) -> str | None:
    """The text inside of base64, compressed or not, as scripts of machines are given; None where there is none."""
    if len(text) < SHORTEST_CODED or text[:1] in "{[#" or not _compiled(_BASE64).fullmatch(text):
        return None
    from binascii import Error, a2b_base64

    try:
        raw = a2b_base64(text)
        if raw.startswith(b"\x1f\x8b"):
            raw = _unpacked(raw)
        found = raw.decode()
    except (Error, ValueError):
        return None
    return found if found and sum(char.isprintable() or char in "\r\n\t" for char in found) == len(found) else None


def _unpacked(raw: bytes) -> bytes:
    """What gzip holds, never more than is looked at, whatever it claims to hold."""
    import zlib

    try:
        return zlib.decompressobj(31).decompress(raw, MAX_TEXT)
    except zlib.error:
        return b""


def _speaks(name: str) -> bool:
    """Whether a name speaks of a secret."""
    low = name.casefold()
    return any(mark in low for mark in _KEY_MARKS) and _compiled(_KEYS).search(name) is not None


def is_secret_text(text: str, key: str) -> bool:
    """Whether a text, read under a name, is a secret."""
    text = text[:MAX_TEXT]
    if has_known_form(text):
        return True
    inside = decoded(text)
    if inside is not None and decoded(inside) is None and is_secret_text(inside, ""):
        return True
    about = f"{text} {key}"
    if "secret" in about.casefold() and _compiled(_FORTY).search(text) and _compiled(_ABOUT).search(about):
        return True
    if not _speaks(key):
        return _assigned(text)
    return (
        not _compiled(_HARMLESS).match(text.strip())
        and (len(text) >= 8 or entropy(text) > 2)
        and " " not in text.strip()
    )


# Blanks are spaces and tabs only: `\s` would cross lines, and a text of empty lines take quadratic time.
_ASSIGNMENT = (
    r"(?im)^[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w-]{2,60})[ \t]*[=:][ \t]*"
    r"[\"']?([^\s\"'$<{(]{8,200})[\"']?[ \t\r]*$"
)


def _assigned(text: str) -> bool:
    """Whether a script assigns a secret to a name that speaks of one."""
    low = text.casefold()
    if ("\n" not in text and "=" not in text) or not any(mark in low for mark in _KEY_MARKS):
        return False
    return any(
        _speaks(name) and not _compiled(_HARMLESS).match(value) and entropy(value) > 2.5
        for name, value in _compiled(_ASSIGNMENT).findall(text)
    )


def entropy(text: str) -> float:
    """Bits a character."""
    if not text:
        return 0.0
    counts = [text.count(char) / len(text) for char in set(text)]
    return -sum(share * log2(share) for share in counts)
