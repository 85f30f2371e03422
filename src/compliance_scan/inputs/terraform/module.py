"""The declarations of one folder: what its files say, merged, parsed once however many callers there are."""

import posixpath
import re
from collections.abc import Iterable, Sequence

from compliance_scan.inputs.terraform.ast import Attribute, Block, Expr, GetAttr, Index, Literal, Variable
from compliance_scan.inputs.terraform.overrides import apply_override
from compliance_scan.inputs.terraform.syntax import SourceFile, parse_file
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue
from compliance_scan.workspace import Workspace, matches

SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_TEMPLATE = re.compile(r"[$%]\{")
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}


class Module:
    """One folder's declarations.

    `managed`, `data` and `ephemeral` map (type, name) to the first block of that name; `repeated` has the blocks that
    declare a name again (Terraform refuses them; they are judged all the same).
    """

    __slots__ = (
        "calls",
        "data",
        "ephemeral",
        "files",
        "folder",
        "has_marks",
        "locals",
        "managed",
        "moved",
        "outputs",
        "providers",
        "repeated",
        "terraform",
        "variables",
    )

    def __init__(self, folder: str, files: Sequence[SourceFile]) -> None:
        """`folder` is relative to the repository root, `.` for itself."""
        self.folder = folder
        self.files = list(files)
        self.variables: dict[str, Block] = {}
        self.locals: dict[str, Attribute] = {}
        self.outputs: dict[str, Block] = {}
        self.calls: dict[str, Block] = {}
        self.managed: dict[tuple[str, str], Block] = {}
        self.data: dict[tuple[str, str], Block] = {}
        self.ephemeral: dict[tuple[str, str], Block] = {}
        self.repeated: list[Block] = []
        self.providers: list[Block] = []
        self.terraform: list[Block] = []
        self.moved: list[tuple[str, str]] = []
        # Whether a value may be sensitive: a word that does not occur cannot mark anything.
        self.has_marks = any("sensitive" in file.text or "ephemeral" in file.text for file in self.files)
        for file in self.files:
            if not is_override(file.path):
                for block in file.body().blocks:
                    self._declare(block)
        for file in sorted(self.files, key=lambda one: one.path):
            if is_override(file.path):
                for block in file.body().blocks:
                    apply_override(self, block)

    def _declare(self, block: Block) -> None:
        kind = block.type
        labels = block.labels
        if len(labels) != _LABELS.get(kind, len(labels)):
            message = (
                f"a {kind} block has {_LABELS[kind]} label{'s' if _LABELS[kind] > 1 else ''}, this has {len(labels)}"
            )
            block.file.error(SyntaxIssue(block.start, message))
            return
        if kind == "resource":
            self._put(self.managed, block)
        elif kind == "data":
            self._put(self.data, block)
        elif kind == "ephemeral":
            self.ephemeral.setdefault((labels[0], labels[1]), block)
        elif kind == "variable":
            self.variables.setdefault(labels[0], block)
        elif kind == "output":
            self.outputs.setdefault(labels[0], block)
        elif kind == "module":
            self.calls.setdefault(labels[0], block)
        elif kind == "provider":
            self.providers.append(block)
        elif kind == "locals":
            for name, attribute in block.body.attributes.items():
                self.locals.setdefault(name, attribute)
        elif kind == "terraform":
            self.terraform.append(block)
        elif kind == "moved":
            self._move(block)
        elif kind == "check":
            for inner in block.body.blocks:
                if inner.type == "data" and len(inner.labels) == 2:
                    self._put(self.data, inner)

    def _put(self, table: dict[tuple[str, str], Block], block: Block) -> None:
        name = (block.labels[0], block.labels[1])
        if table.setdefault(name, block) is not block:
            self.repeated.append(block)

    def _move(self, block: Block) -> None:
        ends = [block.body.attributes.get(name) for name in ("from", "to")]
        texts = [traversal_text(end.expr) for end in ends if end is not None]
        if len(texts) == 2 and texts[0] and texts[1]:
            self.moved.append((texts[0], texts[1]))


def is_override(path: str) -> bool:
    """Whether a file's blocks change those of the other files instead of adding to them."""
    name = posixpath.basename(path)
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            return stem == "override" or stem.endswith("_override")
    return False


def module_files(names: Iterable[str]) -> list[str]:
    """Of a folder's file names those that Terraform or OpenTofu reads: `x.tofu` hides `x.tf`."""
    found = [
        name for name in names if name.endswith(SUFFIXES) and not name.startswith((".", "#")) and not name.endswith("~")
    ]
    present = set(found)
    return sorted(
        name
        for name in found
        if not (name.endswith(".tf") and name[:-3] + ".tofu" in present)
        and not (name.endswith(".tf.json") and name[:-8] + ".tofu.json" in present)
    )


def read_source(workspace: Workspace, path: str) -> SourceFile | None:
    """A file's tree; None where it cannot be read (noted by the workspace)."""
    data = workspace.read(path)
    if data is None:
        return None
    if path.endswith(".json"):
        from compliance_scan.inputs.terraform.json_syntax import JsonFile

        return JsonFile(path, data)
    return parse_file(path, data)


def paths_in(workspace: Workspace, folder: str, named: Iterable[str] = ()) -> list[str]:
    """The module files of a folder, relative to the root, without those that the user excludes, but with `named`."""
    prefix = "" if folder == "." else folder + "/"
    paths = [prefix + name for name in workspace.listdir(folder) if name.endswith(SUFFIXES)]
    kept = {path for path in paths if not any(matches(path, pattern) for pattern in workspace.exclude)}
    kept.update(named)
    return [prefix + name for name in module_files(posixpath.basename(path) for path in kept)]


def traversal_text(expr: Expr) -> str:
    """`module.a["x"].aws_s3_bucket.b` as written without white space; empty for anything but a plain traversal."""
    steps: list[str] = []
    while True:
        if isinstance(expr, Variable):
            return expr.name + "".join(reversed(steps))
        if isinstance(expr, GetAttr):
            steps.append("." + expr.name)
        elif isinstance(expr, Index) and isinstance(expr.key, Literal):
            steps.append(key_text(expr.key.value))
        else:
            return ""
        expr = expr.of


class HiddenKey(str):
    """An instance key that came from the environment: it is what it is, and shown as `shown`."""

    __slots__ = ("shown",)
    shown: str


def hidden_key(text: str, number: int) -> HiddenKey:
    """The key, shown by its number alone."""
    key = HiddenKey(text)
    key.shown = "(environment)" if number == 1 else f"(environment {number})"
    return key


def key_text(key: object) -> str:
    """An instance key as addresses have it: `[0]`, `["a"]`; empty for none."""
    if key is None:
        return ""
    if isinstance(key, HiddenKey):
        return f'["{key.shown}"]'
    if isinstance(key, int):
        return f"[{key}]"
    text = str(key)
    if text.isalnum() and text.isascii():
        return f'["{text}"]'
    return f'["{_TEMPLATE.sub(_doubled, "".join(map(_escaped, text)))}"]'


def _escaped(char: str) -> str:
    """A character as Terraform writes it in addresses."""
    known = _ESCAPES.get(char)
    if known is not None or char.isprintable():
        return known or char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _doubled(match: re.Match[str]) -> str:
    return match[0][0] + match[0]
