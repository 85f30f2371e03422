"""`moved` blocks of one root: under which other addresses a resource is known."""

import re

MAX_ALIASES = 50

_STEP = re.compile(r"[.\[]")


class Moves:
    """The moves that were met so far; those of a module are known before its resources and calls are asked about."""

    __slots__ = ("_modules", "_table")

    def __init__(self) -> None:
        self._table: dict[str, list[tuple[str, bool]]] = {}
        self._modules: dict[str, list[str]] = {}

    def add(self, old: str, new: str) -> None:
        """One `moved` block, both ends as addresses from the root. Where one of them has a key at its end, it speaks of
        that one instance, else of all."""
        self._table.setdefault(new, []).append((old, not (old.endswith("]") or new.endswith("]"))))

    def earlier(self, address: str, module: str) -> list[str]:
        """The earlier addresses of a resource that lives in a module (its path, empty for the root)."""
        if not self._table:
            return []
        inner = len(module)
        heads = self._modules.get(module)
        if heads is None:
            # What a module was called is asked for each of its resources: it is worked out once.
            heads = self._modules[module] = self._followed([module], {})[1:] if module else []
        names = [address, *(head + address[inner:] for head in heads)]
        starts = {name: len(name) - len(address) + inner for name in names}
        return self._followed(names, starts)[1:]

    def _followed(self, names: list[str], starts: dict[str, int]) -> list[str]:
        """The names and what they were before. A chain of moves is followed back; each name is looked at once, so that
        a circle ends. `starts`: how much of a name was looked at already."""
        seen = set(names)
        for name in names:
            start = starts.get(name, 0)
            ends = [match.start() for match in _STEP.finditer(name, start + 1)]
            for end in (*ends, len(name)):
                for old, of_all in self._table.get(name[:end], ()):
                    found = old + name[end:]
                    fits = of_all or not name.startswith("[", end)
                    if fits and found not in seen and len(names) < MAX_ALIASES:
                        seen.add(found)
                        names.append(found)
        return names
