"""Frameworks: which controls a rule serves, which rules a framework needs, and what a run says of each control.

Rules are given by the caller as a mapping of rule id to the objectives that it serves; this module never reads one.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance_scan import compiled
from compliance_scan.errors import UsageError
from compliance_scan.model.framework import Control, Coverage, CoverageCount

Rules = Mapping[str, Sequence[str]]
"""Every rule that exists (also those that a run skips), with its objectives."""


class Frameworks:
    """All frameworks that were found, read from their packs as they are asked for."""

    __slots__ = ("_heads", "_packs", "_serving")

    def __init__(self, packs: Sequence[compiled.Pack]) -> None:
        self._packs = tuple(packs)
        self._serving: tuple[Rules, dict[str, list[str]]] | None = None
        self._heads: dict[str, dict[str, Any]] = {}
        for pack in packs:
            self._heads.update(pack.meta["frameworks"])

    @classmethod
    def open(cls, own: Sequence[str] = (), known: Sequence[str] = ()) -> "Frameworks":
        """The built-in frameworks and those in the folder `frameworks` of own packs; `known` are the ids of all rules,
        which own frameworks may name.

        Raises `ConfigError` where a file is wrong.
        """
        folder = compiled.source_folder("frameworks")

        def build() -> bytes:
            from compliance_scan.frameworks import build as builder

            return builder.build(folder)

        here = os.path.dirname(__file__)
        schemas = os.path.join(compiled.checkout_folder(), "docs", "schema")
        packs = [compiled.builtin_pack("frameworks", [folder, here, schemas], build)]
        for each in own:
            inside = os.path.join(each, "frameworks")
            if os.path.isdir(inside):
                from compliance_scan.frameworks.own import own_pack

                packs.append(own_pack(inside, packs, known))
        return cls(packs)

    @classmethod
    def read(cls, folder: str) -> "Frameworks":
        """The frameworks of another folder with its own `objectives.yaml`, read without a cache."""
        from compliance_scan.frameworks import build as builder

        return cls([compiled.Pack(builder.build(folder))])

    def ids(self) -> list[str]:
        """All framework ids, in natural order."""
        return sorted(self._heads, key=natural)

    def objectives(self) -> dict[str, dict[str, str]]:
        """Objective id to title, meaning, evidence and limits."""
        return {name: told for pack in self._packs for name, told in pack.get("objectives").items()}

    def title(self, framework: str) -> str:
        """The framework's title, without its version."""
        return str(self._heads[framework]["title"])

    def version(self, framework: str) -> str:
        """The framework's version as its publisher writes it."""
        return str(self._heads[framework]["version"])

    def resolve(self, name: str) -> str:
        """The id that a person means: an exact id, an alias, or a name without version, which means the newest.

        Raises `UsageError` with the nearest names where there is none.
        """
        if name in self._heads:
            return name
        found = [one for one, head in self._heads.items() if name in head["aliases"]]
        found = found or [one for one, head in self._heads.items() if name == head["family"]]
        if found:
            return max(found, key=natural)
        import difflib

        near = difflib.get_close_matches(name, [*self._heads, *(head["family"] for head in self._heads.values())], n=2)
        hint = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else "see `frameworks list`"
        raise UsageError(f"there is no framework {name!r}", hint)

    def controls_for(self, rule: str, objectives: Iterable[str], frameworks: Iterable[str]) -> dict[str, list[str]]:
        """The controls that a rule serves in each of these frameworks (ids), in the framework's order; frameworks in
        which it serves none are left out."""
        found: dict[str, list[str]] = {}
        for framework in frameworks:
            index = self._index(framework)
            controls = set(index["rules"].get(rule, ()))
            for objective in objectives:
                controls.update(index["objectives"].get(objective, ()))
            if controls:
                found[framework] = sorted(controls, key=index["order"].__getitem__)
        return found

    def rules_for(self, framework: str, rules: Rules) -> set[str]:
        """The existing rules that serve any control of a framework (an id)."""
        index = self._index(framework)
        named, asked = index["rules"], index["objectives"]
        return {rule for rule, served in rules.items() if rule in named or any(one in asked for one in served)}

    def show(self, framework: str, rules: Rules) -> list[Control]:
        """The controls of a framework (an id) with the rules that serve them, in the framework's order."""
        by_objective = self._by_objective(rules)
        return [_control(record, rules, by_objective) for record in self._get(f"framework/{framework}")["controls"]]

    def _by_objective(self, rules: Rules) -> dict[str, list[str]]:
        """Objective to the rules that serve it; remembered, for many frameworks are asked about the same rules."""
        if self._serving is None or self._serving[0] is not rules:
            found: dict[str, list[str]] = {}
            for rule, served in rules.items():
                for objective in served:
                    found.setdefault(objective, []).append(rule)
            self._serving = rules, found
        return self._serving[1]

    def coverage(self, framework: str, rules: Rules) -> CoverageCount:
        """How much of a framework (an id) the existing rules decide."""
        found = [control.coverage for control in self.show(framework, rules)]
        return CoverageCount(framework, len(found), found.count("full"), found.count("partial"), found.count("manual"))

    def control_ids(self, framework: str) -> list[str]:
        """The ids of a framework's controls, in its order."""
        return list(self._index(framework)["order"])

    def _index(self, framework: str) -> Any:
        return self._get(f"index/{framework}")

    def _get(self, name: str) -> Any:
        return next(value for pack in reversed(self._packs) if (value := pack.get(name)) is not None)


def _control(record: dict[str, Any], rules: Rules, by_objective: Mapping[str, Sequence[str]]) -> Control:
    """A control as it stands with the rules that exist: what no rule serves is manual, whatever its file hopes for."""
    serving = {rule for rule in record["rules"] if rule in rules}
    planned = tuple(rule for rule in record["rules"] if rule not in rules)
    unserved = [objective for objective in record["objectives"] if objective not in by_objective]
    for objective in record["objectives"]:
        serving.update(by_objective.get(objective, ()))
    coverage: Coverage = record["coverage"]
    manual: str = record["manual"]
    if not serving:
        coverage = "manual"
    elif coverage == "full" and (planned or unserved):
        coverage = "partial"
    if coverage != "full" and not manual:
        manual = f"Does this hold where no rule looks yet? Collect: the settings that show it: {record['title']}."
    return Control(
        record["id"],
        record["title"],
        tuple(record["objectives"]),
        tuple(sorted(serving)),
        coverage,
        manual,
        planned,
        record["section"],
        record["level"],
    )


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that counts numbers as numbers: 4.0.1 before 5.0, 1.12 after 1.4."""
    return tuple(
        (not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"\d+|[^\d]+", name)
    )
