"""User-perceived characters (grapheme clusters): what `length`, `substr` and `strrev` count."""

import unicodedata

_ZWJ = "\u200d"


def split(text: str) -> list[str]:
    """The grapheme clusters of a text, by the rules of Unicode's annex 29."""
    if text.isascii():
        return list(text) if "\r\n" not in text else _ascii(text)
    out: list[str] = []
    for char in text:
        if out and _joins(out[-1], char):
            out[-1] += char
        else:
            out.append(char)
    return out


def count(text: str) -> int:
    """How many grapheme clusters a text has."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(split(text))


def _ascii(text: str) -> list[str]:
    out: list[str] = []
    for char in text:
        if char == "\n" and out and out[-1] == "\r":
            out[-1] = "\r\n"
        else:
            out.append(char)
    return out


def _joins(cluster: str, char: str) -> bool:
    before = cluster[-1]
    if before == "\r" and char == "\n":
        return True
    if _control(before) or _control(char):
        return False
    if _extends(char) or char == _ZWJ:
        return True
    if unicodedata.category(char) == "Mc" or char in "\u0e33\u0eb3":
        return True
    if before == _ZWJ and _pictographic(char):
        base = cluster[:-1].rstrip(_ZWJ)
        while base and _extends(base[-1]):
            base = base[:-1]
        return bool(base) and _pictographic(base[-1])
    if _regional(before) and _regional(char):
        flags = 0
        for other in reversed(cluster):
            if not _regional(other):
                break
            flags += 1
        return flags % 2 == 1
    return _hangul(before, char)


def _control(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Cc", "Zl", "Zp") or (category == "Cf" and char not in "\u200c\u200d" and not _extends(char))


def _extends(char: str) -> bool:
    code = ord(char)
    if 0x1F3FB <= code <= 0x1F3FF or code in (0x200C, 0xFF9E, 0xFF9F) or 0xE0020 <= code <= 0xE007F:
        return True
    return unicodedata.category(char) in ("Mn", "Me")


def _regional(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _pictographic(char: str) -> bool:
    code = ord(char)
    if code in (0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299):
        return True
    return (
        0x1F000 <= code <= 0x1FAFF or 0x2190 <= code <= 0x21FF or 0x2300 <= code <= 0x27BF or 0x2B05 <= code <= 0x2B55
    )


def _hangul(before: str, char: str) -> bool:
    left, right = ord(before), ord(char)
    leading = 0x1100 <= left <= 0x115F
    syllable = 0xAC00 <= left <= 0xD7A3
    vowel = 0x1160 <= right <= 0x11A7
    trailing = 0x11A8 <= right <= 0x11FF
    if leading:
        return vowel or 0x1100 <= right <= 0x115F or 0xAC00 <= right <= 0xD7A3
    if syllable:
        return trailing or (vowel and (left - 0xAC00) % 28 == 0)
    if 0x1160 <= left <= 0x11A7:
        return vowel or trailing
    return 0x11A8 <= left <= 0x11FF and trailing
