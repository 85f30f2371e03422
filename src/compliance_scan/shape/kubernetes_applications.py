"""The virtual type `argocd-application`: Applications of Argo CD, and the templates of ApplicationSets.

What generators put into the template is not known here. Source (the template, its placeholders, generators with
templates of their own, `templatePatch`):
https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/
"""

import re
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.value import Text, Unknown, Value, is_nothing, resolved
from compliance_scan.shape.cursor import Frame, Spot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.resource import Resource
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.world import World

APPLICATION: Final = "argoproj.io/Application"
APPLICATION_SET: Final = "argoproj.io/ApplicationSet"
_TEMPLATE: Final = ("spec", "template")
_MAX_DEPTH: Final = 64


def applications(world: "World") -> "Sequence[Cursor]":
    """The subjects of `argocd-application`, in the order of reading."""
    facts = world.catalog.type("argocd-application")
    assert facts is not None
    found: list[Cursor] = [Frame(world, each, facts).root for each in world.resources(APPLICATION)]
    for each in world.resources(APPLICATION_SET):
        template = _template(each)
        if template is not None:
            frame = Frame(world, each, facts)
            above = template if isinstance(template, Unknown) else None
            found.append(Spot(frame, _TEMPLATE, (), _TEMPLATE, facts.root, template, above=above))
    return found


def _template(resource: "Resource") -> Value:
    """The template with its placeholders as what is not known; None where there is none."""
    spec: Any = resolved(resource.attributes["spec"]) if "spec" in resource.attributes else None
    if isinstance(spec, Unknown):
        return spec
    if not isinstance(spec, dict):
        return None
    template = resolved(spec.get("template"))
    if isinstance(template, Unknown) or not isinstance(template, dict):
        return template if isinstance(template, Unknown) else None
    changed = _changed(spec)
    if changed:
        return {**template, "spec": Unknown("unsupported_expression", f"{changed} may change the template")}
    filled: Value = _filled(template, 0)
    return filled


def _changed(spec: dict[str, Any]) -> str:
    """What else says how the Applications look."""
    if not is_nothing(resolved(spec.get("templatePatch"))):
        return "templatePatch"
    stack, seen = [spec.get("generators")], 0
    while stack and seen < 10_000:
        seen += 1
        one = resolved(stack.pop())
        if isinstance(one, list):
            stack += one
        elif isinstance(one, dict):
            own = resolved(one.get("template"))
            if isinstance(own, dict) and own.get("spec"):
                return "a generator's own template"
            stack += one.values()
    return ""


def _filled(value: Any, depth: int) -> Any:
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        return {key: _filled(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list) and depth < _MAX_DEPTH:
        return [_filled(item, depth + 1) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    parts = tuple(_part(text) for text in re.split(r"(\{\{.*?\}\})", value, flags=re.DOTALL) if text)
    return parts[0] if len(parts) == 1 else Text(parts)


def _part(text: str) -> "str | Unknown":
    if not text.startswith("{{"):
        return text
    return Unknown("variable_without_value", f"{text} is filled in by the generators", symbol=f"applicationset:{text}")
