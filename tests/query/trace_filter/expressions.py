"""Expressions of the filter language for property tests: all of them parse."""

from __future__ import annotations

from hypothesis import strategies as st

from app.query.trace_filter import quoted
from app.query.trace_filter.keywords import OPERATORS, Kind, Scope, keywords

texts = st.text(max_size=6).map(quoted)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-5, 1000).map(
    str
)
values = {
    Kind.BOOLEAN: st.sampled_from(["true", "FALSE", '"true"']),
    Kind.NUMBER: numbers,
    Kind.TEXT: texts,
    Kind.GROUP: texts,
}
any_value = st.one_of(*values.values())
PLAIN = [entry.name for entry in keywords().values() if entry.kind is not Kind.GROUP]


def compared(name: str) -> st.SearchStrategy[str]:
    kind = keywords()[name].kind
    operators = st.sampled_from(OPERATORS[kind])
    return st.builds(lambda o, v: f"{name} {o} {v}", operators, values[kind])


def simple(scope: Scope) -> st.SearchStrategy[str]:
    names = [n for n in PLAIN if scope in keywords()[n].scopes]
    annotated = st.builds(lambda key, value: f"annotation[{key}] = {value}", texts, any_value)
    conditions = st.sampled_from(names) | st.sampled_from(names).flatmap(compared)
    return conditions | annotated.filter(lambda text: '[""]' not in text)


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from([" AND ", " or ", " "])
    pairs = st.builds(lambda left, sign, right: f"{left}{sign}{right}", inner, signs, inner)
    return pairs | inner.map(lambda part: f"!({part})") | inner.map(lambda part: f"({part})")


def whole() -> st.SearchStrategy[str]:
    names = st.sampled_from(["web", "api", "carts", "payments"]).map(quoted)
    ids = names.map(lambda name: f"id(name: {name}, type: {name})")
    selectors = names | ids
    in_service, in_edge = (
        st.recursive(simple(scope), joined, max_leaves=3) for scope in (Scope.SERVICE, Scope.EDGE)
    )
    services = st.builds(lambda s, inner: f"service({s}) {{ {inner} }}", selectors, in_service)
    edges = st.builds(
        lambda a, b, inner: f"edge({a}, {b}) {{ {inner} }}", selectors, selectors, in_edge
    )
    return st.recursive(simple(Scope.TRACE) | services | edges, joined, max_leaves=6)


expressions = whole()
