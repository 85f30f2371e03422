"""The quick pass and the tracing one give the same verdicts, `not` is dual, and what is learned flips nothing."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_scan.evaluate.deciding import deciding
from compliance_scan.evaluate.quick import build
from compliance_scan.evaluate.run import Run
from compliance_scan.evaluate.trace import trace
from compliance_scan.model.logic import Maybe, tri_not
from compliance_scan.model.value import Open, Unknown
from tests.evaluate.fake import FakeWorld, resource

leaves = st.builds(
    lambda path, value: ("leaf", [path], "equals", value, False),
    st.sampled_from("ab"),
    st.sampled_from([True, False, None]),
)
sources = st.sampled_from([("path", ["items"]), ("path", ["^", "items"]), ("path", ["inner"])])


def _conditions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maybe = st.none() | inner
    return st.one_of(
        st.builds(lambda word, c: (word, c), st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda c: ("not", c), inner),
        st.builds(lambda s, w, a, e: ("each", "every", s, w, a, e), sources, maybe, inner, st.sampled_from(["pass", "fail"])),
        st.builds(lambda k, s, w, a: ("each", k, s, w, a, None), st.sampled_from(["some", "none"]), sources, maybe, maybe),
        st.builds(
            lambda s, w, d, n: ("count", s, w, None, d, "at_least", n, False),
            sources, maybe, st.none() | st.just(["a"]), st.integers(0, 3),
        ),
    )  # fmt: skip


conditions: st.SearchStrategy[Any] = st.recursive(leaves, _conditions, max_leaves=6)
flags: st.SearchStrategy[Any] = st.sampled_from([True, False, None]) | st.builds(
    Unknown, st.just("computed"), st.just(""), st.just(""), st.booleans(), st.sampled_from(["", "s"])
)


def _listed(item: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    closed = st.lists(item, max_size=3)
    return closed | st.builds(lambda listed: Open(listed, Unknown("computed")), closed)


inner_items = st.fixed_dictionaries({"a": flags}, optional={"b": flags})
items = st.fixed_dictionaries(
    {"a": flags}, optional={"b": flags, "inner": _listed(inner_items), "__maybe__": st.just(Unknown("computed"))}
)
worlds = st.fixed_dictionaries(
    {"a": flags, "items": _listed(items)}, optional={"b": flags, "inner": _listed(inner_items)}
)


@settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conditions, worlds)
def test_both_passes_agree_and_not_is_dual(condition: Any, attributes: dict[str, Any]) -> None:
    world = FakeWorld([resource(**attributes)])
    run = Run(world)
    run.root = subject = world.subjects(["aws_x"])[0]
    quick = build(condition, run, {})(subject)
    node = trace(condition, subject, run, {})
    assert node.verdict == quick
    assert build(("not", condition), run, {})(subject) == tri_not(quick)
    deciders = deciding(node)
    assert deciders
    if isinstance(quick, bool):
        return
    assert all(isinstance(decider.node.verdict, Maybe) for decider in deciders)


def _learn(draw: Any, value: Any) -> Any:
    if isinstance(value, Unknown):
        return draw(st.sampled_from([True, False] if value.not_null else [True, False, None]))
    if isinstance(value, Open):
        assert isinstance(value.items, list)
        return [
            *(_learn(draw, item) for item in value.items),
            *draw(st.lists(st.fixed_dictionaries({"a": st.booleans()}), max_size=2)),
        ]
    if isinstance(value, list):
        return [_learn(draw, item) for item in value if "__maybe__" not in item or draw(st.booleans())]
    if isinstance(value, dict):
        return {key: _learn(draw, item) for key, item in value.items() if key != "__maybe__"}
    return value


@settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conditions, worlds, st.data())
def test_learning_more_never_flips_a_condition(condition: Any, attributes: dict[str, Any], data: st.DataObject) -> None:
    def verdict(of: dict[str, Any]) -> Any:
        world = FakeWorld([resource(**of)])
        run = Run(world)
        run.root = subject = world.subjects(["aws_x"])[0]
        return build(condition, run, {})(subject)

    before = verdict(attributes)
    if isinstance(before, bool):
        after = verdict(_learn(data.draw, attributes))
        assert after is before
