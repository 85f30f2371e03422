"""IAM's wildcards."""


def glob(pattern: str, text: str) -> bool:
    """Whether `*` (any run) and `?` (any one character) make a pattern match a text, in bounded time; wildcards in the
    text are characters of their own, so that a pattern covers another where it matches it."""
    if pattern in ("*", "*:*"):
        return True
    head, wild, tail = pattern.partition("*")
    if not tail and "?" not in head:  # no wildcard, or one at the end: as nearly all that is written
        return text.startswith(head) if wild else text == head
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, t
            p += 1
        elif p < len(pattern) and (pattern[p] == text[t] or (pattern[p] == "?" and text[t] != "*")):
            p, t = p + 1, t + 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(char == "*" for char in pattern[p:])
