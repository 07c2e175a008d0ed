"""Whatever a query says, it is answered or refused with a place: nothing else comes out."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.query.insights import QueryError, run_query
from app.query.insights.aggregates import aggregates
from app.query.insights.functions import functions

EVENTS = [
    {"timestamp": 1_704_067_200_000 + n * 1000, "message": m, "logStream": "s", "logGroup": "/g"}
    for n, m in enumerate(
        [
            '{"n": 1, "t": "a", "b": true, "m": 5, "l": [1, "x"], "j": "{\\"k\\": [1, {}]}"}',
            '{"n": 2.5, "t": "10.0.0.1", "b": false, "m": "w", "o": {"k": "v"}, "j": "[1, 2]"}',
            '{"n": -3, "t": "", "m": true, "j": "bad"}',
            "plain 5 text k=v",
        ]
    )
]
TABLES = {"table": [{"k": "a", "v": "1"}, {"k": "1", "v": "2"}]}
NAMES = ["n", "t", "b", "m", "j", "l", "o", "o.k", "@timestamp", "@message", "@logStream", "gone"]
NAMES += ["p", "q", "j1", "j1.k", "e", "`sum(n)`"]
names = st.sampled_from(NAMES)
texts = st.sampled_from(
    ['"a"', "'10'", '"yyyy-MM-dd"', '"%Y"', '"UTC"', '"10.0.0.0/8"', '""', '"["']
)
numbers = st.sampled_from(["0", "1", "-1", "2.5", "1e3", "90"])
periods = st.sampled_from(["5m", "1h", "300s", "1mo", "2w"])
regexes = st.sampled_from(["/a/", "/(?<p>\\d+)/", "/(x)(y)?/", "/^$/", "/[/{]/"])


def _call(draw: st.DrawFn, name: str, deep: int) -> str:
    entry = functions()[name]
    if entry.takes != "values":
        time = [] if entry.takes == "period" else [_expression(draw, deep)]
        return f"{entry.name}({', '.join([*time, draw(periods)])})"
    most = entry.most if entry.most is not None else entry.least + 2
    count = draw(st.integers(entry.least, most if name != "case" else 5))
    given = [
        draw(texts) if position in entry.literals else _expression(draw, deep)
        for position in range(count)
    ]
    return f"{entry.name}({', '.join(given)})"


def _expression(draw: st.DrawFn, deep: int) -> str:
    kind = draw(st.integers(0, 12 if deep else 2))
    if kind <= 2:
        return draw([names, numbers, texts][kind])
    if kind <= 6:
        return _call(draw, draw(st.sampled_from(sorted(functions()))), deep - 1)
    inner = _expression(draw, deep - 1)
    if kind <= 8:
        signs = ["+", "-", "*", "/", "%", "^"] if kind == 7 else ["=", "!=", "<", ">=", "and", "or"]
        return f"({inner} {draw(st.sampled_from(signs))} {_expression(draw, deep - 1)})"
    if kind == 9:
        return f"({inner} {draw(st.sampled_from(['like', 'not like']))} {draw(texts | regexes)})"
    if kind == 10:
        return f"({inner} in [{_expression(draw, deep - 1)}, {draw(numbers)}, {draw(texts)}])"
    if kind == 11:
        return f"(not {inner})"
    return f"-{inner}"


def _aggregate(draw: st.DrawFn) -> str:
    entry = aggregates()[draw(st.sampled_from(sorted(aggregates())))]
    given = []
    for position in range(draw(st.integers(entry.least, entry.most))):
        if position == entry.period:
            given.append(draw(periods))
        elif position in entry.constants:
            given.append(draw(numbers))
        else:
            given.append(_expression(draw, 1))
    call = f"{entry.name}({', '.join(given)})"
    return draw(st.sampled_from([call, f"{call} + 1", f"round({call})"]))


def _command(draw: st.DrawFn, number: int) -> str:
    name, other, deep = draw(names), draw(names), 2
    output = draw(st.sampled_from(["OUTPUT", "OUTPUTNEW"]))
    made = [
        lambda: f"fields {name}, {_expression(draw, deep)} as a{number}",
        lambda: f"fields jsonParse({name}) as j{number}",
        lambda: f"filter {_expression(draw, deep)}",
        lambda: f"display {name}, {other}, {_expression(draw, 1)} as d{number}",
        lambda: f"stats {_aggregate(draw)} as s{number}, {_aggregate(draw)} by {name}",
        lambda: (
            f"stats {_aggregate(draw)} as s{number} by bin({draw(periods)}), {_expression(draw, 1)}"
        ),
        lambda: f"sort {name} {draw(st.sampled_from(['', 'asc', 'desc']))}, {other}",
        lambda: f"limit {draw(st.sampled_from(['1', '3', 'any 2']))}",
        lambda: f'parse {name} "{draw(st.sampled_from(["*", "* *", "**", "a*b", "*:*"]))}" as p, q',
        lambda: f"parse {name} {draw(regexes)} {draw(st.sampled_from(['', 'as p', 'multi']))}",
        lambda: f"parse {name} {draw(st.sampled_from(['logfmt as p', 'csv as p, q']))}",
        lambda: f'json field={name} "k.0.z" as k{number}',
        lambda: f"dedup {name}, {other}",
        lambda: f"unnest {_expression(draw, 1)} into e",
        lambda: f"expand {name}",
        lambda: f"accum {name}",
        lambda: f"autoregress {name} p=1-2",
        lambda: f"filldown {draw(st.sampled_from(['', name, 'n*']))}",
        lambda: f"fillmissing with 0 for s{number}",
        lambda: f"outlier action={draw(st.sampled_from(['remove', 'transform']))} mark=true {name}",
        lambda: f"sessionize {name} maxspan {draw(periods)}",
        lambda: f"addtotals col={draw(st.sampled_from(['true', 'false']))}",
        lambda: f"countFrequent {name}, {other}",
        lambda: f"pattern {name}",
        lambda: "diff",
        lambda: f"lookup table k as {name} {output} v as {other}",
        lambda: f"join type=left left=l right=r where l.{name}=r.n (SOURCE '/g')",
        lambda: "appendcols (SOURCE '/g' | stats count(*) as c by n)",
        lambda: f"filter {name} in (SOURCE '/g' | display {other})",
    ]
    return draw(st.sampled_from(made))()


@st.composite
def queries(draw: st.DrawFn) -> str:
    return " | ".join(_command(draw, n) for n in range(draw(st.integers(1, 4))))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queries())
def test_a_query_is_answered_or_refused(text: str) -> None:
    drawn = "^"
    widths: set[int] = set()
    try:
        result = run_query(text, EVENTS, lookup_tables=TABLES)
    except QueryError as error:
        drawn = error.drawn()
    else:
        widths = {len(row) - len(result.columns) for row in result.rows}
    assert drawn.endswith("^")
    assert widths <= {0}
