"""State files that lie in a tree. What they say is not read (that they are there is judged): one line says where."""

import posixpath
import re
from collections.abc import Sequence

from compliance_scan.model.resource import Comment, Inventory, Origin, Resource, Span
from compliance_scan.model.value import Path
from compliance_scan.workspace import Workspace

TYPE = "terraform_state_file"
HEAD = 65_536
_NONE = re.compile(rb'"resources"\s*:\s*\[\s*\]')
_EMPTY_SHOWN = re.compile(rb'"format_version"\s*:\s*"[^"]*"\s*(,\s*"terraform_version"\s*:\s*"[^"]*"\s*)?\}')
_ENCRYPTED = re.compile(rb'"encrypted_data"\s*:')


class FileSource:
    """The first line of a file of which nothing is shown."""

    __slots__ = ("header", "span")

    def __init__(self, path: str) -> None:
        self.span = self.header = Span(path, 1, 1, 1, 2)

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        del path
        return self.span

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """See `Source`."""
        del path
        return ()

    def comments(self) -> tuple[Comment, ...]:
        """None: such a file has no comments."""
        return ()

    def text(self, span: Span) -> str:
        """Nothing."""
        del span
        return ""


def lying(workspace: Workspace, paths: Sequence[str]) -> Inventory:
    """One resource a file, with its `path`, whether it has `resources` and whether it is `encrypted`."""
    inventory = Inventory(files=len(paths))
    for path in paths:
        workspace.opaque.add(path)
        head = workspace.head(path, HEAD)
        bare = len(head) < HEAD and bool(_NONE.search(head) or _EMPTY_SHOWN.search(head))
        inventory.resources.append(
            Resource(
                address=f'{TYPE}["{path}"]',
                type=TYPE,
                root=posixpath.dirname(path) or ".",
                plane="code",
                attributes={
                    "path": path,
                    "resources": not bare,
                    "encrypted": _ENCRYPTED.search(head) is not None,
                },
                source=FileSource(path),
                name=posixpath.basename(path),
                provider="terraform",
            )
        )
    return inventory
