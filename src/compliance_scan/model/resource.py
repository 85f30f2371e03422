"""Resources: what inputs produce, in Terraform's words, and what rules judge."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, Protocol

from compliance_scan.errors import Incomplete
from compliance_scan.model.coverage import Coverage
from compliance_scan.model.value import Path, Unknown, Value

Plane = Literal["code", "plan", "state", "live"]


class Span(NamedTuple):
    """A place in a file; lines and columns count from 1, columns in characters, the end column is exclusive."""

    file: str
    """Path relative to the repository root, with `/`."""
    line: int
    column: int
    end_line: int
    end_column: int


class Origin(NamedTuple):
    """One step of where a value came from, told to a person beside the finding."""

    message: str
    span: Span
    address: str | None = None


class Comment(NamedTuple):
    """A comment that may hold a suppression, raw; its grammar is the suppressions' business."""

    text: str
    """Without the comment marks, stripped."""
    line: int
    file: str
    inside: bool
    """False: stands directly above the block (no blank line between), True: within it."""


class Attributes(Protocol):
    """What is written of a resource, read lazily: asking for one attribute evaluates that attribute alone.

    A repeated block is a list of dicts, in order of writing; a block that can stand only once may be a list too (the
    shape layer reads a list of at most one as one object). Names that are not written are not there; no default is ever
    filled in here. A plain `dict` satisfies the protocol.
    """

    def __contains__(self, name: object, /) -> bool: ...

    def __getitem__(self, name: str, /) -> Value: ...

    def __iter__(self) -> Iterator[str]: ...


class Source(Protocol):
    """Where a resource was written. Everything here is asked only for what is reported."""

    @property
    def span(self) -> Span:
        """The whole block, document or inventory line."""
        ...

    @property
    def header(self) -> Span:
        """What stands for the resource as a whole: a block's header line, a manifest's `kind`."""
        ...

    def span_of(self, path: Path) -> Span | None:
        """The place of an attribute with its value (`storage_encrypted = var.encrypted`); of the longest known part of
        the path where the rest is not written there; None where nothing of it is written."""
        ...

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """Where the value came from beyond `span_of`: variable, module call or tfvars line, local, in that order."""
        ...

    def comments(self) -> tuple[Comment, ...]:
        """Comments above and within."""
        ...

    def text(self, span: Span) -> str:
        """The source text of whole lines `span.line` to `span.end_line`."""
        ...

    def __hash__(self) -> int: ...


class Place(NamedTuple):
    """What a provider configuration says of where its resources live, as keys: within a root, equal keys mean one
    account and one region. Keys that differ prove nothing; account numbers and names of regions do."""

    account: str = ""
    """How it signs in; empty for what the environment gives, the same for all configurations that say nothing."""
    region: str = ""
    name: str = ""
    """The configuration's own name where it has an alias: `aws.eu`. For people."""


HERE: Final = Place()


class Resource(NamedTuple):
    """One instance of one resource on one plane."""

    address: str
    """`module.db["eu"].aws_db_instance.main`, `apps/Deployment/prod/api`, an ARN. Ends in `["?"]` where count or
    for_each is not known. Data sources start with `data.`."""
    type: str
    """The provider's name; for Kubernetes the kind with its group: `apps/Deployment`, `Pod`,
    `networking.k8s.io/NetworkPolicy`."""
    root: str
    """Folder of the root module; for manifests of the chart, the kustomization, else of the file; relative to the
    repository root, `.` for itself."""
    plane: Plane
    attributes: Attributes
    source: Source
    name: str = ""
    """The label in code (`main`), an object's name."""
    module: str = ""
    """Module path with instance keys: `module.db["eu"]`; empty in the root."""
    mode: Literal["managed", "data"] = "managed"
    provider: str = ""
    """Local name of the provider configuration it uses: `aws`, `aws.eu`, `kubernetes`."""
    conditional: Unknown | None = None
    """Set where it is not known whether (or how often) the resource exists; equal symbols mean equal conditions."""
    account: str | None = None
    region: str | None = None
    place: Place = HERE
    """On code, plan and state: by what to tell accounts and regions apart where numbers and names are not known."""
    arn: str | None = None
    aliases: tuple[str, ...] = ()
    """Other addresses under which the same thing is known (`moved`, `[0]` beside `["?"]`)."""
    sensitive: frozenset[Path] = frozenset()
    """Paths whose values must not reach a report, beyond what the schema marks."""
    environment: frozenset[Path] = frozenset()
    """Paths whose values came from the process environment; shown as `(environment)`."""


# One of a kind: told apart by identity, and hashed by it at no cost (inventories keep thousands in dictionaries).
Resource.__eq__ = object.__eq__  # type: ignore[method-assign]
Resource.__hash__ = object.__hash__  # type: ignore[method-assign]


def file_of(source: Source) -> str:
    """The file that a source's header stands in, without working out the line where the source can tell."""
    told = getattr(source, "file", None)
    return told if isinstance(told, str) else source.header.file


def header_of(resource: Resource) -> Span:
    """The place that stands for a resource as a whole; its root's first line where even that cannot be told (a finding
    without a line is better than none)."""
    try:
        return resource.source.header
    except Exception:  # noqa: BLE001 - the boundary of one place
        return Span(resource.root, 1, 1, 1, 1)


class Inventory:
    """All that an input read, and what it could not. Inputs add to it while they read."""

    __slots__ = (
        "coverage",
        "environment",
        "files",
        "handed",
        "incomplete",
        "not_covered",
        "providers",
        "resources",
        "skipped",
    )

    def __init__(
        self,
        *,
        resources: list[Resource] | None = None,
        incomplete: list[Incomplete] | None = None,
        not_covered: dict[tuple[str, str], int] | None = None,
        files: int = 0,
        skipped: dict[str, int] | None = None,
        providers: dict[str, frozenset[str]] | None = None,
        environment: set[str] | None = None,
        coverage: Coverage | None = None,
        handed: set[tuple[str, str]] | None = None,
    ) -> None:
        self.resources = [] if resources is None else resources
        self.incomplete = [] if incomplete is None else incomplete
        self.not_covered = {} if not_covered is None else not_covered
        """(type, reason) to how many: `("azurerm_storage_account", "provider not covered")`."""
        self.files = files
        """Files read; zero over all inputs means that there was nothing to scan."""
        self.skipped = {} if skipped is None else skipped
        """Reason to number of files or folders passed over without loss: `node_modules`, `template outside a chart`."""
        self.providers = {} if providers is None else providers
        """Root module to the providers it uses (`aws`): the virtual types `account` and `region` hang on it."""
        self.environment = set() if environment is None else environment
        """Texts that variables of the process environment (`TF_VAR_…`) gave: no report may show them."""
        self.coverage = coverage
        """What of a live account was asked for; None where nothing of the kind was read."""
        self.handed = set() if handed is None else handed
        """(root, address) of every resource to which a reference was handed into a module that was not read: what that
        module adds to it cannot be known."""

    def add(self, other: "Inventory") -> None:
        """Takes in what another input read."""
        self.resources += other.resources
        self.incomplete += other.incomplete
        self.files += other.files
        self.handed |= other.handed
        self.environment |= other.environment
        self.providers |= other.providers
        self.coverage = self.coverage or other.coverage
        for key, count in other.not_covered.items():
            self.not_covered[key] = self.not_covered.get(key, 0) + count
        for reason, count in other.skipped.items():
            self.skipped[reason] = self.skipped.get(reason, 0) + count
