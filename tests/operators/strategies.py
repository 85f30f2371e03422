"""Values of the closed union, and what it means to learn more of one."""

from typing import Any

from hypothesis import strategies as st

from compliance_scan.model.value import ABSENT, Encoded, Open, Reference, Text, Unknown, Value

WORDS = [
    "a", "b", "api", "audit", "", "true", "3", "1.2", "16.1", "8.0.35", "latest", "10.0.0.0/8", "0.0.0.0/0", "::/0", "22", "20-25",
    "arn:aws:s3:::b", "alias/aws/s3", "alias/own", "repo/app:1.0", "repo/app@sha256:0", "2026-01-31", "7d", "500m",
    "ELBSecurityPolicy-2016-08", "TLSv1.2", "*", "s3:*", "hunter2hunter2",
]  # fmt: skip

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 70000), st.sampled_from([0.5, 1.0, 2.5]), st.sampled_from(WORDS)
)
KEYS = ["a", "b", "from", "to", "name", "Effect", "Action", "Resource", "Principal", "Statement"]


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4))


plain: st.SearchStrategy[Any] = st.recursive(scalars, _deeper, max_leaves=6)
"""Values that are wholly known."""

unknowns = st.builds(Unknown, st.sampled_from(["computed", "variable_without_value"]), st.just("x"))
parts = st.lists(st.one_of(st.sampled_from([w for w in WORDS if w]), unknowns), min_size=1, max_size=3)
texts = st.builds(lambda p: Text((*p, Unknown("computed", "end"))), parts) | st.builds(
    lambda p: Text((Unknown("computed", "start"), *p)), parts
)
leaves: st.SearchStrategy[Any] = st.one_of(scalars, st.just(ABSENT), unknowns, texts)


def _anything(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    collections = _deeper(inner)
    return st.one_of(
        collections,
        st.builds(Open, collections, unknowns),
        st.builds(lambda tree: Encoded("json", tree), collections),
        st.builds(lambda value: Reference("aws_x.y", "attr", value), inner),
    )


values: st.SearchStrategy[Any] = st.recursive(leaves, _anything, max_leaves=8)
"""Any value of the union."""


def learn(draw: Any, value: Value) -> Value:
    """A value as it may turn out to be: each unknown part replaced by a concrete one."""
    match value:
        case Unknown():
            return draw(plain.filter(lambda v: v is not None) if value.not_null else plain)  # type: ignore[no-any-return]
        case Reference():
            return learn(draw, value.value)
        case Text():
            return "".join(part if isinstance(part, str) else draw(st.sampled_from(WORDS)) for part in value.parts)
        case Encoded():
            return Encoded(value.format, learn(draw, value.tree))
        case Open():
            return _opened(draw, value)
        case list():
            return [learn(draw, item) for item in value]
        case dict():
            return {key: learn(draw, item) for key, item in value.items()}
    return value


def _opened(draw: Any, value: Open) -> Value:
    if isinstance(value.items, list):
        return [*(learn(draw, item) for item in value.items), *draw(st.lists(plain, max_size=2))]
    known = {key: learn(draw, item) for key, item in value.items.items()}
    more: dict[str, Any] = draw(st.dictionaries(st.sampled_from(KEYS), plain, max_size=2))
    return {**more, **known}
