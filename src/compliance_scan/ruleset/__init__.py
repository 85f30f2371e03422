"""Rules as a run uses them: opened from compiled packs, loaded by resource type, chosen into instances."""

import os
from collections.abc import Iterable, Sequence

from compliance_scan import compiled
from compliance_scan.compiled import Pack
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.model.rule import Prose, Rule


class Ruleset:
    """The built-in rules and those of users' packs."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._packs = tuple(packs)
        self._rules: dict[str, Rule] = {}

    @classmethod
    def open(cls, extra: Sequence[str] = ()) -> "Ruleset":
        """Built-in rules and the packs in the folders `extra`; compiled again where a file changed.

        Raises `ConfigError` where a rule is wrong, `UsageError` where a folder is missing.
        """
        packs = [compiled.builtin_pack("rules", _builtin_sources(), _build_builtin)]
        for folder in extra:
            packs.append(_user_pack(folder, packs))
        return cls(packs)

    @property
    def digest(self) -> str:
        """`sha256:…` over all rules, prose and examples included."""
        if len(self._packs) == 1:
            return f"sha256:{self._packs[0].meta['digest']}"
        import hashlib

        text = "\n".join(pack.meta["digest"] for pack in self._packs)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def ids(self) -> list[str]:
        """All rules' ids, pack by pack, sorted within."""
        return [name for pack in self._packs for name in _ids(pack)]

    def types(self) -> list[str]:
        """All resource types that some rule judges."""
        return sorted({kind for pack in self._packs for kind in pack.meta["types"]})

    def for_types(self, types: Iterable[str]) -> list[Rule]:
        """The rules that judge any of these types, by id; nothing else is read."""
        wanted = list(types)
        found = {name for pack in self._packs for kind in wanted for name in pack.meta["types"].get(kind, ())}
        return [self.rule(name) for name in sorted(found)]

    def all(self) -> list[Rule]:
        """Every rule, by id."""
        return [self.rule(name) for name in sorted(self.ids())]

    def rule(self, name: str) -> Rule:
        """A rule by id or code; raises `UsageError` with the nearest valid name."""
        rule = self._rules.get(name)
        if rule is None:
            for pack in self._packs:
                record = pack.get(f"rule:{name}") or pack.get(f"rule:{pack.get('codes').get(name)}")
                if record is not None:
                    rule = self._rules.setdefault(record["id"], Rule(record))
                    break
            else:
                from compliance_scan._yaml import nearest

                raise UsageError(f"unknown rule `{name}`{nearest(name, self.ids())}", "see `rules list`")
        return rule

    def prose(self, name: str) -> Prose:
        """What a person reads of a rule."""
        identity = self.rule(name).id
        for pack in self._packs:
            record = pack.get(f"prose:{identity}")
            if record is not None:
                return Prose(**record)
        raise KeyError(identity)


def _ids(pack: Pack) -> list[str]:
    return [name[5:] for name in pack.names() if name.startswith("rule:")]


def _builtin_sources() -> list[str]:
    if compiled.data_folder() is not None:
        return []
    return [compiled.source_folder("rules"), *_code_sources()]


def _code_sources() -> list[str]:
    """The code and data, beside the rules themselves, that decide how a pack comes out. Known without importing it: a
    start does not build."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = ("ruleset", "operators", "shape", "types", "_yaml.py", "compiled.py", os.path.join("model", "rule.py"))
    sources = [os.path.join(here, name) for name in names]
    sources.append(os.path.join(compiled.source_folder("frameworks"), "objectives.yaml"))
    return sources


def _build_builtin() -> bytes:
    from compliance_scan.ruleset.build import build_builtin

    return build_builtin()


def _user_pack(folder: str, packs: Sequence[Pack]) -> Pack:
    import hashlib

    if not os.path.isdir(folder):
        raise UsageError(f"no folder of rules at {folder}", "--rules takes a folder with .yaml files")
    known = {
        name: "another pack" if index else "a built-in rule"
        for index, pack in enumerate(packs)
        for name in (*_ids(pack), *pack.get("codes"))
    }

    def build() -> bytes:
        from compliance_scan.ruleset.build import pack_of, read_folder

        sources = read_folder(folder, builtin=False, known=known)
        if not sources and not os.path.isdir(os.path.join(folder, "frameworks")):
            raise ConfigError(f"{folder}:1: no rule in it", "--rules takes a folder with .yaml files")
        return pack_of(sources)

    place = hashlib.sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    others = hashlib.sha256("".join(pack.meta["digest"] for pack in packs).encode()).hexdigest()[:8]
    key = compiled.signature([os.path.abspath(folder), *_code_sources()]) + others
    return compiled.keyed_pack(compiled.cache_folder(), f"rules_{place}", key, build)
