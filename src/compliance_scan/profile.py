"""Profiles: a file that chooses frameworks, rules, parameters and scopes for an organisation.

title: Trading engine
extends: [baseline.yaml]           # other profiles, relative to this file; what stands here goes before theirs
packs: [policy]                    # folders of own rules (and in their folder `frameworks` own frameworks)
framework: [soc2-2017]
fail_on: medium
others: skip                       # run (default): rules that are not named below still run
unmet: fail                        # ignore (default): a promise that finds nothing to judge is no finding
skip_rule: [aws-s3-bucket-logging]
rules:
  - aws-rds-storage-encrypted      # as it is
  - rule: aws-log-group-retention  # with a scope, parameters and a promise of its own
    as: audit-logs-seven-years
    only: {name: "audit-*"}
    with: {min_days: 2557}
    statement: C-10
    severity: high
suppressions: []
not_applicable:                    # the statement of applicability: controls that do not concern the organisation
  - {framework: iso-27001-2022, control: "A.7.*", reason: No premises of our own., owner: office, until: 2027-06-30}
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, cast

from compliance_scan import _yaml
from compliance_scan.config import SuppressionEntry, iso_date, read_suppression
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.model.finding import SEVERITIES, Severity
from compliance_scan.model.framework import Exemption
from compliance_scan.profile_file import choice, find, items, load, texts
from compliance_scan.ruleset.select import read_instances

if TYPE_CHECKING:
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.model.rule import Instance
    from compliance_scan.profile_file import Source
    from compliance_scan.ruleset import Ruleset

__all__ = ["NotApplicable", "Profile", "find", "load", "merged", "parse", "read"]

KEYS = (
    "title", "extends", "packs", "framework", "severity", "fail_on", "preview", "others", "unmet", "skip_rule", "rules",
    "suppressions", "not_applicable",
)  # fmt: skip
EXEMPTION_KEYS = ("framework", "control", "reason", "owner", "until")


class NotApplicable(NamedTuple):
    """One entry of `not_applicable`."""

    framework: str
    control: str
    """An id or a glob."""
    exemption: Exemption


class Profile(NamedTuple):
    """A profile as it was read, with all that it extends."""

    file: str
    title: str = ""
    framework: tuple[str, ...] = ()
    severity: Severity | None = None
    fail_on: Severity | None = None
    preview: bool = False
    only_named: bool = False
    """Whether rules that the profile does not name are left out."""
    skip: tuple[str, ...] = ()
    instances: "tuple[Instance, ...]" = ()
    suppressions: tuple[SuppressionEntry, ...] = ()
    suppression_files: tuple[str, ...] = ()
    """The file of each suppression."""
    packs: tuple[str, ...] = ()
    """Folders of own rules and frameworks, absolute."""
    not_applicable: tuple[NotApplicable, ...] = ()
    places: Mapping[str, str] = {}
    """Name of a framework to `file:line` where it is chosen."""
    unmet: bool = False
    """Whether an instance with a statement that judges nothing is a finding."""
    instance_places: Mapping[str, tuple[str, int]] = {}
    """Name of an instance to the file and line where it stands."""

    def placed_suppressions(self) -> list[tuple[str, SuppressionEntry]]:
        """Each suppression with the file that it stands in."""
        return list(zip(self.suppression_files, self.suppressions, strict=True))

    def resolved(self, frameworks: "Frameworks") -> list[str]:
        """The ids of the chosen frameworks; raises `ConfigError` with file and line."""
        return [self._resolve(name, frameworks, self.places[name]) for name in self.framework]

    def exemptions_of(
        self, frameworks: "Frameworks", selected: Sequence[str], today: date
    ) -> dict[tuple[str, str], Exemption]:
        """(framework, control) to the word that it does not apply; raises `ConfigError` where there is no such one. An
        entry whose day has passed says nothing."""
        from fnmatch import fnmatchcase

        found: dict[tuple[str, str], Exemption] = {}
        for entry in self.not_applicable:
            framework = self._resolve(entry.framework, frameworks, entry.exemption.where)
            known = frameworks.control_ids(framework)
            glob = entry.control.replace("[", "[[]")
            fitting = [entry.control] if entry.control in known else [one for one in known if fnmatchcase(one, glob)]
            if not fitting:
                near = _yaml.nearest(entry.control, known)
                raise ConfigError(f"{entry.exemption.where}: {framework} has no control `{entry.control}`{near}")
            if framework in selected and (entry.exemption.until is None or today.isoformat() <= entry.exemption.until):
                found.update({(framework, one): entry.exemption for one in fitting})
        return found

    @staticmethod
    def _resolve(name: str, frameworks: "Frameworks", where: str) -> str:
        try:
            return frameworks.resolve(name)
        except UsageError as error:
            raise ConfigError(f"{where}: {error.message}", error.hint) from None


def read(path: str, ruleset: "Ruleset") -> Profile:
    """A profile from its file; raises `ConfigError` with file and line, `UsageError` where it cannot be read."""
    return merged(load(path), ruleset)


def merged(source: "Source", ruleset: "Ruleset") -> Profile:
    """A profile with all that it extends: its own values go before theirs, its lists are added to theirs, and an
    instance takes the place of one of the same name."""
    whole = Profile(source.documents[-1].file, packs=source.packs)
    for document in source.documents:
        whole = _over(whole, parse(document, ruleset))
    return whole


def _over(base: Profile, own: Profile) -> Profile:
    named = {each.name: each for each in base.instances} | {each.name: each for each in own.instances}
    return base._replace(
        title=own.title or base.title,
        framework=tuple(dict.fromkeys([*base.framework, *own.framework])),
        severity=own.severity or base.severity,
        fail_on=own.fail_on or base.fail_on,
        preview=own.preview or base.preview,
        only_named=own.only_named or base.only_named,
        skip=tuple(dict.fromkeys([*base.skip, *own.skip])),
        instances=tuple(named.values()),
        suppressions=(*base.suppressions, *own.suppressions),
        suppression_files=(*base.suppression_files, *own.suppression_files),
        not_applicable=(*base.not_applicable, *own.not_applicable),
        places={**base.places, **own.places},
        unmet=own.unmet or base.unmet,
        instance_places={**base.instance_places, **own.instance_places},
    )


def parse(document: _yaml.Document, ruleset: "Ruleset") -> Profile:
    """A profile from its document alone."""
    top = document.require_keys((), {} if document.data is None else document.data, KEYS)
    known = set(ruleset.ids())
    skipped = texts(document, "skip_rule")
    for index, name in enumerate(skipped):
        if name not in known:
            raise document.error(("skip_rule", index), f"unknown rule `{name}`{_yaml.nearest(name, known)}")
    suppressions = _suppressions(document, ruleset)
    frameworks = texts(document, "framework")
    instances = tuple(read_instances(document, ("rules",), ruleset)) if "rules" in top else ()
    return Profile(
        file=document.file,
        title=str(top.get("title", "")),
        framework=frameworks,
        severity=_severity(document, "severity"),
        fail_on=_severity(document, "fail_on"),
        preview=choice(document, "preview", (False, True)) is True,
        only_named=choice(document, "others", ("run", "skip")) == "skip",
        skip=skipped,
        unmet=choice(document, "unmet", ("ignore", "fail")) == "fail",
        instances=instances,
        instance_places={
            each.name: (document.file, document.line(("rules", index))) for index, each in enumerate(instances)
        },
        suppressions=suppressions,
        suppression_files=(document.file,) * len(suppressions),
        not_applicable=tuple(
            _not_applicable(document, ("not_applicable", index), item)
            for index, item in enumerate(items(document, "not_applicable"))
        ),
        places={
            name: f"{document.file}:{document.line(('framework', index))}" for index, name in enumerate(frameworks)
        },
    )


def _suppressions(document: _yaml.Document, ruleset: "Ruleset") -> tuple[SuppressionEntry, ...]:
    found = []
    for index, item in enumerate(items(document, "suppressions")):
        entry = read_suppression(document, ("suppressions", index), item)
        if not set("*?") & set(entry.rule):
            try:
                ruleset.rule(entry.rule)
            except UsageError as error:
                raise document.error(("suppressions", index, "rule"), error.message) from None
        found.append(entry)
    return tuple(found)


def _not_applicable(document: _yaml.Document, place: _yaml.Place, value: object) -> NotApplicable:
    given = document.require_keys(place, value, EXEMPTION_KEYS, ("framework", "control", "reason"))
    for key, text in given.items():
        if isinstance(text, int | float) and not isinstance(text, bool):
            raise document.error((*place, key), f"`{key}` is a number here", f'put it in quotes: {key}: "{text}"')
        if not isinstance(text, str) or not text.strip():
            raise document.error((*place, key), f"`{key}` must be a text that is not empty")
    until = given.get("until")
    if until is not None and iso_date(until) is None:
        raise document.error((*place, "until"), f"until is {until!r}, which is no date", "write YYYY-MM-DD")
    where = f"{document.file}:{document.line(place)}"
    exemption = Exemption(given["reason"].strip(), given.get("owner"), until, where)
    return NotApplicable(given["framework"], given["control"], exemption)


def _severity(document: _yaml.Document, key: str) -> Severity | None:
    return cast("Severity | None", choice(document, key, SEVERITIES))
