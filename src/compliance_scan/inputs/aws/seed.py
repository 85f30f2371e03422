"""Making resources in a stand-in from Terraform's attributes, as `seed` in the types' facts says.

For tests, the estates and the demo only: nothing else in the program ever writes to an account.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.aws.answers import NoAnswer, failure, plain
from compliance_scan.inputs.aws.clients import Clients
from compliance_scan.inputs.aws.expressions import Arguments, expression
from compliance_scan.inputs.aws.literals import Literals
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Encoded, Open, Reference, Text, Unknown, Value


class Refused(Exception):
    """A resource that cannot be made in the stand-in, with the reason."""


class Step(NamedTuple):
    """One call that makes something."""

    service: str
    call: str
    arguments: Arguments
    when: Any
    each: Any
    name: str
    set: dict[str, Any]
    region: str
    ignore: frozenset[str]


class Made(NamedTuple):
    """A seeded resource: what it was made from, and what the stand-in said of it."""

    resource: Resource
    attributes: dict[str, Any]


def steps(service: str, spec: Sequence[Mapping[str, Any]]) -> list[Step]:
    """The steps of a facts file; `service` is that of the type's collector."""
    return [
        Step(
            each.get("service", service),
            each["call"],
            Arguments(each.get("with", {})),
            expression(each["when"]) if "when" in each else None,
            expression(each["each"]) if "each" in each else None,
            each.get("as", ""),
            {name: expression(text) for name, text in each.get("set", {}).items()},
            each.get("region", ""),
            frozenset(each.get("ignore", ())),
        )
        for each in spec
    ]


