"""Printing a tree gives a text of the same tree, and no text breaks the parser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.query.insights.parse import parse
from app.query.insights.printer import printed
from app.query.lang import QueryError

SAMPLES_FILE = Path("tests/cases/logs-insights.jsonl")
SAMPLES = [
    case["query"]
    for case in map(json.loads, SAMPLES_FILE.read_text(encoding="utf-8").splitlines())
    if not case.get("error")
]
WRITTEN = [
    *SAMPLES,
    "fields `a-b`, a.`b c`.0, @@level as @x, f(1)[0].k | display -a ^ -b, (a + 1) * 2",
    'filter a not like /x\\/[/|]/ and not b in ["c", 1.5] or c =~ /(?i)q/ and !ispresent(d)',
    "stats count(*) as n, pct(a, 95) by bin(5m) as t, b offset 30s | sort n desc, t | limit any 5",
    'parse "a * b" as x | parse y /(?<z>.)/ multi | parse logfmt as m | parse q csv as c1, c2',
    'json field=m "a.b" as v | unnest m.l into e | expand items | dedup a, b',
    "lookup t k as f, g OUTPUTNEW c as d | cidrlookup n ip as r OUTPUT z",
    "accum a as b | autoregress a p=1-3 | filldown a cpu* | fillmissing with 0 for n",
    "outlier action=transform param=1.5 a b",
    "sessionize u maxspan 30m as s | addtotals col=true a, b",
    'appendcols max=5 (SOURCE "g" | stats max(a)) | countFrequent a, b',
    "pattern @message | diff previousDay",
    "join type=left left=a right=b where a.k=b.k (SOURCE 'g' | fields k) | unmask m",
    'SOURCE logGroups(namePrefix: ["a", "b"], class: ["STANDARD"]) start=-1d end=now | estimate',
    "logcompare timeshift 1d",
    "fields a | relevantfields b, c where a > 1",
    "filter a > 1e+300 and b < 1e-05 and c = 12E5",
    'SOURCE logGroups(namePrefix: ["a\\tb"]) | appendcols `where`=1 (limit 1)',
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_printed_tree_parses_to_the_same_tree(text: str) -> None:
    tree = parse(text)
    assert parse(printed(tree)) == tree


COMMANDS = ["fields", "filter", "stats", "sort", "limit", "parse", "dedup", "unnest", "join"]
WORDS = ["by", "as", "like", "not", "in", "and", "or", "into", "where", "SOURCE", "bin", "count"]
TERMS = ["a", "@message", "`x y`", "'text'", '"t"', "5", "5m", "1.5", "/re/", "#", "."]
words = st.sampled_from([*COMMANDS, *WORDS, *TERMS, *"()[],|*/=<>+-^%"])


@settings(max_examples=400)
@given(st.lists(words, max_size=25).map(" ".join) | st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError as error:
        drawn = error.drawn()
        tree = None
    else:
        drawn = ""
    assert drawn.endswith("^") if tree is None else parse(printed(tree)) == tree
