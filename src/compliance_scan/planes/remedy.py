"""The way back from drift: the account follows the code, or the code follows the account.

Every patch is proven: laid over the files and read again, what is declared is as the account is.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from compliance_scan.jsonvalue import SENSITIVE, Plain
from compliance_scan.planes.compare import differences
from compliance_scan.planes.noise import Noises
from compliance_scan.planes.normal import HOLE, known

if TYPE_CHECKING:
    from compliance_scan.model.report_planes import Remedy
    from compliance_scan.model.resource import Resource
    from compliance_scan.planes.compare import Difference
    from compliance_scan.planes.drifting import Drifted
    from compliance_scan.shape.world import World

MAX_PATCH = 20_000
Edits = list[Any]


class Changed(NamedTuple):
    """A file before and after edits."""

    file: str
    before: str
    after: str


class Editor(Protocol):
    """Who can edit the files of what is declared: the use case has one, planes know no input."""

    def edit(self, difference: "Difference", value: Any) -> Edits | None:
        """Edits that give a declared attribute a value (None: take it away); None where there is no safe place."""
        ...

    def apply(self, edits: Edits) -> list[Changed]:
        """The files before and after."""
        ...

    def reread(self, edits: Sequence[Edits]) -> "World | None":
        """What would be declared if all these edits were made; None where they cannot all be made."""
        ...

    def import_text(self, kind: str, name: str, identifier: str, attributes: Mapping[str, Any]) -> str | None:
        """An import block with its resource."""
        ...


class Remedies:
    """The ways back for all drift of a run."""

    def __init__(self, found: Sequence["Drifted"], live: "World", editor: Editor) -> None:
        self._live, self._editor = live, editor
        self._noises = Noises(live.catalog, live)
        proposed = {index: edits for index, each in enumerate(found) if (edits := self._propose(each)) is not None}
        proven = self._proven(found, proposed)
        self._patches = {id(found[index]): proposed[index] for index in proven}

    def of(self, each: "Drifted") -> "Remedy":
        """Both ways for one resource; None for a way that cannot be shown."""
        if each.kind == "unmanaged":
            return {"code": self._import(each), "account": None}
        edits = self._patches.get(id(each))
        patch = self._diff(self._editor.apply(edits)) if edits is not None else None
        return {"code": patch, "account": f"terraform apply -target={quoted(each.group.first.address)}"}

    def _propose(self, each: "Drifted") -> Edits | None:
        """Edits that make the code say all of what the account says."""
        if each.kind != "changed" or each.group.declared is None:
            return None
        edits: Edits = []
        for difference in each.differences:
            live = difference.live
            if live is HOLE or difference.cursor.sensitive or live == SENSITIVE:
                return None
            found = self._editor.edit(difference, live)
            if found is None:
                return None
            edits += [edit for edit in found if edit not in edits]
        return edits or None

    def _proven(self, found: Sequence["Drifted"], proposed: Mapping[int, Edits]) -> set[int]:
        """Those after which nothing differs any more. All are tried at once; what stands in another's way, alone."""
        if not proposed:
            return set()
        world = self._editor.reread(list(proposed.values()))
        if world is not None:
            return {index for index in proposed if self._holds(found[index], world)}
        proven = set()
        for index, edits in list(proposed.items())[:50]:
            alone = self._editor.reread([edits])
            if alone is not None and self._holds(found[index], alone):
                proven.add(index)
        return proven

    def _holds(self, each: "Drifted", world: "World") -> bool:
        declared, live = each.group.declared, each.group.live
        assert declared is not None
        assert live is not None
        twins: Sequence[Resource] = world.at(declared.root, declared.address)
        if len(twins) != 1:
            return False
        noise = self._noises.of(live.type)
        left = differences((world, twins[0]), (self._live, live), noise)
        paths = {difference.path for difference in each.differences}
        return not any(difference.path in paths for difference in left)

    def _import(self, each: "Drifted") -> str | None:
        live = each.group.live
        assert live is not None
        identifier = known(live.attributes["id"]) if "id" in live.attributes else live.name
        if not isinstance(identifier, str) or not identifier:
            return None
        plain = Plain(live.sensitive)
        shown = {name: plain.of(live.attributes[name], (name,)) for name in live.attributes}
        attributes = {name: value for name, value in shown.items() if value != SENSITIVE}
        return self._editor.import_text(live.type, live.name or identifier, identifier, attributes)

    def _diff(self, changed: Sequence[Changed]) -> str | None:
        lines: list[str] = []
        for file, before, after in changed:
            lines += difflib.unified_diff(
                before.splitlines(), after.splitlines(), f"a/{file}", f"b/{file}", lineterm=""
            )
        text = "".join(f"{line}\n" for line in lines)
        return text if text and len(text) <= MAX_PATCH else None


def quoted(address: str) -> str:
    """An address as a shell takes it."""
    plain = address.replace("_", "").replace("-", "").replace(".", "").isalnum()
    return address if plain else "'" + address.replace("'", "'\\''") + "'"