class Seeder:
    """Makes resources one after the other; what one was given, others may refer to."""

    def __init__(
        self, clients: Clients, catalog: Any, *, region: str, account: str = "123456789012", lenient: bool = False
    ) -> None:
        """`lenient`: an attribute that refers to what could not be made is left out, and `left_out` says so, instead
        of the whole resource."""
        self.clients = clients
        self.lenient = lenient
        self.left_out: dict[str, list[str]] = {}
        self.catalog = catalog
        self.region = region
        self.account = account
        self.made: dict[str, Made] = {}
        self.literals = Literals(clients, region)
        self._count = 0

    def can(self, kind: str) -> str | None:
        """Why resources of a type cannot be made; None where they can."""
        spec = self.catalog.seed(kind)
        if spec is None:
            return f"{kind} has no seed"
        return spec["unsupported"] if isinstance(spec, dict) else None

    def seed(self, resources: Sequence[Resource]) -> dict[str, str]:
        """Makes all of them, what is referred to first; returns address to reason for those that could not be made."""
        failed: dict[str, str] = {}
        for resource in _in_order([each for each in resources if each.mode == "managed"]):
            try:
                self.make(resource)
            except Refused as reason:
                failed[resource.address] = str(reason)
        return failed

    def make(self, resource: Resource) -> Made:
        """Makes one; raises `Refused`."""
        reason = self.can(resource.type)
        if reason is not None:
            raise Refused(reason)
        attributes = {name: value for name, value in self._attributes(resource) if value is not None}
        if "tags_all" in resource.attributes:  # what the provider sends, its default tags among them
            attributes["tags"] = self._plain(resource.attributes["tags_all"], "tags_all")
        self._count += 1
        context = {
            **attributes,
            "_name": f"{resource.name.lower().replace('_', '-') or 'x'}-{self._count}",
            "_account": self.account,
            "_region": resource.region or self.region,
            "_partition": "aws",
        }
        made = Made(resource, attributes)
        collect = self.catalog.collect(resource.type)
        first = collect[0] if isinstance(collect, list) else collect
        for step in steps(first["service"] if first else "", self.catalog.seed(resource.type)):
            self._step(step, context, made)
        self.made[resource.address] = made
        return made

    def _attributes(self, resource: Resource) -> Iterator[tuple[str, Any]]:
        for name in resource.attributes:
            try:
                yield name, self._plain(resource.attributes[name], name)
            except Refused:
                if not self.lenient:
                    raise
                self.left_out.setdefault(resource.address, []).append(name)

    def _step(self, step: Step, context: dict[str, Any], made: Made) -> None:
        if step.when is not None and not step.when(context):
            return
        items = [None] if step.each is None else step.each(context) or []
        for item in items:
            answer = self._call(step, {**context, "_each": item} if step.each is not None else context)
            if step.name:
                context[f"_{step.name}"] = answer
            for name, value in step.set.items():
                found = value({**context, "_answer": answer})
                if found is not None:
                    made.attributes[name] = found
                    context[name] = found

    def _call(self, step: Step, context: dict[str, Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        client = self.clients.client(step.service, step.region or context["_region"])
        try:
            arguments = step.arguments(context)
            shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[step.call]).input_shape
            return plain(getattr(client, step.call)(**_coerced(arguments, shape)))
        except (
            ClientError,
            BotoCoreError,
            ResponseParserError,
            NoAnswer,
            NotImplementedError,
            ValueError,
            TypeError,
        ) as error:
            failed = failure(error)
            if failed.code in step.ignore:
                return None
            raise Refused(f"{step.service}:{step.call}: {failed.code}: {failed.message}") from error

    def _plain(self, value: Value, name: str) -> Any:
        """What Terraform would send."""
        if value is ABSENT or value is None:
            return None
        if isinstance(value, Unknown):
            raise Refused(f"{name} is not known: {value.cause} {value.detail}")
        if isinstance(value, Reference):
            return self._referred(value, name)
        if isinstance(value, Text):
            return "".join(str(self._plain(part, name)) for part in value.parts)
        if isinstance(value, Encoded):
            return value.text if value.text is not None else json.dumps(self._plain(value.tree, name))
        if isinstance(value, Open):
            raise Refused(f"{name} may hold more: {value.more.detail}")
        if isinstance(value, dict):
            return {key: self._plain(item, name) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item, name) for item in value]
        return self.literals.real(value) if isinstance(value, str) else value

    def _referred(self, value: Reference, name: str) -> Any:
        target = self.made.get(value.address) or self.made.get(value.address.split("[")[0])
        if target is None:
            known = self._told(value)
            if known is not None:
                return known
            if isinstance(value.value, Unknown):
                raise Refused(f"{name} refers to {value.address}, which was not made")
            return self._plain(value.value, name)
        found: Any = target.attributes
        for step in value.path.replace("[", ".").replace("]", "").split(".") if value.path else ():
            if isinstance(found, list):
                found = found[int(step)] if step.isdigit() and int(step) < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            raise Refused(f"{name} refers to {value.address}.{value.path}, which its seed does not set")
        return found

    def _told(self, value: Reference) -> str | None:
        """What data sources say of the account that is signed in to."""
        kind = value.address.rpartition("data.")[2].partition(".")[0] if "data." in value.address else ""
        return {
            ("aws_caller_identity", "account_id"): self.account,
            ("aws_caller_identity", "id"): self.account,
            ("aws_region", "name"): self.region,
            ("aws_region", "region"): self.region,
            ("aws_region", "id"): self.region,
            ("aws_partition", "partition"): "aws",
            ("aws_partition", "dns_suffix"): "amazonaws.com",
        }.get((kind, value.path))


def _coerced(value: Any, shape: Any) -> Any:
    """Arguments as the API's own types: HCL writes `"7"` where the API wants a number."""
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {key: _coerced(item, shape.members.get(key)) for key, item in value.items()}
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [_coerced(item, shape.member) for item in items]
    if kind == "map" and isinstance(value, dict):
        return {str(key): _coerced(item, shape.value) for key, item in value.items()}
    if kind in ("integer", "long") and isinstance(value, str | float):
        return int(float(value))
    if kind in ("float", "double") and isinstance(value, str | int) and not isinstance(value, bool):
        return float(value)
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    return value


def _in_order(resources: Sequence[Resource]) -> list[Resource]:
    """What others refer to before them."""
    by_address = {each.address: each for each in resources}
    order: dict[str, Resource] = {}

    def visit(resource: Resource, above: tuple[str, ...]) -> None:
        if resource.address in order or resource.address in above:
            return
        for name in resource.attributes:
            for reference in references(resource.attributes[name]):
                target = by_address.get(reference.address) or by_address.get(reference.address.split("[")[0])
                if target is not None:
                    visit(target, (*above, resource.address))
        order[resource.address] = resource

    for resource in resources:
        visit(resource, ())
    return list(order.values())


def references(value: Value) -> Iterator[Reference]:
    """All references in a value."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Reference):
            yield item
        elif isinstance(item, Text):
            stack.extend(item.parts)
        elif isinstance(item, Encoded):
            stack.append(item.tree)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
