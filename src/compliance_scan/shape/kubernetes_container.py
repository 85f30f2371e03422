"""What is worked out of a container: the parts of its image's name, its probes, what it says twice."""

import re
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.value import ABSENT, Encoded, Reference, Text, Unknown, Value, holes, resolved
from compliance_scan.model.view import Item
from compliance_scan.shape.cursor import Spot
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.cursor import Frame

_PROBES: Final = (
    ("liveness", ("livenessProbe",)),
    ("readiness", ("readinessProbe",)),
    ("startup", ("startupProbe",)),
    ("start", ("lifecycle", "postStart")),
    ("stop", ("lifecycle", "preStop")),
)
_ACTIONS: Final = ("httpGet", "tcpSocket", "grpc")


def worked_out(own: Spot, pod: Spot) -> "dict[str, Shaped | Maker]":
    """The fields of a container that nobody wrote as such; `pod` is the specification that it stands in."""
    return {
        "hostMounts": lambda: _host_mounts(own, pod),
        "writtenSecurityContext": lambda: own.step("securityContext"),
        "imageParts": lambda: _image(own),
        "probes": lambda: _probes(own),
        "repeatedVariables": lambda: _repeated(own),
    }


def _image(own: Spot) -> Made:
    at = own.step("image")
    frame, path = own.frame, at.path
    image = resolved(at.value)
    parts: dict[str, Value]
    if isinstance(image, Unknown | Text | Reference | Encoded):
        cause = next(holes(image), Unknown("computed", "the image is not known"))
        parts = dict.fromkeys(("registry", "repository", "name", "tag", "digest", "version"), cause)
    else:
        parts = image_parts(image) if isinstance(image, str) else {}
    fields: dict[str, Shaped | Maker] = {name: spot(frame, path, (), value) for name, value in parts.items()}
    return Made(frame, path, ("imageParts",), fields)


def image_parts(image: str) -> dict[str, Value]:
    """Registry, repository, last name, tag, digest and the version that the tag names; `docker.io/library/nginx` for
    `nginx`, the tag `latest` where neither tag nor digest is written."""
    name, _at, digest = image.partition("@")
    host, slash, rest = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = "docker.io", name if slash else f"library/{name}"
    last = rest.rpartition("/")[2]
    tag = last.partition(":")[2]
    repository = rest[: len(rest) - len(tag) - 1] if tag else rest
    version = re.match(r"v?(\d+(?:\.\d+)*)", tag)
    return {
        "registry": host,
        "repository": repository,
        "name": repository.rpartition("/")[2],
        "tag": tag or (ABSENT if digest else "latest"),
        "digest": digest or ABSENT,
        "version": version[1] if version else ABSENT,
    }


def _probes(own: Spot) -> MadeList:
    items: list[Item] = []
    ports = own.step("ports")
    listed, more = _ports(ports)
    for kind, place in _PROBES:
        handler = own.get(place)
        if handler.standing != "written":
            continue
        for action in _ACTIONS:
            one = handler.step(action)
            if one.standing != "written":
                continue
            port = resolved(one.step("port").value)
            declared: Value = more if more is not None and port not in listed else port in listed
            if isinstance(port, Unknown):
                declared = port
            frame: Frame = own.frame
            fields: dict[str, Shaped | Maker] = {
                "kind": spot(frame, one.path, (), kind),
                "action": spot(frame, one.path, (), action),
                "port": one.step("port"),
                "host": one.step("host") if action != "grpc" else spot(frame, one.path, (), ABSENT),
                "declared": spot(frame, (*one.path, "port"), (), declared),
            }
            items.append(Item(Made(frame, one.path, (), fields), True))
    return MadeList(own.frame, own.path, ("probes",), items)


def _ports(ports: Shaped) -> tuple[list[Value], Unknown | None]:
    found = ports.items()
    listed: list[Value] = []
    more = found.more
    for item in found.items:
        for name in ("containerPort", "name"):
            value = resolved(item.cursor.get((name,)).value)
            if isinstance(value, Unknown):
                more = more or value
            elif isinstance(value, int | str):
                listed.append(value)
    return listed, more


def _host_mounts(own: Spot, pod: Spot) -> MadeList:
    """The mounts of volumes that are paths of the node."""
    volumes = pod.step("volumes").items()
    known: set[Value] = set()
    unknown = volumes.more
    for item in volumes.items:
        path = item.cursor.get(("hostPath",))
        name = resolved(item.cursor.get(("name",)).value)
        if isinstance(name, str) and path.standing == "written":
            known.add(name)
    mounts = own.step("volumeMounts")
    found = mounts.items()
    items = [item for item in found.items if _hashable(item.cursor.get(("name",)).value) in known]
    return MadeList(own.frame, mounts.path, ("hostMounts",), items, found.more or unknown)


def _hashable(value: Value) -> Value:
    plain = resolved(value)
    return plain if isinstance(plain, str) else None


def _repeated(own: Spot) -> Spot:
    at = own.step("env")
    raw: Any = resolved(at.raw) if isinstance(at, Spot) and at.standing == "written" else []
    seen: set[str] = set()
    twice: list[Value] = []
    for one in raw if isinstance(raw, list) else ():
        name = resolved(one.get("name")) if isinstance(one, dict) else None
        if isinstance(name, str):
            if name in seen and name not in twice:
                twice.append(name)
            seen.add(name)
    value: Value = raw if isinstance(raw, Unknown) else twice
    return spot(own.frame, at.path, (), value)
