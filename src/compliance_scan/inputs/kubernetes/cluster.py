"""A live cluster: the objects of the kinds that rules need, listed read-only through a kubeconfig.

Each kind is one list over all namespaces, in pages. A list that is forbidden is told from one of a kind that the
cluster does not serve; the first leaves what hangs on it unknown, the second is simply empty.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from compliance_scan.errors import Incomplete, UsageError
from compliance_scan.inputs.kubernetes.objects import objects, sensitive_paths
from compliance_scan.model.live import NOWHERE
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from compliance_scan.model.value import Cause

PAGE = 500
MAX_OBJECTS = 200_000
"""Objects of one kind."""
SECONDS = 60
_ALWAYS = ("/apis", "/api/v1")
"""What every API server serves."""
_UNKNOWN_USER = 401
_OK, _FORBIDDEN, _MISSING, _EXPIRED, _BUSY = 200, (401, 403), (404, 405), 410, 429


class Answer(NamedTuple):
    """One answer of the API server."""

    status: int
    body: bytes


class Server(Protocol):
    """Where lists are asked for."""

    name: str
    """What people call it: the context."""

    def get(self, path: str, query: dict[str, str]) -> Answer:
        """One GET; raises `Unreachable`."""
        ...


class Unreachable(Exception):
    """The API server does not answer."""


class Kind(NamedTuple):
    """A kind as the API server serves it."""

    type: str
    """`apps/Deployment`."""
    version: str
    """`apps/v1`."""
    plural: str

    @property
    def group(self) -> str:
        """Empty for the core."""
        return self.version.rpartition("/")[0]

    @property
    def path(self) -> str:
        """Where the list of all namespaces is."""
        return f"/apis/{self.version}/{self.plural}" if self.group else f"/api/{self.version}/{self.plural}"


class Collected(NamedTuple):
    """What a cluster said."""

    resources: list[Resource]
    incomplete: list[Incomplete]
    failed: dict[str, Unknown]
    """Type to why its list is not there, or not whole."""
    calls: dict[str, str]
    """Operation to how it ended: `ok`, or a cause."""


def connect(context: str) -> Server:
    """The cluster of a context of the kubeconfig; raises `UsageError`."""
    try:
        from kubernetes import config
        from yaml import YAMLError
    except ImportError:
        raise UsageError("a live cluster needs the Kubernetes client", "install compliance-scan[cluster]") from None
    try:
        make: Any = config.new_client_from_config
        client = make(context=context, persist_config=False)
    except (config.ConfigException, OSError, ValueError, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"no cluster by the context {context}: {reason}", "see `kubectl config get-contexts`"
        ) from None
    return _Client(context, client)


class _Client:
    """The official client, asked for raw lists: its typed models would refuse or drop what they do not know."""

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self._client = client

    def get(self, path: str, query: dict[str, str]) -> Answer:
        """See `Server`."""
        from urllib.parse import urlencode

        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        configuration = self._client.configuration
        headers = {"Accept": "application/json"}
        for each in configuration.auth_settings().values():
            if each["in"] == "header" and each["value"]:
                headers[each["key"]] = each["value"]
        url = configuration.host.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        try:
            answer = self._client.rest_client.request("GET", url, headers=headers, _request_timeout=SECONDS)
            data = answer.data if getattr(answer, "data", None) is not None else answer.read()
        except ApiException as error:
            if error.status:
                return Answer(int(error.status), str(error.body or "").encode())
            raise Unreachable(_why(str(error.reason))) from None
        except (HTTPError, OSError) as error:
            raise Unreachable(f"{configuration.host}: {_why(error)}") from None
        return Answer(int(answer.status), data if isinstance(data, bytes) else str(data).encode())


def _why(error: BaseException | str) -> str:
    """What went wrong on the way, without the layers of libraries around it."""
    reason = error if isinstance(error, str) else getattr(error, "reason", None) or error
    name, text = type(reason).__name__, " ".join(str(reason).split())
    if "certificate verify failed" in text:
        told = text.rpartition("certificate verify failed: ")[2].partition(" (_ssl")[0]
        return f"its certificate is not trusted: {told[:200]}"
    if "SSL" in name or "SSLError" in text:
        return "it does not speak TLS as this machine does: " + text.rpartition("] ")[2].partition(" (_ssl")[0][:200]
    if name == "NameResolutionError":
        return "its name is not known"
    if "Timeout" in name or "timed out" in text:
        return f"no answer in {SECONDS} s"
    return text.rpartition("] ")[2].rstrip(")").lower()[:200] if "[Errno" in text else text[:300]


def collect(server: Server, types: Iterable[str]) -> Collected:
    """Lists the objects of some types; raises `UsageError` where the server cannot be reached at all."""
    found = Collected([], [], {}, {})
    try:
        kinds = _kinds(server, sorted(set(types)), found)
    except Unreachable as error:
        hint = "is the context right, and does `kubectl version` answer?"
        raise UsageError(f"the cluster of the context {server.name} cannot be reached: {error}", hint) from None
    for kind in kinds:
        _list(server, kind, found)
    return found


def _kinds(server: Server, types: Sequence[str], found: Collected) -> list[Kind]:
    """The kinds that the cluster serves of these types; what it does not serve is empty."""
    wanted: dict[str, set[str]] = {}
    for each in types:
        group, _, kind = each.rpartition("/")
        wanted.setdefault(group, set()).add(kind)
    versions = _versions(server, set(wanted) - {""}, found, wanted)
    kinds: list[Kind] = []
    for group, names in wanted.items():
        if group and group not in versions:
            continue
        version = versions.get(group, "v1")
        path = f"/apis/{version}" if group else "/api/v1"
        for served in _asked(server, path, "resources", found, [_type(group, name) for name in sorted(names)]):
            name, what = served.get("name"), served.get("kind")
            if isinstance(name, str) and "/" not in name and what in names and "list" in (served.get("verbs") or ()):
                kinds.append(Kind(_type(group, what), version, name))
    return kinds


def _versions(server: Server, groups: set[str], found: Collected, wanted: dict[str, set[str]]) -> dict[str, str]:
    """The version that the cluster prefers of each group."""
    if not groups:
        return {}
    types = [_type(group, name) for group in sorted(groups) for name in sorted(wanted[group])]
    return {
        each["name"]: str(each["preferredVersion"]["groupVersion"])
        for each in _asked(server, "/apis", "groups", found, types)
        if each.get("name") in groups and isinstance(each.get("preferredVersion"), dict)
    }


def _type(group: str, kind: str) -> str:
    return f"{group}/{kind}" if group else kind


def _asked(server: Server, path: str, member: str, found: Collected, types: Sequence[str]) -> list[dict[str, Any]]:
    """The list `member` of an answer of discovery; where there is none, the types that hang on it are noted. Raises
    `Unreachable` for what only a server of another kind answers."""
    answer = server.get(path, {})
    body = _body(answer)
    listed = body.get(member) if body is not None and answer.status == _OK else None
    if isinstance(listed, list):
        return [each for each in listed if isinstance(each, dict)]
    if path in _ALWAYS and answer.status == _UNKNOWN_USER:
        raise Unreachable("it does not know who asks (status 401): log in again, the token may have expired")
    if path in _ALWAYS and answer.status in (_OK, *_MISSING):
        raise Unreachable(f"its answer to {path} is not that of an API server of Kubernetes")
    if answer.status not in _MISSING:
        _note(server, types, f"GET {path}", _refused(answer), found)
    return []


def _list(server: Server, kind: Kind, found: Collected) -> None:
    """All objects of a kind, page by page; a list that expired on the way is begun once more."""
    query, restarted, items = {"limit": str(PAGE)}, False, 0
    start = len(found.resources)
    seen: set[str] = set()
    while True:
        try:
            answer = server.get(kind.path, query)
        except Unreachable as error:
            _note(server, [kind.type], f"list {kind.path}", Unknown("error", str(error)), found)
            return
        body = _body(answer)
        if answer.status == _EXPIRED and not restarted:
            query, restarted, items = {"limit": str(PAGE)}, True, 0
            seen.clear()
            del found.resources[start:]
            continue
        if answer.status != _OK or body is None:
            if answer.status not in _MISSING:
                _note(server, [kind.type], f"list {kind.path}", _refused(answer), found)
            return
        if not isinstance(body.get("items", 0), list | None):
            _note(server, [kind.type], f"list {kind.path}", Unknown("error", "the answer is no list"), found)
            return
        for resource in _resources(server, kind, body):
            found.resources.append(resource)
            items += 1
        token = _metadata(body).get("continue")
        if items >= MAX_OBJECTS and token:
            limit = Unknown("limit_reached", f"more than {MAX_OBJECTS:,} objects of {kind.type}")
            _note(server, [kind.type], f"list {kind.path}", limit, found)
            return
        if token in seen:
            same = Unknown("error", "the list goes round in a circle: a page names itself as the next one")
            _note(server, [kind.type], f"list {kind.path}", same, found)
            return
        if not isinstance(token, str) or not token:
            found.calls.setdefault(f"list {kind.path}", "ok")
            return
        seen.add(token)
        query = {"limit": str(PAGE), "continue": token}


def _resources(server: Server, kind: Kind, body: dict[str, Any]) -> Iterator[Resource]:
    items = body.get("items")
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        # The items of a typed list do not say what they are.
        whole = {"apiVersion": kind.version, "kind": kind.type.rpartition("/")[2], **item}
        metadata = whole.get("metadata")
        if isinstance(metadata, dict):
            metadata.pop("managedFields", None)
        for found in objects(whole):
            yield Resource(
                address=found.address,
                type=kind.type,
                root=".",
                plane="live",
                attributes=found.attributes,
                source=NOWHERE,
                name=found.name,
                aliases=found.aliases,
                account=server.name,
                sensitive=sensitive_paths(kind.type),
            )


def _body(answer: Answer) -> dict[str, Any] | None:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _metadata(body: dict[str, Any]) -> dict[str, Any]:
    metadata = body.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _refused(answer: Answer) -> Unknown:
    """What an answer that is no list means."""
    body = _body(answer) or {}
    said = " ".join(str(body.get("message") or f"status {answer.status}").split())[:300]
    cause: Cause = "denied" if answer.status in _FORBIDDEN else "throttled" if answer.status == _BUSY else "error"
    return Unknown(cause, said)


def _note(server: Server, types: Sequence[str], operation: str, cause: Unknown, found: Collected) -> None:
    for each in types:
        found.failed[each] = cause
    found.calls[operation] = cause.cause
    hint = "grant it: compliance-scan permissions --kubernetes" if cause.cause == "denied" else ""
    what = types[0] if len(types) == 1 else f"{len(types)} kinds ({', '.join(types[:3])} …)"
    message = f"{what} could not be listed in {server.name}: {cause.detail}"
    known = cause.cause if cause.cause in ("denied", "throttled", "limit_reached") else "error"
    found.incomplete.append(Incomplete(known, f"{operation} in {server.name}", message, hint))
