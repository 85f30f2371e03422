"""Service models cut down to what an audit calls.

A client of EC2 alone parses eight megabytes of JSON and makes seven hundred methods; an audit calls sixty. What is cut
is kept in the user's cache folder, by botocore's version, so that the next run parses a hundredth.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import botocore
from botocore import xform_name
from botocore.loaders import Loader

from compliance_scan.compiled import cache_folder, encode, keyed_pack
from compliance_scan.shape.catalog import Catalog

FORM: Final = "1"
"""Raised when what is kept of a model changes."""
_MORE: Final[Mapping[str, frozenset[str]]] = {
    "cloudtrail": frozenset({"lookup_events"}),
    "ec2": frozenset({"describe_regions"}),
    "organizations": frozenset({"list_accounts"}),
}
"""What is called beside what collectors call."""
_PROSE: Final = "documentation"
_WHOLE: Final = frozenset({"sts", "sso", "sso-oidc", "signin"})
"""Services that botocore calls itself, for credentials."""


class CutLoader(Loader):  # type: ignore[misc] # botocore has no types
    """Loads service models without the operations that nobody calls."""

    def __init__(self, paths: Iterable[str], wanted: Mapping[str, frozenset[str]]) -> None:
        """`paths`: where botocore looks for its data; `wanted`: service to its methods."""
        super().__init__()
        self._paths = list(paths)
        for path in self._paths:
            if path not in self.search_paths:
                self.search_paths.append(path)
        self._wanted = wanted

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """As botocore's; of the models proper only what is wanted."""
        wanted = self._wanted.get(service_name)
        if type_name != "service-2" or api_version is not None or wanted is None or self._is_own(service_name):
            return super().load_service_model(service_name, type_name, api_version)
        parts = [FORM, botocore.__version__, *sorted(wanted)]
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

        def build() -> bytes:
            return encode({"model": cut(_fresh(self.search_paths, service_name), wanted)}, {})

        return keyed_pack(os.path.join(cache_folder(), "api", service_name), "model", key, build).get("model")

    def _is_own(self, service: str) -> bool:
        """Whether somebody has put a model of a service beside botocore's; boto3's own folder has other files."""
        return any(
            name.startswith("service-2.")
            for path in self.search_paths
            if path != self.BUILTIN_DATA_PATH
            for _folder, _folders, names in os.walk(os.path.join(path, service))
            for name in names
        )


def _fresh(paths: Iterable[str], service: str) -> dict[str, Any]:
    """A whole model, which nothing keeps in memory."""
    loader = Loader()
    loader.search_paths.extend(path for path in paths if path not in loader.search_paths)
    model: dict[str, Any] = loader.load_service_model(service, "service-2")
    return model


def cut(model: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """A model with the wanted operations and the shapes that they need, without documentation."""
    operations = {name: each for name, each in model["operations"].items() if xform_name(name) in wanted}
    shapes = model["shapes"]
    kept: dict[str, Any] = {}
    stack = [name for each in operations.values() for name in _named(each)]
    while stack:
        name = stack.pop()
        if name not in kept and name in shapes:
            kept[name] = _bare(shapes[name])
            stack.extend(_named(shapes[name]))
    rest = {
        name: each for name, each in model.items() if name not in ("operations", "shapes", "documentation", "examples")
    }
    return {**rest, "operations": {name: _bare(each) for name, each in operations.items()}, "shapes": kept}


def _named(value: Any) -> Iterator[str]:
    """The shapes that a part of a model names."""
    if isinstance(value, Mapping):
        name = value.get("shape")
        if isinstance(name, str):
            yield name
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _bare(each) for name, each in value.items() if name != "documentation" or isinstance(each, Mapping)
        }
    return [_bare(each) for each in value] if isinstance(value, list) else value


def wanted_of(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Service to the methods that collectors call."""
    found: dict[str, set[str]] = {name: set(more) for name, more in _MORE.items()}
    for kind in catalog.collectors():
        spec = catalog.collect(kind)
        for each in spec if isinstance(spec, list) else [spec]:
            for service, call in _calls(each, each["service"]):
                found.setdefault(service, set()).add(call)
    return {service: frozenset(calls) for service, calls in found.items() if service not in _WHOLE}


def _calls(spec: Mapping[str, Any], service: str) -> Iterator[tuple[str, str]]:
    listings = spec["list"] if isinstance(spec["list"], list) else [spec["list"]]
    for each in [*listings, *spec.get("describe", {}).values()]:
        its = each.get("service", service)
        if "call" in each:
            yield its, each["call"]
        if "before" in each:
            yield its, each["before"]["call"]


def cut_models(session: Any) -> None:
    """Lets the clients of a boto3 session know no more than what an audit calls."""
    inner = session._session  # noqa: SLF001 - boto3 hides the session of botocore that it is made of
    loader = inner.get_component("data_loader")
    inner.register_component("data_loader", CutLoader(loader.search_paths, wanted_of(Catalog.open())))
