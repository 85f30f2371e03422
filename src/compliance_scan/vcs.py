"""Which commit of which repository was scanned, read from `.git` without running git."""

import os
import re
from typing import NamedTuple

_SCP = r"(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)"
_URL = r"(?:https?|ssh|git)(?:\+ssh)?://(?:[^@/\s]*@)?([\w.-]+)(?::\d+)?/(\S+)"
_MAX = 1024 * 1024


class Checkout(NamedTuple):
    """What is checked out."""

    repository: str | None
    """`https://host/owner/name`, without credentials; None without a remote `origin` that has such a form."""
    revision: str | None
    branch: str | None


def checkout(root: str) -> Checkout | None:
    """The checkout at a repository root, None where there is no `.git`."""
    folder = _git_folder(root)
    if folder is None:
        return None
    common = os.path.join(folder, _read(os.path.join(folder, "commondir")).strip() or ".")
    head = _read(os.path.join(folder, "HEAD")).strip()
    branch = None
    revision: str | None = head
    if head.startswith("ref:"):
        name = head[4:].strip()
        branch = name.removeprefix("refs/heads/")
        revision = _resolve(folder, common, name)
    if revision is not None and not (len(revision) in (40, 64) and set(revision) <= set("0123456789abcdef")):
        revision = None
    return Checkout(web_address(_origin(_read(os.path.join(common, "config")))), revision, branch)


def web_address(remote: str) -> str | None:
    """A remote's address for people: https, no credentials, no `.git`."""
    remote = remote.strip()
    found = re.fullmatch(_URL if "://" in remote else _SCP, remote) if remote else None
    if found is None:
        return None
    path = found[2].strip("/").removesuffix(".git")
    return f"https://{found[1]}/{path}" if path else None


def _git_folder(root: str) -> str | None:
    place = os.path.join(root, ".git")
    if os.path.isdir(place):
        return place
    pointer = _read(place)
    if pointer.startswith("gitdir:"):
        folder = os.path.join(root, pointer[7:].strip())
        return folder if os.path.isdir(folder) else None
    return None


def _resolve(folder: str, common: str, name: str) -> str | None:
    if ".." in name or name.startswith("/"):
        return None
    for place in (folder, common):
        text = _read(os.path.join(place, name)).strip()
        if text:
            return text
    for line in _read(os.path.join(common, "packed-refs")).splitlines():
        identity, _, reference = line.partition(" ")
        if reference.strip() == name:
            return identity
    return None


def _origin(config: str) -> str:
    inside = False
    for line in config.splitlines():
        text = line.strip()
        if text.startswith("["):
            inside = text.replace(" ", "") == '[remote"origin"]'
        elif inside and text.partition("=")[0].strip() == "url":
            return text.partition("=")[2].strip().strip('"')
    return ""


def _read(path: str) -> str:
    from compliance_scan.workspace import open_regular

    try:
        with open(path, encoding="utf-8", errors="replace", opener=open_regular) as handle:
            return handle.read(_MAX)
    except OSError:
        return ""
