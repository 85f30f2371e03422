"""Functions on files and paths; files are read through the scope, which keeps them inside the repository."""

from typing import Any

from compliance_scan.inputs.terraform.functions.encoding import base64_encode, from_utf8
from compliance_scan.inputs.terraform.functions.hashes import ALGORITHMS
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.types_convert import friendly
from compliance_scan.inputs.terraform.types_core import type_of
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    STRING,
    EvalError,
    SetVal,
    is_null,
    is_unknown,
)
from compliance_scan.model.value import Reference, Unknown

MAX_TEMPLATE_DEPTH = 20


def _bytes(path: str, scope: Any) -> "bytes | Unknown":
    if path.startswith("~"):
        return Unknown("outside_root", f"{path} lies outside the repository root", STRING, not_null=True)
    data = scope.read_file(path)
    if data is None:
        check = getattr(scope, "file_exists", None)
        if check is not None and check(path) is False:
            raise EvalError(f"no file exists at {path}")
        return Unknown("outside_root", f"{path} cannot be read inside the repository root", STRING, not_null=True)
    return data  # type: ignore[no-any-return]


def _file(path: str, scope: Any) -> Any:
    data = _bytes(path, scope)
    return from_utf8(data, f"contents of {path}") if isinstance(data, bytes) else data


def _file_base64(path: str, scope: Any) -> Any:
    data = _bytes(path, scope)
    return base64_encode(data) if isinstance(data, bytes) else data


def _digest(name: str, *, encoded: bool = False) -> Any:
    def digest(path: str, scope: Any) -> Any:
        data = _bytes(path, scope)
        if not isinstance(data, bytes):
            return data
        found = ALGORITHMS[name](data)
        return base64_encode(found.digest()) if encoded else found.hexdigest()

    return digest


def _exists(path: str, scope: Any) -> Any:
    """A scope that can tell a missing file from one outside of the root offers `file_exists(path) -> bool | None`; with
    it, reading a file that is not there is an error rather than unknown."""
    check = getattr(scope, "file_exists", None)
    found = check(path) if check is not None else scope.read_file(path) is not None or None
    if found is None:
        return Unknown("outside_root", f"whether {path} exists is not known", BOOL, not_null=True)
    return found


def _set(path: str, pattern: str, scope: Any) -> Any:
    """A scope that can list files offers `list_files(path) -> list[str] | None`: all below a folder, relative to it."""
    listing = getattr(scope, "list_files", None)
    names = listing(path) if listing is not None else None
    if names is None:
        return Unknown("outside_root", f"the files in {path} are not known", "set(string)", not_null=True)
    from compliance_scan.inputs.terraform.functions.globs import compiled

    wanted = compiled(pattern)
    return SetVal(sorted({name for name in names if wanted.fullmatch(name)}), STRING)


def clean(path: str) -> str:
    """Go's `filepath.Clean`."""
    if not path:
        return "."
    rooted = path.startswith("/")
    out: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and out and out[-1] != "..":
            out.pop()
        elif part != ".." or not rooted:
            out.append(part)
    return ("/" if rooted else "") + "/".join(out) or ("/" if rooted else ".")


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rsplit("/", 1)[-1] or "/"


def _dir(path: str) -> str:
    return clean(path[: path.rfind("/") + 1])


def _abs(path: str) -> Any:
    if path.startswith("/"):
        return clean(path)
    return Unknown("impure", "abspath() depends on where Terraform runs", STRING, not_null=True)


def _expand(path: str) -> Any:
    if path.startswith("~"):
        if path[1:2] not in ("", "/"):
            raise EvalError("cannot expand user-specific home dir")
        return Unknown("impure", "pathexpand() depends on who runs Terraform", STRING, not_null=True)
    return path


