"""Describing calls that take many items at once: one call for a chunk of items, and each its own part of the answer."""

import json
from typing import Any

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.calls import Calls
from compliance_scan.inputs.aws.collector import Describe
from compliance_scan.inputs.aws.gather import Answer, Asked, Plan


class Batches:
    """A caller for the items of one chunk: what goes in batches was asked already, the rest it asks."""

    def __init__(self, calls: Calls, plan: Plan, chunk: list[dict[str, Any]], region: str) -> None:
        self._calls = calls
        self._answers: dict[tuple[str, str], Answer] = {}
        for describe in plan.calls:
            if describe.batch and not describe.needs() & set(plan.collector.describes) and describe.when is None:
                self._ask(describe, chunk, region)

    def _ask(self, describe: Describe, chunk: list[dict[str, Any]], region: str) -> None:
        """One call for items whose other arguments are the same. Where it fails, each item asks by itself: one that
        vanished since it was listed must not hide the others."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for context in chunk:
            arguments = describe.arguments(context)
            others = {name: value for name, value in arguments.items() if name != describe.batch}
            groups.setdefault(json.dumps(others, sort_keys=True, default=str), []).append(arguments)
        for group in groups.values():
            names = [name for arguments in group for name in arguments.get(describe.batch) or ()]
            together = {**group[0], describe.batch: list(dict.fromkeys(names))}
            asked = Asked(describe.service, describe.call, describe.region or region, together, describe.page)
            answer = self._calls.ask(asked, f"{len(names)} items", uses=1, tentative=len(group) > 1)
            if not isinstance(answer, Failure):
                for arguments in group:
                    self._answers[describe.name, _key(arguments)] = answer

    def describe(self, asked: Asked, describe: Describe, who: str) -> "Answer | Failure":
        """The answer to a describing call."""
        found = self._answers.get((describe.name, _key(asked.arguments))) if describe.batch else None
        return found if found is not None else self._calls.describe(asked, describe, who)


def _key(arguments: Any) -> str:
    return json.dumps(arguments, sort_keys=True, default=str)
