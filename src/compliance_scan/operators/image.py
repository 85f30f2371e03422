"""Where a container image comes from, and which it is."""

from typing import Any

from compliance_scan.model.logic import Tri, tri_all, tri_not
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of

ARGUMENT = "map"
ON = "images"
MEANS = (
    "all that is given holds: `pinned: true` (a digest), `registry_in: [host/path, …]`, `tag_not: [latest]` "
    "(no tag means `latest`, a digest none)"
)
EXAMPLE = "{path: image, image: {tag_not: [latest]}}"
MESSAGE = "{path} is {actual}, expected an image with {expected}"
NEGATED = "{path} is {actual}, an image with {expected}"


def check(argument: "dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    known = {"pinned": bool, "registry_in": list, "tag_not": list}
    for key, value in argument.items():
        if key not in known or not isinstance(value, known[key]):
            return "expected `pinned: true`, `registry_in: [...]`, `tag_not: [...]`"
    return "" if argument else "expected `pinned`, `registry_in` or `tag_not`"


def judge(value: Value, argument: "dict[str, Any]", _context: Context) -> Tri:
    """Whether the image is as asked; nothing is no image."""
    return any_text(value, lambda pieces: tri_all(_one(pieces, key, wanted) for key, wanted in argument.items()))


def _one(pieces: "str | Pieces", key: str, wanted: Any) -> Tri:
    if key == "pinned":
        return _pinned(pieces) if wanted else tri_not(_pinned(pieces))
    return _registry(pieces, wanted) if key == "registry_in" else _tag_not(pieces, wanted)


def _pinned(pieces: "str | Pieces") -> Tri:
    known = [pieces] if isinstance(pieces, str) else [piece for piece in pieces if isinstance(piece, str)]
    if any("@sha256:" in piece for piece in known):
        return True
    return False if isinstance(pieces, str) else causes_of(pieces)


def _registry(pieces: "str | Pieces", wanted: "list[str]") -> Tri:
    start = pieces if isinstance(pieces, str) else pieces[0]
    if not isinstance(start, str):
        return causes_of(pieces)
    full = _with_registry(start) if isinstance(pieces, str) or "/" in start else start
    if any(full.startswith(prefix.rstrip("/") + "/") for prefix in wanted):
        return True
    if isinstance(pieces, str):
        return False
    return (
        causes_of(pieces)
        if any((prefix.rstrip("/") + "/").startswith(full) for prefix in wanted)
        else (False if "/" in start else causes_of(pieces))
    )


def _with_registry(image: str) -> str:
    host, slash, _rest = image.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"


def _tag_not(pieces: "str | Pieces", unwanted: "list[str]") -> Tri:
    end = pieces if isinstance(pieces, str) else pieces[-1]
    if isinstance(end, str) and "@sha256:" in end:
        return True
    if not isinstance(end, str):
        return causes_of(pieces)
    name = end.rpartition("/")[2]
    if ":" in name:
        return name.rpartition(":")[2] not in unwanted
    return causes_of(pieces) if not isinstance(pieces, str) and "/" not in end else "latest" not in unwanted
