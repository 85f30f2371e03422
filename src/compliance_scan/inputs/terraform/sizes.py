"""How much a value holds, counted with a bound: shared parts count wherever they appear, as they will when written."""

from typing import Any

from compliance_scan.inputs.terraform.values import PLAIN
from compliance_scan.model.value import Encoded, Open, Reference, Text


def outgrows(value: Any, most: int) -> bool:
    """Whether a value has more than `most` items at all depths."""
    if value.__class__ in PLAIN:
        return False
    stack = [value]
    count = 0
    while stack:
        item = stack.pop()
        count += 1
        cls = item.__class__
        if cls in PLAIN:
            continue
        if count > most or len(stack) > most:
            return True
        if cls is Reference:
            stack.append(item.value)
        elif cls is Text:
            stack.extend(item.parts)
        elif cls is Encoded:
            stack.append(item.tree)
        elif cls is list:
            stack.extend(item)
        elif cls is dict:
            stack.extend(item.values())
        elif cls is Open or hasattr(item, "items"):
            stack.append(item.items)
        elif hasattr(item, "value"):
            stack.append(item.value)
    return count > most
