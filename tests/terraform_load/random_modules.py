"""Random modules of `terraform_data` resources: variables, locals, nested modules, count and for_each."""

from random import Random

from tests.terraform_load.random_expressions import TYPES, Expressions

CONSTRAINTS = {
    "s": "string",
    "n": "number",
    "b": "bool",
    "ls": "list(string)",
    "ln": "list(number)",
    "ms": "map(string)",
    "ss": "set(string)",
    "o": 'object({ name = string, size = optional(number, 4), on = optional(bool), tags = optional(list(string), ["t"]) })',
}
NOTE = "first line\nsecond é\n"
PAGE = "Hello ${name}!\n%{ for item in items ~}\n- ${item}\n%{ endfor ~}\nend\n"


class _Module:
    """One folder in the making."""

    def __init__(self, rng: Random, folder: str, level: int, files: dict[str, str]) -> None:
        self.rng = rng
        self.folder = folder
        self.level = level
        self.files = files
        self.scope = Expressions(rng)
        self.blocks: list[str] = []
        self.inputs: list[tuple[str, str, bool]] = []
        """Variables: name, type, whether there is a default."""
        self.outputs: list[tuple[str, str]] = []

    def make(self) -> "_Module":
        rng = self.rng
        self._variables()
        self._locals(rng.randint(1, 5))
        self._resources(rng.randint(1, 3))
        if self.level < 2:
            for index in range(rng.randint(0, 2)):
                self._call(index)
        self._locals(rng.randint(0, 3))
        self._resources(rng.randint(1, 3))
        for index in range(rng.randint(1, 3)):
            kind = rng.choice(TYPES)
            sensitive = "\n  sensitive = true" if rng.random() < 0.1 else ""
            self.blocks.append(f'output "o{index}" {{\n  value = {self.scope.of(kind)}{sensitive}\n}}\n')
            if not sensitive:
                self.outputs.append((f"o{index}", kind))
        rng.shuffle(self.blocks)
        cut = rng.randint(0, len(self.blocks))
        self.files[f"{self.folder}/main.tf"] = "\n".join(self.blocks[:cut])
        self.files[f"{self.folder}/more.tf"] = "\n".join(self.blocks[cut:])
        self.files[f"{self.folder}/note.txt"] = NOTE
        self.files[f"{self.folder}/page.tftpl"] = PAGE
        return self

    def _variables(self) -> None:
        rng = self.rng
        for index in range(rng.randint(1, 4)):
            kind = rng.choice(TYPES)
            name = f"v{index}"
            lines = [f"  type = {CONSTRAINTS[kind] if kind == 'o' or rng.random() < 0.8 else 'any'}"]
            default = rng.random() < 0.5
            if default:
                lines.append(f"  default = {self._plain(kind)}")
            if rng.random() < 0.2:
                lines.append("  nullable = false")
            if rng.random() < 0.08:
                lines.append("  sensitive = true")
            body = "\n".join(lines)
            self.blocks.append(f'variable "{name}" {{\n{body}\n}}\n')
            self.inputs.append((name, kind, default))
            self.scope.names[kind].append(f"var.{name}")

    def _plain(self, kind: str) -> str:
        """A value without functions, as defaults and tfvars need it."""
        text = Expressions(self.rng).literal(kind)
        for name in ("tolist(", "toset(", "tomap("):
            text = text.replace(name, "(")
        return (
            text.removeprefix("(").removesuffix(")")
            if text.startswith("(")
            else text.replace("([", "[").replace("])", "]")
        )

    def _locals(self, count: int) -> None:
        if not count:
            return
        lines = []
        start = len(self.blocks)
        for index in range(count):
            kind = self.rng.choice(TYPES)
            name = f"l{start}_{index}"
            lines.append(f"  {name} = {self.scope.of(kind)}")
            self.scope.names[kind].append(f"local.{name}")
        self.rng.shuffle(lines)
        text = "\n".join(lines)
        self.blocks.append(f"locals {{\n{text}\n}}\n")

    def _resources(self, count: int) -> None:
        start = len(self.blocks)
        for index in range(count):
            name = f"r{start}_{index}"
            scope, head, mode = self._repetition()
            lines = [head] if head else []
            lines.append(f"  input = {scope.value()}")
            if self.rng.random() < 0.3:
                lines.append(f"  triggers_replace = {scope.value(2)}")
            body = "\n".join(lines)
            self.blocks.append(f'resource "terraform_data" "{name}" {{\n{body}\n}}\n')
            address = f"terraform_data.{name}"
            if not mode:
                self.scope.unknown.append(f"{address}.id")
            elif mode == "count":
                self.scope.names["n"].append(f"length({address})")
                self.scope.unknown.append(f'join(",", {address}[*].id)')
            else:
                self.scope.names["ls"].append(f"keys({address})")
                self.scope.unknown.append(f'join(",", [for k, r in {address} : r.id])')

    def _repetition(self) -> tuple[Expressions, str, str]:
        """The names within a block that may be repeated, its argument for that, and which it is."""
        rng = self.rng
        scope = self.scope.fork()
        form = rng.random()
        if form < 0.5:
            return scope, "", ""
        if form < 0.7:
            count = rng.choice(
                (
                    str(rng.randint(0, 3)),
                    f"{self.scope.of('b', 1)} ? 1 : 0",
                    f"min(3, length({self.scope.of('ls', 1)}))",
                )
            )
            scope.names["n"].append("count.index")
            scope.names["s"].append('"i${count.index}"')
            return scope, f"  count = {count if 'issensitive' not in count else 1}", "count"
        scope.names["s"] += ["each.key", "each.key"]
        if form < 0.85:
            scope.names["s"].append("each.value")
            return scope, f'  for_each = toset([for x in {self.scope.of("ls", 1)} : "k-${{x}}"])', "for_each"
        scope.names["s"].append("each.value")
        return scope, f"  for_each = {{ for k, v in {self.scope.of('ms', 1)} : k => v }}", "for_each"

    def _call(self, index: int) -> None:
        rng = self.rng
        folder = f"child{index}"
        child = _Module(rng, f"{self.folder}/{folder}", self.level + 1, self.files).make()
        scope, head, mode = self._repetition()
        lines = [f'  source = "./{folder}"', *([head] if head else [])]
        for name, kind, default in child.inputs:
            if not default or rng.random() < 0.6:
                lines.append(f"  {name} = {self._argument(scope, kind)}")
        body = "\n".join(lines)
        name = f"m{index}"
        self.blocks.append(f'module "{name}" {{\n{body}\n}}\n')
        for output, kind in child.outputs:
            if not mode:
                self.scope.names[kind].append(f"module.{name}.{output}")
            elif mode == "count" and kind == "s":
                self.scope.names["ls"].append(f"module.{name}[*].{output}")
            elif mode == "for_each" and kind == "s":
                self.scope.names["ms"].append(f"{{ for k, m in module.{name} : k => m.{output} }}")

    def _argument(self, scope: Expressions, kind: str) -> str:
        rng = self.rng
        if kind == "s" and scope.unknown and rng.random() < 0.15:
            return rng.choice(scope.unknown)
        if kind == "s" and rng.random() < 0.1:
            return scope.of("n", 1)
        if kind == "n" and rng.random() < 0.1:
            return '"17"'
        if kind == "o" and rng.random() < 0.3:
            return f"{{ name = {scope.of('s', 1)}, extra = 1 }}"
        return scope.of(kind, 2)


def module(seed: int, folder: str) -> tuple[dict[str, str], list[str]]:
    """The files of a module, and the lines with which it is called (its variables without default)."""
    rng = Random(seed)
    files: dict[str, str] = {}
    made = _Module(rng, folder, 0, files).make()
    lines = []
    for name, kind, default in made.inputs:
        if not default or rng.random() < 0.5:
            lines.append(f"  {name} = {Expressions(rng).literal(kind)}")
    return files, lines
