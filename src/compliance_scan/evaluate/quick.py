"""The first pass: a rule's condition as nested closures that give a verdict and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

from compliance_scan.evaluate.counting import counted
from compliance_scan.evaluate.run import Leaf, Run, every, item_holds, of_alternatives, some
from compliance_scan.model.logic import Maybe, Tri, tri_all, tri_not
from compliance_scan.model.rule import Condition
from compliance_scan.model.view import Cursor

Judged = Callable[[Cursor], Tri]


def build(condition: Condition, run: Run, parameters: Mapping[str, Any]) -> Judged:
    """A function from an item (at first the judged resource) to the condition's verdict."""
    match condition[0]:
        case "leaf":
            return _leaf(Leaf(condition, run, parameters))
        case "all":
            return _all([build(child, run, parameters) for child in condition[1]])
        case "any":
            return _any([build(child, run, parameters) for child in condition[1]])
        case "not":
            inner = build(condition[1], run, parameters)
            return lambda item: tri_not(inner(item))
        case "each":
            return _each(condition, run, parameters)
        case "count":
            return _count(condition, run, parameters)
    raise ValueError(f"unknown condition {condition[0]}")


def _leaf(leaf: Leaf) -> Judged:
    path, judge, argument, context = leaf.path, leaf.judge, leaf.argument, leaf.run.context
    if leaf.other is not None or path[:1] == ("^",):
        return lambda item: leaf.verdict(leaf.cursor(item), item)

    def judged(item: Cursor) -> Tri:
        cursor = item.get(path) if path else item
        context.cursor = cursor
        verdict = judge(cursor.value, argument, context)
        if verdict.__class__ is Maybe:
            return of_alternatives(verdict, cursor, judge, argument, context)
        return verdict

    return judged


def _all(children: list[Judged]) -> Judged:
    def judged(item: Cursor) -> Tri:
        causes: Tri = True
        for child in children:
            verdict = child(item)
            if verdict is False:
                return False
            if verdict is not True:
                causes = tri_all((causes, verdict))
        return causes

    return judged


def _any(children: list[Judged]) -> Judged:
    def judged(item: Cursor) -> Tri:
        causes: Tri = True
        for child in children:
            verdict = child(item)
            if verdict is True:
                return True
            if isinstance(verdict, Maybe):
                causes = tri_all((causes, verdict))
        return causes if isinstance(causes, Maybe) else False

    return judged


def _maybe_build(condition: Condition | None, run: Run, parameters: Mapping[str, Any]) -> Judged | None:
    return None if condition is None else build(condition, run, parameters)


def _each(condition: Condition, run: Run, parameters: Mapping[str, Any]) -> Judged:
    _kind, quantifier, source, *_rest, empty = condition
    where = _maybe_build(condition[3], run, parameters)
    assertion = _maybe_build(condition[4], run, parameters)
    # One item that holds is enough for `some` and against `none`, one that does not against `every`.
    decisive, decided = quantifier != "every", bool(quantifier == "some")
    needs_one = quantifier == "every" and empty == "fail"

    def judged(item: Cursor) -> Tri:
        found = run.items(source, item)
        contributions: list[Tri] = []
        concerned: list[Tri] = []
        for cursor, present in found.items:
            concerns = True if where is None else where(cursor)
            if needs_one:
                concerned.append(tri_all((present, concerns)))
            holds = True if assertion is None or concerns is False else assertion(cursor)
            if present is not True or concerns is not True:
                holds = item_holds(quantifier, present, concerns, holds)
            if holds is decisive:
                return decided
            contributions.append(holds)
        if quantifier == "every":
            verdict = every(contributions, found.more)
            return verdict if empty != "fail" else tri_all((verdict, some(concerned, found.more)))
        verdict = some(contributions, found.more)
        return tri_not(verdict) if quantifier == "none" else verdict

    return judged


def _count(condition: Condition, run: Run, parameters: Mapping[str, Any]) -> Judged:
    parts = [_maybe_build(part, run, parameters) for part in condition[2:4]]
    return lambda item: counted(condition, run, parameters, item, parts)[0]
