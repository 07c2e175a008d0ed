"""No text breaks the language or what runs it: there is an answer, or a mistake with its place."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings

from app.query.insights import run_query, tree
from app.query.insights.check import check
from app.query.insights.parse import parse
from app.query.insights.printer import printed
from app.query.lang import QueryError
from tests.query.insights import trees

CHUNKS, EACH, RUN = 25, 4_000, 24
"""100,000 texts in all, 600 of which are also run."""

SAMPLES = [
    case["query"]
    for case in map(
        json.loads,
        Path("tests/cases/logs-insights.jsonl").read_text(encoding="utf-8").splitlines(),
    )
]
PIECE = re.compile(r"\s+|[@\w.]+|\"[^\"]*\"|'[^']*'|/[^/|]+/|.", re.DOTALL)
PIECES = sorted({piece for query in SAMPLES for piece in PIECE.findall(query)})
ODD = (
    *('"', "'", "`", "/", "\\", "#", "|", "((((", "))", "[", "]", "{", "}", "@"),
    *("@@", ".", "..", ",", "1e999", "(?i)", "(?<a>", "[[:alpha:]]", "\\p{L}"),
    *("{1000000}", "(a*)*", "*********", "%s", "${x}", "5m", "0s", "99999999y", "mo"),
    *("1.5.2", "0x1", "null", "true", "not", "in", "like", "as", "by", "\0", "\n"),
    *("\u2028", "\ufeff", "\ud800", "é", "💥", "٣", "9" * 40, "-" * 50),
)
REQUEST = "REPORT RequestId: 3604209a-e9a3-11e6-939a-754dd98c7be3\tDuration: 1.5 ms"
LINES = (
    ("/aws/lambda/f", REQUEST),
    ("/app", '{"level": "ERROR", "status": 502, "items": [{"id": 1}], "m": {"k": "v"}}'),
    ("/app", '{"level": 3, "status": "x", "text": "a=1 b=\\"two\\"", "n": -1e300, "ok": true}'),
    ("/vpc", "2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1 2 ACCEPT OK"),
    ("/app", "plain, \u2028 text; 2026-01-01 [INFO] é"),
    ("/app", ""),
)
EVENTS = [
    {"timestamp": 1_700_000_000_000 + 61_000 * n, "message": message, "logGroup": group}
    for n, (group, message) in enumerate(LINES)
]


def texts(seed: int) -> list[str]:
    """Queries with something wrong, pieces of queries in any order, and noise."""
    rng = random.Random(seed)
    makers = (_mutated, _mutated, _shuffled, _noise)
    return [rng.choice(makers)(rng) for _ in range(EACH)]


def _mutated(rng: random.Random) -> str:
    pieces = PIECE.findall(rng.choice(SAMPLES))
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(pieces) + 1)
        what = rng.random()
        if what < 0.3:
            pieces[at : at + 1] = []
        elif what < 0.7:
            pieces[at : at + rng.randrange(2)] = [rng.choice(PIECES)]
        elif what < 0.85:
            pieces[at:at] = [rng.choice(ODD)]
        else:
            pieces[at:at] = PIECE.findall(rng.choice(SAMPLES))[at : at + 6]
    return "".join(pieces)


def _shuffled(rng: random.Random) -> str:
    return " ".join(rng.choices(PIECES, k=rng.randrange(1, 12)))


def _noise(rng: random.Random) -> str:
    some = [chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x2FFF)))) for _ in range(20)]
    return "".join([*some, rng.choice(ODD)])[rng.randrange(20) :]


def sound(text: str) -> bool:
    """Whether a text is a query; otherwise its mistake has a place."""
    try:
        query = parse(text)
        check(query)
    except QueryError as error:
        mistake = error.drawn()
    else:
        assert parse(printed(query)) == query
        return True
    assert mistake.rstrip().endswith("^")
    return False


def run(text: str) -> None:
    """Answers a query; what is wrong with it only then has a place, too."""
    try:
        run_query(text, EVENTS, lookup_tables={"t": [{"k": "v", "c": 1}]})
    except QueryError as error:
        mistake = error.drawn()
    else:
        return
    assert mistake.rstrip().endswith("^")


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_no_text_breaks_anything(seed: int) -> None:
    queries = [text for text in texts(seed) if sound(text)]
    assert len(queries) >= RUN
    for text in queries[:RUN]:
        run(text)


@pytest.mark.parametrize(
    "text",
    [
        "filter a  .1024 = 1",
        "filter a > 1e-05 | stats max(a / 1e5)",
        "fields coalesce(gone, none) as v | display v | sort v asc",
        "fields if(a > 1, gone, none) as v | sort v",
        "filldown `:*`",
        'SOURCE logGroups(namePrefix: ["a\\tb"]) | limit 1',
    ],
)
def test_what_once_broke_something_is_a_query(text: str) -> None:
    assert sound(text)
    if "SOURCE" not in text:
        run(text)


@pytest.mark.parametrize("text", ["limit 1e999", "filter a > 1e9999", "fields a[1e999]"])
def test_a_number_beyond_all_has_its_place(text: str) -> None:
    with pytest.raises(QueryError, match=r"`1e9+` is beyond what a number can hold"):
        parse(text)


def test_every_kind_of_node_is_tried() -> None:
    assert set(trees.COMMANDS) == set(get_args(tree.Command))


@pytest.mark.parametrize("kind", trees.COMMANDS, ids=lambda kind: kind.__name__)
def test_a_printed_command_parses_to_itself(kind: type) -> None:
    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(trees.COMMANDS[kind])
    def holds(command: tree.Command) -> None:
        query = tree.Query(None, (command,))
        assert parse(printed(query)) == query

    holds()


@settings(deadline=None, max_examples=120)
@given(trees.expressions)
def test_a_printed_expression_parses_to_itself(expr: tree.Expr) -> None:
    query = tree.Query(None, (tree.Filter(expr),))
    assert parse(printed(query)) == query


@settings(deadline=None, max_examples=50)
@given(trees.sources)
def test_a_printed_source_parses_to_itself(source: tree.Source) -> None:
    query = tree.Query(source, (tree.Limit(1),))
    assert parse(printed(query)) == query
