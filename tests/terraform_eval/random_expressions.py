"""Random expressions from a small grammar: each form is a pattern whose letters ask for an expression of a kind.

`S` is text, `N` a number, `B` a bool, `L` a list, `O` an object and `A` anything.
"""

import random
import re

_LEAVES = {
    "S": ['"a"', '"b"', '""', '"a,b"', '"é"', '"10"', '"true"', '"x-y"', '"10.0.0.0/8"', '"A b"', r'"l1\nl2\n"'],
    "N": ["0", "1", "2", "3", "-1", "1.5", "10", "0.1", "100", "16"],
    "B": ["true", "false"],
    "L": ["[]", '["a"]', '["b", "a"]', "[1, 2]", '["a", 1]', "[true]", '[null, "x"]'],
    "O": ["{}", "{ a = 1 }", '{ a = "x", b = 2 }', "{ a = null }", '{ b = "y" }'],
    "A": ["null"],
}
_FORMS = {
    "S": [
        "upper(S)", "lower(S)", "join(S, L)", '"p${S}s"', '"${A}"', '"${N}-${S}"', "replace(S, S, S)", 'format("%d", N)',
        'format("%s/%v", S, L)', "jsonencode(A)", "yamlencode(A)", "trimprefix(S, S)", "substr(S, N, N)", "tostring(A)",
        "(B ? S : S)", "coalesce(S, S)", "element(L, N)", "L[0]", "try(O.a, S)", 'lookup(O, "a", S)', "base64encode(S)",
        "title(S)", "strrev(S)", "trimspace(S)", "trim(S, S)", "indent(N, S)", "sha1(S)", "one(L)", "keys(O)[0]",
        '"%{ if B }x%{ else }z%{ endif }"', '"%{ for x in L }${x};%{ endfor }"', 'regex("[a-z]+", S)', "urlencode(S)",
    ],
    "N": [
        "length(L)", "length(O)", "length(S)", "(N + N)", "(N - N)", "(N * N)", "(N / 4)", "(N % 3)", "-N", "max(N, N)",
        "min(N, N)", "abs(N)", "floor(N)", "ceil(N)", "sum([N, N])", "(B ? N : N)", "tonumber(A)", "index(L, A)",
        "signum(N)", "pow(N, 2)", "parseint(S, 10)",
    ],
    "B": [
        "(A == A)", "(A != A)", "(N < N)", "(N >= N)", "(B && B)", "(B || B)", "!B", "contains(L, A)", "can(A)",
        "alltrue([B, B])", "anytrue([B, B])", "startswith(S, S)", "tobool(A)", "(S == S)", "strcontains(S, S)",
    ],
    "L": [
        "[A, A]", "[S, S, S]", "concat(L, L)", "flatten([L, L])", "distinct(L)", "toset(L)", "tolist(L)", "compact(L)",
        "reverse(L)", "sort(L)", "slice(L, 0, 1)", "[for x in L : x]", "[for x in O : x]", "keys(O)", "values(O)",
        '[for k, v in L : "${k}" if v != A]', "[for k, v in O : v if v != A]", 'split(",", S)', "setunion(L, L)",
        "setsubtract(L, L)", "setintersection(L, L)", "chunklist(L, 2)", "(B ? L : L)", "[O, O][*].a", "L[*]",
        "coalescelist(L, L)", 'formatlist("%s-%s", L, S)', "range(3)", "setproduct(L, L)", 'regexall("[a-z]", S)', "[A]",
        "try(L, [])", "jsondecode(jsonencode(L))", "matchkeys(L, L, L)",
    ],
    "O": [
        "{ a = A, b = A }", "{ ((S)) = A }", "merge(O, O)", "tomap(O)", 'zipmap(["a", "b"], [A, A])',
        '{ for k, v in O : "k${k}" => v }', '{ for k, v in L : "k${k}" => v }', "{ for v in L : v => v... }",
        "(B ? O : O)", "jsondecode(jsonencode(O))", "{ a = L }", "{ for k, v in O : k => v if v != A }",
        "yamldecode(yamlencode(O))",
    ],
}  # fmt: skip
_LETTER = re.compile(r"\b[SNBLOA]\b")


def expression(source: random.Random, kind: str = "A", depth: int = 3) -> str:
    """One expression of a kind."""
    if kind == "A":
        kind = source.choice("SNBLOA") if depth else "A"
    forms = _FORMS.get(kind, [])
    if depth <= 0 or not forms or source.random() < 0.1:
        return source.choice(_LEAVES[kind])
    return _LETTER.sub(lambda match: expression(source, match[0], depth - 1), source.choice(forms))


def expressions(seed: int, count: int) -> list[str]:
    """Expressions of mixed depth."""
    source = random.Random(seed)
    return [expression(source, depth=source.choice([1, 2, 2, 3, 3, 4])) for _ in range(count)]