class TemplateScope:
    """The names that a template is given; nothing else is visible in it."""

    __slots__ = ("depth", "folder", "module", "more", "outer", "root", "values")

    def __init__(self, outer: Any, values: dict[str, Any], more: Unknown | None = None) -> None:
        """`more` says why there may be other variables than these."""
        self.more = more
        self.outer = outer
        self.values = values
        self.root = outer.root
        self.module = outer.module
        self.folder = outer.folder
        self.depth: int = getattr(outer, "depth", 0) + 1 if type(outer) is TemplateScope else 1

    def name(self, name: str) -> Any:
        """A variable of the template."""
        found = self.values.get(name)
        if found is not None:
            return found
        if self.more is not None:
            return Unknown(self.more.cause, self.more.detail)
        raise EvalError(f'vars map does not contain key "{name}"')

    def read_file(self, path: str) -> bytes | None:
        """What the scope around reads."""
        return self.outer.read_file(path)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.outer, name)


def _template_file(path: Any, given: Any, scope: Any) -> Any:
    if is_unknown(path):
        return Unknown(_cause(path), "the template's path is not known")
    source = _file(bare(path), scope)
    return source if isinstance(source, Unknown) else _rendered(source, given, scope)


def _template_string(template: Any, given: Any, scope: Any) -> Any:
    if is_unknown(template):
        return Unknown(_cause(template), "the template is not known", STRING, not_null=True)
    from compliance_scan.inputs.terraform.types_convert import convert

    return convert(_rendered(bare(template), given, scope), STRING)


def _cause(value: Any) -> Any:
    from compliance_scan.inputs.terraform.values import cause_of

    return cause_of(value).cause


def _rendered(source: str, given: Any, scope: Any) -> Any:
    from compliance_scan.inputs.terraform.evaluate import value_of
    from compliance_scan.inputs.terraform.syntax import SourceFile, template_of
    from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue

    values = bare(given.value) if type(given) is Reference else bare(given)
    if is_unknown(values) and type(values).__name__ != "OpenVal":
        return Unknown(_cause(values), "the template's variables are not known", STRING)
    if type(values) not in MAPPINGS and not (type(values).__name__ == "OpenVal" and type(values.items) is dict):
        raise EvalError(f"vars must be a map or an object, not {friendly(type_of(values))}")
    for name in values.items:
        if not name.replace("-", "_").isidentifier():
            raise EvalError(f'invalid template variable name "{name}"')
    inner = TemplateScope(scope, values.items, getattr(values, "more", None))
    if inner.depth > MAX_TEMPLATE_DEPTH:
        raise EvalError("cannot recursively call templatefile from inside another template function")
    try:
        expr = template_of(SourceFile("<template>", b"", source), wrap=True)
    except SyntaxIssue as issue:
        raise EvalError(f"the template has an error: {issue}") from None
    result = value_of(expr, inner)
    if is_null(result):
        raise EvalError("the template's result is null")
    return result


FUNCTIONS = {
    "abspath": Spec(_abs),
    "basename": Spec(_base),
    "dirname": Spec(_dir),
    "file": Spec(_file, scoped=True),
    "filebase64": Spec(_file_base64, scoped=True),
    "filebase64sha256": Spec(_digest("sha256", encoded=True), scoped=True),
    "filebase64sha512": Spec(_digest("sha512", encoded=True), scoped=True),
    "fileexists": Spec(_exists, returns=BOOL, scoped=True),
    "filemd5": Spec(_digest("md5"), scoped=True),
    "fileset": Spec(_set, (STRING, STRING), returns=("set", STRING), scoped=True),
    "filesha1": Spec(_digest("sha1"), scoped=True),
    "filesha256": Spec(_digest("sha256"), scoped=True),
    "filesha512": Spec(_digest("sha512"), scoped=True),
    "pathexpand": Spec(_expand),
    "templatefile": Spec(_template_file, (STRING, DYNAMIC), returns=DYNAMIC, raw=True, scoped=True),
    "templatestring": Spec(_template_string, (STRING, DYNAMIC), raw=True, scoped=True),
}
