"""Random expressions of Terraform's language, by type. The same seed gives the same text.

Types: `s` string, `n` number, `b` bool, `ls` list of strings, `ln` list of numbers, `ms` map of strings, `ss` set of
strings, `o` the object `{name = string, size = number, on = bool, tags = list}`. Expressions are valid by construction
or stand within `try`, so that hardly a module is refused.
"""

from collections.abc import Callable
from random import Random

TYPES = ("s", "n", "b", "ls", "ln", "ms", "ss", "o")
WORDS = (
    "alpha",
    "Beta",
    "gamma-1",
    "δelta",
    "a_b",
    "x.y",
    "",
    "two words",
    "10",
    "true",
    "é",
    "z/../q",
    "UPPER",
    "tab\\t",
)
PATTERNS = ('"a"', '"/[a-z]+/"', '"/(.)-/"')
SEPARATORS = ('","', '"-"', '"a"')
STARTS = ("a", "", "x-")
KEYS = ("k1", "k2", "other", "a-b", "zed")

Maker = Callable[[int], str]


class Expressions:
    """Makes expressions over the names in scope."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names: dict[str, list[str]] = {kind: [] for kind in TYPES}
        self.unknown: list[str] = []
        """Texts that only the apply will tell."""

    def fork(self) -> "Expressions":
        """The same names, to which others may be added for a while."""
        made = Expressions(self.rng)
        made.names = {kind: list(names) for kind, names in self.names.items()}
        made.unknown = list(self.unknown)
        return made

    def of(self, kind: str, depth: int = 3) -> str:
        """An expression of a type."""
        rng = self.rng
        if self.names[kind] and rng.random() < 0.35:
            return rng.choice(self.names[kind])
        if depth <= 0 or rng.random() < 0.12:
            return self.literal(kind)
        if rng.random() < 0.12:
            return self._any(kind, depth - 1)
        makers: list[Maker] = getattr(self, f"_{kind}")()
        return rng.choice(makers)(depth - 1)

    def value(self, depth: int = 3) -> str:
        """An expression of any type, now and then with something unknown in it."""
        if self.unknown and self.rng.random() < 0.15:
            return self._with_unknown(depth)
        return self.of(self.rng.choice(TYPES), depth)

    def word(self) -> str:
        return f'"{self.rng.choice(WORDS)}"'

    def literal(self, kind: str) -> str:
        rng = self.rng
        if kind == "s":
            return self.word()
        if kind == "n":
            return rng.choice(("0", "1", "2", "7", "-3", "2.5", "100", "1e3", "0.1"))
        if kind == "b":
            return rng.choice(("true", "false"))
        if kind == "ls":
            return f"tolist([{', '.join(self.word() for _ in range(rng.randint(1, 4)))}])"
        if kind == "ln":
            return f"tolist([{', '.join(self.literal('n') for _ in range(rng.randint(1, 4)))}])"
        if kind == "ss":
            return f"toset([{', '.join(self.word() for _ in range(rng.randint(1, 4)))}])"
        if kind == "ms":
            keys = rng.sample(KEYS, rng.randint(1, 3))
            return "tomap({" + ", ".join(f"{key} = {self.word()}" for key in keys) + "})"
        return f"{{ name = {self.word()}, size = {self.literal('n')}, on = {self.literal('b')}, tags = {self.literal('ls')} }}"

    def _any(self, kind: str, d: int) -> str:
        """Forms that every type has."""
        rng = self.rng
        form = rng.randint(0, 6)
        if form == 0:
            return f"({self.of('b', d)} ? {self.of(kind, d)} : {self.of(kind, d)})"
        if form == 1:
            return f"try({self._risky(d)}, {self.of(kind, d)})" if kind == "s" else f"try({self.of(kind, d)}, null)"
        if form == 2:
            return f"[{self.of(kind, d)}, {self.of(kind, d)}][{rng.randint(0, 1)}]"
        if form == 3:
            return f"{{ v = {self.of(kind, d)} }}.v"
        if form == 4:
            return f"({self.of(kind, d)})"
        if form == 5:
            return f"one([{self.of(kind, d)}])"
        return f"[for x in [{self.of(kind, d)}] : x][0]"

    def _risky(self, d: int) -> str:
        return self.rng.choice(
            (
                f"{self.of('ls', d)}[9]",
                f'{self.of("ms", d)}["nope"]',
                f"{self.of('ms', d)}.k1",
                f"tostring(tonumber({self.of('s', d)}))",
                f'regex("^([a-z]+)", {self.of("s", d)})[0]',
                f"jsondecode({self.of('s', d)})",
                f"tostring(1 / {self.of('n', d)})",
                f"file({self.of('s', d)})",
                f"upper({self.of('o', d)}.missing)",
                f"base64decode({self.of('s', d)})",
            )
        )

    def _template(self, d: int) -> str:
        rng = self.rng
        form = rng.randint(0, 4)
        if form == 0:
            return f'"{rng.choice(STARTS)}${{{self.of("s", d)}}}-${{{self.of("n", d)}}}"'
        if form == 1:
            return f'"%{{ if {self.of("b", d)} }}yes ${{{self.of("s", d)}}}%{{ else }}no%{{ endif }}"'
        if form == 2:
            return f'"%{{ for i, x in {self.of("ls", d)} }}${{i}}=${{x}};%{{ endfor }}"'
        if form == 3:
            return f'"${{ {self.of("s", d)} ~}}  %{{~ if {self.of("b", d)} ~}} in %{{~ endif }} $${{x}}"'
        return f'"${{{self.of("b", d)}}}"'

    def _s(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            self._template,
            self._template,
            lambda d: f"upper({of('s', d)})",
            lambda d: f"lower({of('s', d)})",
            lambda d: f"title({of('s', d)})",
            lambda d: f"trimspace({of('s', d)})",
            lambda d: f"trim({of('s', d)}, \"ab-\")",
            lambda d: f"trimprefix({of('s', d)}, {self.word()})",
            lambda d: f"trimsuffix({of('s', d)}, {self.word()})",
            lambda d: f"chomp({of('s', d)})",
            lambda d: f"strrev({of('s', d)})",
            lambda d: f"indent(2, {of('s', d)})",
            lambda d: f"substr({of('s', d)}, {rng.randint(0, 2)}, {rng.choice((-1, 1, 3))})",
            lambda d: f"replace({of('s', d)}, {rng.choice(PATTERNS)}, \"<$1>\")",
            lambda d: f"join({self.word()}, {of('ls', d)})",
            lambda d: f"format(\"%s:%d|%5.2f|%q|%v\", {of('s', d)}, floor({of('n', d)}), {of('n', d)}, {of('s', d)}, {of('b', d)})",
            lambda d: f"element({of('ls', d)}, {rng.randint(0, 5)})",
            lambda d: f"lookup({of('ms', d)}, \"{rng.choice(KEYS)}\", {of('s', d)})",
            lambda d: f"coalesce({of('s', d)}, \"c\")",
            lambda d: f"jsonencode({of(rng.choice(TYPES), d)})",
            lambda d: f"yamlencode({of(rng.choice(TYPES), d)})",
            lambda d: f"base64encode({of('s', d)})",
            lambda d: f"base64decode(base64encode({of('s', d)}))",
            lambda d: f"urlencode({of('s', d)})",
            lambda d: f"textdecodebase64(textencodebase64({of('s', d)}, \"UTF-16LE\"), \"UTF-16LE\")",
            lambda d: f"{rng.choice(('md5', 'sha1', 'sha256', 'sha512', 'base64sha256', 'base64sha512'))}({of('s', d)})",
            lambda d: f"uuidv5(\"dns\", {of('s', d)})",
            lambda d: f"tostring({of(rng.choice('nb'), d)})",
            lambda d: f"{of('o', d)}.name",
            lambda d: f"basename({of('s', d)})",
            lambda d: f"dirname({of('s', d)})",
            lambda d: f'cidrhost("10.{rng.randint(0, 9)}.0.0/16", {rng.randint(0, 300)})',
            lambda d: f'cidrsubnet("10.0.0.0/{rng.randint(8, 16)}", {rng.randint(2, 8)}, {rng.randint(0, 3)})',
            lambda d: f'cidrnetmask("172.16.0.0/{rng.randint(12, 28)}")',
            lambda d: f"formatdate(\"YYYY-MM-DD'T'hh:mm EEEE\", \"2024-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T10:11:12Z\")",
            lambda d: f'timeadd("2024-02-28T23:00:00Z", "{rng.randint(1, 40)}h")',
            lambda d: 'file("${path.module}/note.txt")',
            lambda d: 'filemd5("${path.module}/note.txt")',
            lambda d: f"templatefile(\"${{path.module}}/page.tftpl\", {{ name = {of('s', d)}, items = {of('ls', d)} }})",
            lambda d: f"nonsensitive(sensitive({of('s', d)}))",
            lambda d: f"join(\",\", [for k, v in {of('ms', d)} : \"${{k}}=${{v}}\"])",
        ]  # fmt: skip

    def _n(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            lambda d: f"({of('n', d)} {rng.choice('+-*')} {of('n', d)})",
            lambda d: f"({of('n', d)} / {rng.choice((2, 3, 4, 7))})",
            lambda d: f"({of('n', d)} % {rng.choice((2, 3, 5))})",
            lambda d: f"-{of('n', 0)}",
            lambda d: f"abs({of('n', d)})",
            lambda d: f"{rng.choice(('ceil', 'floor'))}({of('n', d)})",
            lambda d: f"{rng.choice(('max', 'min'))}({of('n', d)}, {of('n', d)}, 3)",
            lambda d: f"max({of('ln', d)}...)",
            lambda d: f"signum({of('n', d)})",
            lambda d: f"sum({of('ln', d)})",
            lambda d: f"pow({rng.randint(1, 4)}, {rng.randint(0, 5)})",
            lambda d: f'parseint("{rng.randint(10, 99)}", {rng.choice((10, 16, 36))})',
            lambda d: f"length({of(rng.choice(('s', 'ls', 'ms', 'ss', 'o')), d)})",
            lambda d: f"{of('o', d)}.size",
            lambda d: f'timecmp("2024-01-01T00:00:00Z", "202{rng.randint(3, 5)}-01-01T00:00:00Z")',
            lambda d: f"tonumber(\"{rng.choice(('12', '-1.5', '1e2'))}\")",
            lambda d: f"length([for x in {of('ls', d)} : x if x != {self.word()}])",
            lambda d: f"try(index({of('ls', d)}, {self.word()}), -1)",
        ]  # fmt: skip

    def _b(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            lambda d: f"({of('n', d)} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {of('n', d)})",
            lambda d: f"({of('s', d)} {rng.choice(('==', '!='))} {of('s', d)})",
            lambda d: f"({of('b', d)} {rng.choice(('&&', '||'))} {of('b', d)})",
            lambda d: f"!{of('b', 0)}",
            lambda d: f"({of('ls', d)} == {of('ls', d)})",
            lambda d: f"contains({of(rng.choice(('ls', 'ss')), d)}, {self.word()})",
            lambda d: f"{rng.choice(('startswith', 'endswith', 'strcontains'))}({of('s', d)}, {self.word()})",
            lambda d: f"{rng.choice(('alltrue', 'anytrue'))}([{of('b', d)}, {of('b', d)}])",
            lambda d: f"can({self._risky(d)})",
            lambda d: f"issensitive({of('s', d)})",
            lambda d: f"{of('o', d)}.on",
            lambda d: 'fileexists("${path.module}/note.txt")',
            lambda d: f"tobool(\"{rng.choice(('true', 'false'))}\")",
            lambda d: f"length(regexall(\"[a-z]\", {of('s', d)})) > 1",
        ]  # fmt: skip

    def _ls(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            lambda d: f"[for x in {of('ls', d)} : upper(x)]",
            lambda d: f"[for i, x in {of('ls', d)} : \"${{i}}-${{x}}\" if i != {rng.randint(0, 2)}]",
            lambda d: f"concat({of('ls', d)}, {of('ls', d)})",
            lambda d: f"distinct({of('ls', d)})",
            lambda d: f"compact({of('ls', d)})",
            lambda d: f"sort({of('ls', d)})",
            lambda d: f"reverse({of('ls', d)})",
            lambda d: f"flatten([{of('ls', d)}, [{of('ls', d)}]])",
            lambda d: f"tolist({of('ss', d)})",
            lambda d: f"keys({of('ms', d)})",
            lambda d: f"values({of('ms', d)})",
            lambda d: f"split({rng.choice(SEPARATORS)}, {of('s', d)})",
            lambda d: f"slice({of('ls', d)}, 0, 1)",
            lambda d: f"coalescelist({of('ls', d)}, [\"c\"])",
            lambda d: f"chunklist({of('ls', d)}, 2)[0]",
            lambda d: f"formatlist(\"%s/%s\", {of('ls', d)}, {of('s', d)})",
            lambda d: f'matchkeys(["a", "b"], ["k", "l"], [{self.word()}, "l"])',
            lambda d: f"[{of('o', d)}, {of('o', d)}][*].name",
            lambda d: f"[{of('o', d)}].*.tags[0]",
            lambda d: f"{of('o', d)}.tags",
            lambda d: f"regexall(\"[a-z]+\", {of('s', d)})",
            lambda d: f'cidrsubnets("10.0.0.0/16", 4, {rng.randint(1, 8)})',
            lambda d: f"[{of('s', d)}, {of('s', d)}]",
            lambda d: f'[for s in csvdecode("a,b\\n1,{rng.randint(2, 9)}\\n3,4") : s.b]',
            lambda d: f"tolist(fileset(path.module, \"*.{rng.choice(('txt', 'tftpl', 'none'))}\"))",
            lambda d: f"[for p in setproduct({of('ls', d)}, [\"q\"]) : join(\"+\", p)]",
            lambda d: f"{of('s', d)}[*]",
        ]  # fmt: skip

    def _ln(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            lambda d: f"[for x in {of('ln', d)} : x * {rng.randint(1, 3)}]",
            lambda d: f"range({rng.randint(1, 4)})",
            lambda d: f"range({rng.randint(0, 3)}, {rng.randint(4, 9)}, {rng.choice((1, 2, 0.5))})",
            lambda d: f"concat({of('ln', d)}, [{of('n', d)}])",
            lambda d: f"[for s in {of('ls', d)} : length(s)]",
            lambda d: f"[{of('o', d)}, {of('o', d)}][*].size",
            lambda d: f"[{of('n', d)}, {of('n', d)}]",
            lambda d: f"reverse({of('ln', d)})",
        ]  # fmt: skip

    def _ss(self) -> list[Maker]:
        of = self.of
        return [
            lambda d: f"toset({of('ls', d)})",
            lambda d: f"setunion({of('ss', d)}, {of('ss', d)})",
            lambda d: f"setintersection({of('ss', d)}, {of('ss', d)})",
            lambda d: f"setsubtract({of('ss', d)}, {of('ss', d)})",
            lambda d: f"toset([for x in {of('ss', d)} : lower(x)])",
            lambda d: f"toset(keys({of('ms', d)}))",
        ]

    def _ms(self) -> list[Maker]:
        of = self.of
        rng = self.rng
        return [
            lambda d: f"{{ for k, v in {of('ms', d)} : upper(k) => v }}",
            lambda d: f"{{ for i, x in {of('ls', d)} : \"${{i}}\" => x }}",
            lambda d: f"{{ for x in {of('ss', d)} : x => length(x) > 1 ? x : \"short\" }}",
            lambda d: f"merge({of('ms', d)}, {{ {rng.choice(KEYS)} = {of('s', d)} }})",
            lambda d: f"zipmap([\"p\", \"q\"], [{of('s', d)}, {of('s', d)}])",
            lambda d: f"tomap({{ a = {of('s', d)}, (lower(\"B\")) = {of('s', d)} }})",
            lambda d: f"{{ for k, g in {{ for x in {of('ls', d)} : substr(x, 0, 1) => x... }} : k => join(\"\", g) }}",
            lambda d: f"{{ for k, v in transpose({{ a = {of('ls', d)}, b = [\"z\"] }}) : k => join(\"+\", v) }}",
            lambda d: f"jsondecode(jsonencode({of('ms', d)}))",
            lambda d: f"yamldecode(yamlencode({of('ms', d)}))",
            lambda d: f"tomap({of('ms', d)})",
        ]  # fmt: skip

    def _o(self) -> list[Maker]:
        of = self.of
        return [
            lambda d: f"{{ name = {of('s', d)}, size = {of('n', d)}, on = {of('b', d)}, tags = {of('ls', d)} }}",
            lambda d: f"merge({of('o', d)}, {{ name = {of('s', d)} }})",
            lambda d: f'{{ "name" : {of("s", d)}, size : {of("n", d)}, on = {of("b", d)}\n tags = {of("ls", d)} }}',
        ]

    def _with_unknown(self, d: int) -> str:
        name = self.rng.choice(self.unknown)
        return self.rng.choice(
            (
                name,
                f'"${{{name}}}-{self.rng.choice(KEYS)}"',
                f"[{self.of('s', d)}, {name}]",
                f"{{ known = {self.of('ls', d)}, open = {name} }}",
                f"upper({name})",
                f"({name} == {self.word()} ? {self.of('n', d)} : {self.of('n', d)})",
                f"jsonencode({{ a = {name} }})",
                f"concat({self.of('ls', d)}, [{name}])",
                f"length([{name}, {self.of('s', d)}])",
                f'[for x in [{name}, "k"] : x]',
                f"merge({self.of('ms', d)}, {{ open = {name} }})",
                f"try({name}, {self.of('s', d)})",
                f"can({name})",
                f"({self.of('b', d)} ? {name} : {self.of('s', d)})",
                f"coalesce({name}, {self.of('s', d)})",
            )
        )
