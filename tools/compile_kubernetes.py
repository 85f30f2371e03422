"""Makes the compact schema of the Kubernetes API that the program carries.

    python tools/compile_kubernetes.py src/compliance_scan/types/kubernetes.schema.json.xz

Fields, their types and whether they are required come from the models of the `kubernetes` package (which are made from
the API's own OpenAPI description); defaults come from `src/compliance_scan/types/kubernetes/defaults/`, each with the
page that states it, because OpenAPI lists few of them. A kind that the API serves in several versions has the fields of
all, the newest deciding. The virtual type `pod` is the pod's template with what workloads add.
"""

import importlib.metadata
import inspect
import json
import lzma
import os
import re
import sys
from typing import Any

import yaml

DEFAULTS = "src/compliance_scan/types/kubernetes/defaults"
SCALARS = {"str": "string", "datetime": "string", "int": "number", "float": "number", "bool": "bool"}
VERSION = re.compile(r"^(?:[A-Z][a-z]+)?V(\d+)(?:(alpha|beta)(\d+))?(?=[A-Z])")
Record = dict[str, Any]


def client() -> Any:
    """The package's module of models and APIs."""
    import kubernetes.client

    return kubernetes.client


def kinds(module: Any) -> dict[str, list[tuple[str, bool]]]:
    """`group/Kind` to its models, newest version first, and whether it lives in a namespace."""
    found: dict[str, dict[str, bool]] = {}
    for name, api in inspect.getmembers(module, inspect.isclass):
        if not name.endswith("Api"):
            continue
        for method, function in inspect.getmembers(api, inspect.isfunction):
            match = re.fullmatch(r"_create_(\w+)_serialize", method)
            if not match:
                continue
            path = re.search(r"resource_path='(/apis?/[^']*)'", inspect.getsource(function))
            create = getattr(api, f"create_{match[1]}_with_http_info")
            body = inspect.signature(create).parameters["body"].annotation
            model = getattr(body, "__name__", str(body))
            if path is None or not hasattr(module, model) or path[1].rsplit("/", 1)[-1] in SUBRESOURCES:
                continue
            if path[1].count("{") > ("{namespace}" in path[1]):
                continue  # a subresource such as pods/{name}/eviction
            kind = VERSION.sub("", model)
            group = path[1].split("/")[2] if path[1].startswith("/apis/") else ""
            found.setdefault(f"{group}/{kind}" if group else kind, {})[model] = "{namespace}" in path[1]
    return {kind: sorted(models.items(), key=lambda item: _age(item[0])) for kind, models in sorted(found.items())}


SUBRESOURCES = frozenset({"status", "scale"})


def _age(model: str) -> tuple[int, int]:
    """Sorts stable versions first, then the higher ones."""
    match = VERSION.match(model)
    assert match is not None, model
    stage = {None: 0, "beta": 1, "alpha": 2}[match[2]]
    return stage, -int(match[1])


class Definitions:
    """Records of models, made as they are referred to."""

    def __init__(self, module: Any, defaults: dict[str, Record]) -> None:
        self.module = module
        self.defaults = defaults
        self.records: dict[str, Record] = {}
        self.used: set[tuple[str, str]] = set()

    def record(self, model: str) -> Record:
        """Attributes of a model."""
        if model not in self.records:
            self.records[model] = {}
            cls = getattr(self.module, model)
            plain = VERSION.sub("", model)
            out = {}
            required = {field.alias or name for name, field in cls.model_fields.items() if field.is_required()}
            for name, kind in cls.openapi_types.items():
                key = cls.attribute_map[name]
                attribute = self.attribute(kind)
                attribute["m"] = "r" if key in required else "o"
                default = self.defaults.get(plain, {}).get(key)
                if default is not None:
                    attribute["d"] = default["value"]
                    self.used.add((plain, key))
                out[key] = attribute
            self.records[model] = {"a": out}
        return self.records[model]

    def attribute(self, kind: str) -> Record:
        """The type of one attribute."""
        kind = kind.removeprefix("Optional[").removesuffix("]") if kind.startswith("Optional[") else kind
        match = re.fullmatch(r"(List|Dict)\[(?:str, )?(.+)\]", kind)
        if match:
            many = "list" if match[1] == "List" else "map"
            inner = self.attribute(match[2])
            if "ref" in inner and inner["t"] == "object":
                return {"t": many, "ref": inner["ref"]}
            return {"t": f"{many}({inner['t']})" if "ref" not in inner else f"{many}(any)"}
        if VERSION.match(kind) and hasattr(self.module, kind) and hasattr(getattr(self.module, kind), "openapi_types"):
            self.record(kind)
            return {"t": "object", "ref": kind}
        return {"t": SCALARS.get(kind, "any")}

    def merged(self, models: list[str]) -> Record:
        """One record with the fields of several versions of a model, the first deciding."""
        out: Record = {}
        for model in models:
            for key, attribute in self.record(model)["a"].items():
                mine = out.get(key)
                if mine is None:
                    out[key] = {**attribute, "m": "o"} if out else attribute
                elif "ref" in attribute and "ref" in mine and attribute["ref"] != mine["ref"]:
                    out[key] = {**mine, "ref": self.union(mine["ref"], attribute["ref"])}
        return {"a": out}

    def union(self, first: str, second: str) -> str:
        """The name of a record with the fields of two."""
        name = f"{first}|{second}"
        if name not in self.records:
            self.records[name] = {"a": {}}
            self.records[name] = self.merged([first, second])
        return name


