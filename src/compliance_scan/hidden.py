"""Texts that came from the environment (`TF_VAR_…`): a pull request must not be able to print them.

Marks follow such values through the language, and what is marked is masked by its path. This is the net below that: no
such text leaves, wherever a message, a folded part or an error carries it to.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import Encoded, Open, Reference, Text, Value

if TYPE_CHECKING:
    from compliance_scan.model.resource import Inventory

MASK = "(environment)"
SHORTEST = 3
MOST = 5000
_PLAIN = frozenset({"true", "false", "null", MASK})
_FINDING = ("message", "message_arguments", "expected", "actual", "unknown_cause")


class Hidden:
    """What may not be shown of an inventory; nothing, and no work, where the environment gave nothing."""

    def __init__(self, inventory: "Inventory") -> None:
        self._pattern: re.Pattern[str] | None = None
        if inventory.environment:
            texts = {text for text in _all(inventory) if len(text) >= SHORTEST and text not in _PLAIN}
            longest = sorted(texts, key=lambda text: (-len(text), text))[:MOST]
            if longest:
                # Short words are hidden as words only: `dev` must not turn a `device` into a riddle.
                words = [re.escape(t) if len(t) > 7 else rf"(?<!\w){re.escape(t)}(?!\w)" for t in longest]
                self._pattern = re.compile("|".join(words))

    def clean(self, value: Any) -> Any:
        """The same without such texts: in text, lists, mappings and tuples, named ones too."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(MASK, value)
        if isinstance(value, dict):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        if isinstance(value, tuple):
            items = [self.clean(item) for item in value]
            return value._make(items) if hasattr(value, "_make") else tuple(items)
        return value

    def clean_report(self, report: Any) -> None:
        """Takes such texts out of what a report says of values; its names, rules and source lines stay."""
        if self._pattern is None:
            return
        for finding in report["findings"]:
            for key in _FINDING:
                finding[key] = self.clean(finding[key])
            for related in finding["related"]:
                related["message"] = self.clean(related["message"])
        for note in report["incomplete"]:
            note["message"] = self.clean(note["message"])


def _all(inventory: "Inventory") -> Iterator[str]:
    yield from inventory.environment
    for resource in inventory.resources:
        for path in resource.environment:
            value: Any = resource.attributes
            for step in path:
                try:
                    value = value[step]
                except (KeyError, IndexError, TypeError):
                    break
            else:
                yield from texts_in(value)


def texts_in(value: Value) -> Iterator[str]:
    """All texts in a value, without recursion."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield str(item)
        elif isinstance(item, Reference):
            stack.append(item.value)
        elif isinstance(item, Text):
            stack.extend(item.parts)
        elif isinstance(item, Encoded):
            stack.append(item.tree)
            stack.append(item.text)
        elif isinstance(item, Open):
            stack.append(item.items)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
