"""From a rule's file to its compiled record and its prose, refusing what is wrong with file and line."""

import os
import re
from collections.abc import Iterable
from typing import Any

from compliance_scan._yaml import Document, Place, nearest
from compliance_scan.model.finding import SEVERITIES
from compliance_scan.ruleset.conditions import Reader, read_parameters
from compliance_scan.ruleset.lookup import SharedConditions

KEYS = (
    "title", "code", "severity", "status", "since", "deprecated", "planes", "resource", "when", "assert", "parameters",
    "yields_to", "objectives", "why", "fix", "equivalents", "examples",
)  # fmt: skip
REQUIRED = ("title", "code", "severity", "resource", "assert", "objectives", "why", "fix", "examples")
PLANES = ("code", "plan", "state", "live")
PEERS = (
    "checkov",
    "trivy",
    "prowler",
    "steampipe",
    "kubescape",
    "kube-linter",
    "tfsec",
    "kics",
    "terrascan",
    "security-hub",
)
EXAMPLE_INPUTS = ("terraform", "kubernetes", "plan", "inventory")
EXAMPLE_LISTS = ("pass", "fail", "unknown", "not_applicable")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_CODE = re.compile(r"[A-Z]{2,8}\d{3,6}\Z")
BUILTIN_CODE = "CMP"