def pod(definitions: Definitions) -> Record:
    """The virtual type `pod`: the fields of the template's specification, and what the workload says of it."""
    spec = definitions.record("V1PodSpec")["a"]
    container = definitions.record("V1Container")["a"] | definitions.record("V1EphemeralContainer")["a"]
    container = {key: {**attribute, "m": "o"} for key, attribute in container.items()}
    container |= definitions.record("V1Container")["a"]
    container["kind"] = {"t": "string", "m": "c"}
    container |= worked_out(definitions)
    definitions.records["PodContainer"] = {"a": container}
    text, labels = {"t": "string", "m": "c"}, {"t": "map(string)", "m": "c"}
    own = {
        "containers": {"t": "list", "ref": "PodContainer", "m": "c"},
        "workload": text,
        "name": text,
        "namespace": {"t": "string", "m": "o"},
        "labels": labels,
        "annotations": labels,
        "metadata": {"t": "object", "ref": "V1ObjectMeta", "m": "o"},
        "networkPolicies": listed(definitions, "V1NetworkPolicy"),
        "services": listed(definitions, "V1Service"),
        "autoscalers": listed(definitions, "V2HorizontalPodAutoscaler"),
        "podDisruptionBudgets": listed(definitions, "V1PodDisruptionBudget"),
    }
    left = {key: value for key, value in spec.items() if key not in ("initContainers", "ephemeralContainers")}
    return {"deep": 1, "a": left | own}


def worked_out(definitions: Definitions) -> Record:
    """What the shape layer works out of a container."""
    text = {"t": "string", "m": "o"}
    parts = dict.fromkeys(("registry", "repository", "name", "tag", "digest", "version"), text)
    probe = {"kind": text, "action": text, "port": {"t": "any", "m": "o"}, "host": text}
    definitions.records["ImageParts"] = {"a": parts}
    definitions.records["ContainerProbe"] = {"a": {**probe, "declared": {"t": "bool", "m": "o"}}}
    return {
        "imageParts": {"t": "object", "ref": "ImageParts", "m": "c"},
        "probes": {"t": "list", "ref": "ContainerProbe", "m": "c"},
        "hostMounts": listed(definitions, "V1VolumeMount"),
        "writtenSecurityContext": {"t": "object", "ref": "V1SecurityContext", "m": "o"},
        "repeatedVariables": {"t": "list(string)", "m": "c"},
    }


def listed(definitions: Definitions, model: str) -> Record:
    """A collection of objects that the shape layer joins."""
    definitions.record(model)
    return {"t": "list", "ref": model, "m": "c"}


def namespace(definitions: Definitions) -> Record:
    """The virtual type `namespace`."""
    definitions.record("V1ObjectMeta")
    return {
        "deep": 1,
        "a": {
            "name": {"t": "string", "m": "c"},
            "declared": {"t": "bool", "m": "c"},
            "metadata": {"t": "object", "ref": "V1ObjectMeta", "m": "o"},
            "labels": {"t": "map(string)", "m": "c"},
            "annotations": {"t": "map(string)", "m": "c"},
            "pods": {"t": "list", "ref": "pod", "m": "c"},
            "networkPolicies": listed(definitions, "V1NetworkPolicy"),
            "resourceQuotas": listed(definitions, "V1ResourceQuota"),
            "limitRanges": listed(definitions, "V1LimitRange"),
            "services": listed(definitions, "V1Service"),
            "serviceAccounts": listed(definitions, "V1ServiceAccount"),
            "authorizationPolicies": {"t": "any", "m": "c"},
            "peerAuthentications": {"t": "any", "m": "c"},
        },
    }


def read_defaults(folder: str) -> dict[str, Record]:
    """Model (without its version) to field to `{value, source}`."""
    found: dict[str, Record] = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as handle:
            for model, fields in yaml.safe_load(handle).items():
                for key, row in fields.items():
                    if set(row) != {"value", "source"} or key in found.get(model, {}):
                        raise SystemExit(f"{name}: {model}.{key} needs one value and its source")
                    found.setdefault(model, {})[key] = row
    return found


def compile_schema(folder: str = DEFAULTS) -> Record:
    """The whole schema."""
    module = client()
    defaults = read_defaults(folder)
    definitions = Definitions(module, defaults)
    resources: dict[str, Record] = {}
    for kind, models in kinds(module).items():
        record = definitions.merged([model for model, _ in models])
        if "status" in record["a"]:
            record["a"]["status"] = {"t": "any", "m": "c"}
        resources[kind] = {"deep": 1, **({"ns": 1} if models[0][1] else {}), **record}
    resources["pod"] = definitions.records["pod"] = pod(definitions)
    resources["namespace"] = namespace(definitions)
    unused = sorted({(m, k) for m, fields in defaults.items() for k in fields} - definitions.used)
    if unused:
        raise SystemExit(f"defaults of fields that the API does not have: {unused}")
    return {
        "provider": "kubernetes",
        "version": importlib.metadata.version("kubernetes"),
        "resources": resources,
        "data_sources": {},
        "defs": _reachable(resources, definitions.records),
    }


def _reachable(resources: dict[str, Record], records: dict[str, Record]) -> dict[str, Record]:
    """Only the records that a resource refers to."""
    found: dict[str, Record] = {}
    stack = list(resources.values())
    while stack:
        for attribute in stack.pop()["a"].values():
            name = attribute.get("ref")
            if name is not None and name not in found:
                found[name] = records[name]
                stack.append(records[name])
    return dict(sorted(found.items()))


def main(target: str) -> None:
    """Writes the schema."""
    data = json.dumps(compile_schema(), separators=(",", ":"), sort_keys=True).encode()
    with open(target, "wb") as handle:
        handle.write(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(sys.argv[1])
