"""Parameters' values into a condition's arguments."""

from collections.abc import Mapping
from typing import Any

from compliance_scan.model.rule import PARAMETER, Rule


def bound(argument: Any, parameters: Mapping[str, Any]) -> Any:
    """An argument with every `param.x` in it replaced by its value."""
    if isinstance(argument, str):
        return parameters[argument[len(PARAMETER) :]] if argument.startswith(PARAMETER) else argument
    if isinstance(argument, list):
        return [bound(item, parameters) for item in argument]
    if isinstance(argument, dict):
        return {key: bound(item, parameters) for key, item in argument.items()}
    return argument


def argument_problem(rule: Rule, parameters: Mapping[str, Any]) -> str:
    """What is wrong with an operator's argument under these values, else empty."""
    from compliance_scan.ruleset.lookup import OPERATORS

    if None in parameters.values():
        return ""
    stack: list[Any] = [rule.when, rule.assertion]
    while stack:
        condition = stack.pop()
        if condition is None:
            continue
        match condition[0]:
            case "all" | "any":
                stack.extend(condition[1])
            case "not":
                stack.append(condition[1])
            case "each":
                stack.extend(condition[3:5])
            case "leaf" | "count":
                name, argument, dynamic = condition[-3:]
                if condition[0] == "count":
                    stack.extend(condition[2:4])
                if dynamic and not (isinstance(argument, dict) and "value_of" in argument):
                    problem = OPERATORS.problem(name, bound(argument, parameters))
                    if problem:
                        return f"`{name}`: {problem}"
    return ""