class Source:
    """A rule as it was read: `record` goes into the pack, `prose` beside it; `reads` are the paths for linting."""

    def __init__(self, document: Document, origin: str, shared: SharedConditions, objectives: Iterable[str]) -> None:
        """Raises `ConfigError`. `origin`: path within its pack; `objectives`: the vocabulary, empty for any."""
        self.document = document
        self.id = os.path.basename(origin).removesuffix(".yaml")
        self.vocabulary = tuple(objectives)
        data = document.require_keys((), document.data, (*KEYS, "default"), ())
        if "default" in data:
            raise self._error(("default",), "`default` is refused: schema and facts say what absence means")
        document.require_keys((), data, KEYS, REQUIRED)
        if not _ID.match(self.id):
            raise self._error((), f"the file's name is the rule's id: `{self.id}` is not kebab-case")
        self._prose_lint(data)
        parameters = read_parameters(document, ("parameters",), data.get("parameters") or {})
        reader = Reader(document, parameters, shared)
        when = reader.read(data["when"], ("when",)) if data.get("when") is not None else None
        assertion = reader.read(data["assert"], ("assert",))
        when, assertion = _hoisted(self, when, assertion)
        self.reads = reader.reads
        self.record: dict[str, Any] = {
            "id": self.id,
            "code": self._code(data["code"]),
            "title": data["title"],
            "severity": self._one_of(data["severity"], ("severity",), SEVERITIES),
            "status": self._one_of(data.get("status", "stable"), ("status",), ("stable", "preview")),
            "since": str(data.get("since") or ""),
            "deprecated": str(data.get("deprecated") or ""),
            "planes": self._several(data.get("planes", list(PLANES)), ("planes",), PLANES),
            "resource": self._several(data["resource"], ("resource",), ()),
            "when": when,
            "assert": assertion,
            "parameters": {p.name: [p.type, p.default, p.description] for p in parameters.values()},
            "yields_to": self._several(data["yields_to"], ("yields_to",), ()) if data.get("yields_to") else [],
            "objectives": self._several(data["objectives"], ("objectives",), self.vocabulary),
            "equivalents": self._equivalents(data.get("equivalents") or {}),
            "origin": origin,
        }
        self.prose = {
            "why": data["why"],
            "fix": data["fix"],
            "examples": self._examples(data["examples"]),
            "file": origin,
            "line": document.line(("title",)),
        }

    def _error(self, place: Place, message: str) -> Exception:
        return self.document.error(place, message)

    def _one_of(self, value: Any, place: Place, allowed: Iterable[str]) -> str:
        names = tuple(allowed)
        if value not in names:
            raise self._error(place, f"`{value}` is none of {', '.join(names)}{nearest(str(value), names)}")
        return str(value)

    def _several(self, value: Any, place: Place, allowed: Iterable[str]) -> list[str]:
        items = value if isinstance(value, list) else [value]
        names = tuple(allowed)
        if not items:
            raise self._error(place, "an empty list")
        for index, item in enumerate(items):
            where = (*place, index) if isinstance(value, list) else place
            if not isinstance(item, str) or not item:
                raise self._error(where, "a name is expected")
            if names and item not in names:
                raise self._error(where, f"`{item}` is unknown{nearest(item, names)}")
        if len(set(items)) != len(items):
            raise self._error(place, "a name stands twice")
        return items

    def _code(self, value: Any) -> str:
        if not isinstance(value, str) or not _CODE.match(value):
            raise self._error(("code",), f"`{value}` is no code: capitals and digits, as CMP1042")
        return value

    def _prose_lint(self, data: Any) -> None:
        title, why, fix = data["title"], data["why"], data["fix"]
        if not isinstance(title, str) or not title.strip() or title.rstrip().endswith("."):
            raise self._error(("title",), "a title is one sentence without a period at its end")
        if len(title) > 100:
            raise self._error(("title",), "a title has at most 100 characters")
        if not isinstance(why, str) or not why.strip().endswith((".", "`.", ")")):
            raise self._error(("why",), "`why` is prose and ends with a period")
        self.document.require_keys(("fix",), fix, ("set", "note"), ("note",))
        if not isinstance(fix["note"], str) or not fix["note"].strip().endswith("."):
            raise self._error(("fix", "note"), "`note` is prose and ends with a period")
        if not isinstance(fix.get("set", {}), dict):
            raise self._error(("fix", "set"), "`set` maps paths to values")

    def _equivalents(self, value: Any) -> dict[str, dict[str, list[str]]]:
        self.document.require_keys(("equivalents",), value, PEERS, (), "peer")
        out: dict[str, dict[str, list[str]]] = {}
        for peer, inside in value.items():
            place: Place = ("equivalents", peer)
            self.document.require_keys(place, inside, ("same", "related"))
            out[peer] = {"same": [], "related": []}
            for kind, ids in inside.items():
                if not isinstance(ids, list) or not all(isinstance(item, str) and item for item in ids):
                    raise self._error((*place, kind), "a list of ids is expected")
                if any(item.startswith("AVD-") for item in ids):
                    raise self._error((*place, kind), "ids of Trivy are written without `AVD-`")
                out[peer][kind] = ids
        return out

    def _examples(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not value:
            raise self._error(("examples",), "a list of examples is expected")
        out = []
        names: set[str] = set()
        allowed = ("name", *EXAMPLE_INPUTS, *EXAMPLE_LISTS, "with")
        for index, example in enumerate(value):
            place: Place = ("examples", index)
            self.document.require_keys(place, example, allowed, ("name",))
            inputs = [key for key in EXAMPLE_INPUTS if key in example]
            if len(inputs) != 1:
                raise self._error(place, f"an example has one input: {', '.join(EXAMPLE_INPUTS)}")
            lists = [key for key in EXAMPLE_LISTS if key in example]
            if not lists:
                raise self._error(place, f"an example says what comes out: {', '.join(EXAMPLE_LISTS)}")
            for key in lists:
                if not isinstance(example[key], list) or not all(isinstance(item, str) for item in example[key]):
                    raise self._error((*place, key), "a list of addresses is expected")
            if not isinstance(example["name"], str) or example["name"] in names:
                raise self._error((*place, "name"), "each example has a name of its own")
            names.add(example["name"])
            out.append({**example, "line": self.document.line((*place, inputs[0]))})
        return out


def _hoisted(source: Source, when: Any, assertion: Any) -> tuple[Any, Any]:
    """`empty: not_applicable` is a matter of whom the rule concerns: it becomes a part of `when`."""
    if assertion[0] == "each" and assertion[5] == "not_applicable":
        some = ("each", "some", assertion[2], assertion[3], None, None)
        return (some if when is None else ("all", [when, some])), (*assertion[:5], "pass")
    stack = [condition for condition in (when, assertion) if condition is not None]
    while stack:
        condition = stack.pop()
        kind = condition[0]
        if kind in ("all", "any"):
            stack.extend(condition[1])
        elif kind == "not":
            stack.append(condition[1])
        elif kind in ("each", "count"):
            first = 3 if kind == "each" else 2
            stack.extend(inner for inner in condition[first : first + 2] if inner is not None)
            if kind == "each" and condition[5] == "not_applicable":
                raise source.document.error(
                    ("assert",), "`empty: not_applicable` needs its `every` to be the whole of `assert`"
                )
    return when, assertion
