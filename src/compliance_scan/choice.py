"""The rules of a run: built-in and own, by profile, framework and flags, and what is said of controls by them."""

from typing import TYPE_CHECKING, Any

from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.select import select
from compliance_scan.shape.virtual import possible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from compliance_scan.control_report import Question
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.model.rule import Instance
    from compliance_scan.profile import Profile
    from compliance_scan.scan import Loaded, Request


class Choice:
    """The rules of a run."""

    __slots__ = ("_own", "frameworks", "instances", "profile", "ruleset", "selected")

    def __init__(self, request: "Request", loaded: "Loaded | None") -> None:
        """`loaded`: what was read (None: whatever there may be).

        Raises `UsageError` and `ConfigError` for a name or file that is wrong.
        """
        self.profile: Profile | None = None
        if request.profile is None:
            self.ruleset = Ruleset.open(request.rule_folders)
        else:
            from compliance_scan import profile

            source = profile.load(profile.find(request.profile), request.root)
            self.ruleset = Ruleset.open([*request.rule_folders, *source.packs])
            self.profile = profile.merged(source, self.ruleset)
        self.frameworks: Frameworks | None = None
        self.selected: list[str] = []
        if request.frameworks or (self.profile and self.profile.framework):
            self.frameworks = self._frameworks(request)
            names = [self.frameworks.resolve(name) for name in request.frameworks]
            if not names and self.profile:
                names = self.profile.resolved(self.frameworks)
            self.selected = list(dict.fromkeys(names))
        self._own = not request.frameworks
        self.instances = self.rules_of(request, None if loaded is None else types_of(loaded))

    def _frameworks(self, request: "Request") -> "Frameworks":
        from compliance_scan import frameworks

        own = [*request.rule_folders, *(self.profile.packs if self.profile else ())]
        return frameworks.Frameworks.open(own, known=self.ruleset.ids() if own else ())

    def rules_of(self, request: "Request", types: "Iterable[str] | None") -> "list[Instance]":
        """The instances that judge any of these types; None: whatever there is."""
        chosen = self.profile
        return select(
            self.ruleset,
            types=types,
            rules=request.rules,
            skip=(*request.skip, *(chosen.skip if chosen else ())),
            keep=self._keep(),
            profile=chosen.instances if chosen else (),
            preview=request.preview or bool(chosen and chosen.preview),
            severity=request.severity or (chosen.severity if chosen else None) or "info",
        )

    def _keep(self) -> "Callable[[Any], bool] | None":
        served: set[str] | None = None
        if self.frameworks is not None:
            rules = {rule.id: rule.objectives for rule in self.ruleset.all()}
            served = set().union(*(self.frameworks.rules_for(name, rules) for name in self.selected))
        chosen = {each.rule.id for each in self.profile.instances} if self.profile else set()
        named = chosen if self.profile and self.profile.only_named else None
        if served is None and named is None:
            return None
        if served is not None and self._own:
            served |= chosen  # a profile that chooses a framework and rules beside it wants both
        return lambda rule: (served is None or rule.id in served) and (named is None or rule.id in named)

    def question(self, request: "Request", loaded: "Loaded") -> "Question | None":
        """What to say of controls, with what this run does not look at; None where no framework was selected."""
        if self.frameworks is None:
            return None
        from compliance_scan.control_limits import question

        return question(self, request, {resource.plane for resource in loaded.inventory.resources})


def types_of(loaded: "Loaded") -> set[str]:
    """The resource types that rules may find in what was read."""
    catalog = loaded.world.catalog
    read = {catalog.canonical(kind) for kind in loaded.world.types()}
    types = read | possible(catalog.virtual, read, loaded.inventory)
    types.update(owner for kind in list(types) for owner in catalog.satellites.get(kind, ()))
    types.update(kind for kind in {each.type for each in loaded.inventory.resources} if catalog.documents(kind))
    return types
