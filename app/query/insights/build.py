"""Turns what lark parsed into the tree, one method a rule of the grammar."""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from lark import Token, Transformer, v_args
from lark.tree import Meta

from app.query.insights import periods, tree
from app.query.insights.tokens import name_of, place_of, regex_of, text_of
from app.query.lang import QueryError, Span

_BACKTICK = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|`""", re.DOTALL)
"""A backtick, or a whole text in quotes, in which backticks stay."""


@v_args(meta=True)
class Builder(Transformer[Token, Any]):
    """One method a rule; lark calls them from the leaves up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.query = text

    def _span(self, meta: Meta) -> Span:
        return Span(getattr(meta, "start_pos", 0), getattr(meta, "end_pos", 0))

    def _period(self, token: Token) -> tree.Period:
        read = periods.read(str(token))
        if read is None:
            raise QueryError(f"`{token}` is no period", self.query, place_of(token))
        return tree.Period(read[0], read[1], span=place_of(token))

    def _number(self, token: Token) -> float:
        number = float(token)
        if isinf(number):
            raise QueryError(
                f"`{token}` is beyond what a number can hold", self.query, place_of(token)
            )
        return number

    # -- expressions ---------------------------------------------------------

    def number(self, meta: Meta, parts: list[Token]) -> tree.Number:
        return tree.Number(self._number(parts[0]), span=self._span(meta))

    def text_(self, meta: Meta, parts: list[Token]) -> tree.Text:
        return tree.Text(text_of(parts[0]), span=self._span(meta))

    def period(self, meta: Meta, parts: list[Token]) -> tree.Period:
        return self._period(parts[0])

    def name(self, meta: Meta, parts: list[Token]) -> tree.Name:
        return name_of(parts[0])

    def call_star(self, meta: Meta, parts: list[Token]) -> tree.Call:
        return tree.Call(str(parts[0]), (), True, span=self._span(meta))

    def call(self, meta: Meta, parts: list[Any]) -> tree.Call:
        arguments = tuple(p for p in parts[1:] if p is not None)
        return tree.Call(str(parts[0]), arguments, False, span=self._span(meta))

    def grouped(self, meta: Meta, parts: list[tree.Expr]) -> tree.Expr:
        return parts[0]

    def index(self, meta: Meta, parts: list[Any]) -> tree.Index:
        position = self._number(parts[1])
        if position != int(position):
            raise QueryError("a position is a whole number", self.query, place_of(parts[1]))
        return tree.Index(parts[0], int(position), span=self._span(meta))

    def member(self, meta: Meta, parts: list[Any]) -> tree.Name | tree.Member:
        base, key = parts[0], str(parts[1])[1:].strip("`")
        if isinstance(base, tree.Name):  # with a space before the dot
            return tree.Name((*base.segments, key), span=self._span(meta))
        return tree.Member(base, key, span=self._span(meta))

    def negative(self, meta: Meta, parts: list[Any]) -> tree.Expr:
        return tree.Unary("-", parts[1], span=self._span(meta))

    def negation(self, meta: Meta, parts: list[Any]) -> tree.Unary:
        return tree.Unary("not", parts[1], span=self._span(meta))

    def chain(self, meta: Meta, parts: list[Any]) -> tree.Expr:
        """``a - b - c``, from the left."""
        found: tree.Expr = parts[0]
        for sign, right in zip(parts[1::2], parts[2::2], strict=True):
            span = Span(found.span.start, right.span.end)
            found = tree.Binary(str(sign), found, right, span=span)
        return found

    def any_of(self, meta: Meta, parts: list[tree.Expr]) -> tree.Expr:
        return _balanced("or", parts)

    def all_of(self, meta: Meta, parts: list[tree.Expr]) -> tree.Expr:
        return _balanced("and", parts)

    def compare(self, meta: Meta, parts: list[Any]) -> tree.Binary:
        sign = "=" if parts[1] == "==" else str(parts[1])
        return tree.Binary(sign, parts[0], parts[2], span=self._span(meta))

    def like_text(self, meta: Meta, parts: list[Any]) -> tree.Like:
        return tree.Like(parts[0], text_of(parts[-1]), False, False, span=self._span(meta))

    def not_like_text(self, meta: Meta, parts: list[Any]) -> tree.Like:
        return tree.Like(parts[0], text_of(parts[-1]), False, True, span=self._span(meta))

    def like_regex(self, meta: Meta, parts: list[Any]) -> tree.Like:
        return tree.Like(parts[0], regex_of(parts[-1]), True, False, span=self._span(meta))

    def not_like_regex(self, meta: Meta, parts: list[Any]) -> tree.Like:
        return tree.Like(parts[0], regex_of(parts[-1]), True, True, span=self._span(meta))

    def _in(self, meta: Meta, parts: list[Any], negated: bool) -> tree.In:
        items = tuple(p for p in parts[1:] if p is not None and not isinstance(p, Token))
        return tree.In(parts[0], items, negated, span=self._span(meta))

    def in_list(self, meta: Meta, parts: list[Any]) -> tree.In:
        return self._in(meta, parts, False)

    def not_in_list(self, meta: Meta, parts: list[Any]) -> tree.In:
        return self._in(meta, parts, True)

    def in_query(self, meta: Meta, parts: list[Any]) -> tree.InQuery:
        return tree.InQuery(parts[0], parts[-1], False, span=self._span(meta))

    def not_in_query(self, meta: Meta, parts: list[Any]) -> tree.InQuery:
        return tree.InQuery(parts[0], parts[-1], True, span=self._span(meta))

    # -- pieces of commands ----------------------------------------------------

    def items(self, meta: Meta, parts: list[tree.Item]) -> tuple[tree.Item, ...]:
        return tuple(parts)

    def item(self, meta: Meta, parts: list[Any]) -> tree.Item:
        expr = parts[0]
        alias = name_of(parts[2]).text if parts[1] is not None else None
        span = self._span(meta)
        end = parts[1].start_pos if parts[1] is not None else span.end
        written = _BACKTICK.sub(r"\1", self.query[span.start : end].strip())
        return tree.Item(expr, alias, written, span=span)

    def names(self, meta: Meta, parts: list[Token]) -> tuple[tree.Name, ...]:
        return tuple(map(name_of, parts))

    def sort_key(self, meta: Meta, parts: list[Any]) -> tree.SortKey:
        descending = parts[1] is not None and parts[1].lower() == "desc"
        return tree.SortKey(name_of(parts[0]), descending)

    def pairs(self, meta: Meta, parts: list[tree.Pair]) -> tuple[tree.Pair, ...]:
        return tuple(parts)

    def pair(self, meta: Meta, parts: list[Any]) -> tree.Pair:
        return tree.Pair(name_of(parts[0]), name_of(parts[2]) if parts[1] is not None else None)

    def output(self, meta: Meta, parts: list[Any]) -> tuple[bool, tuple[tree.Pair, ...]]:
        return parts[0].lower() == "outputnew", tuple(parts[1:])

    def lags(self, meta: Meta, parts: list[Any]) -> tuple[int, int]:
        first = int(self._number(parts[0]))
        return first, int(self._number(parts[1])) if parts[1] is not None else first

    def pattern_name(self, meta: Meta, parts: list[Token]) -> str:
        return str(parts[0]) if parts[0].type == "WILD" else name_of(parts[0]).text

    def fill(self, meta: Meta, parts: list[Any]) -> tuple[float | str | None, tree.Name]:
        value = parts[1]
        read = text_of(value) if value.type == "STRING" else self._number(value)
        return read, name_of(parts[3])

    def fill_name(self, meta: Meta, parts: list[Any]) -> tuple[float | str | None, tree.Name]:
        return None, name_of(parts[0])

    def option(self, meta: Meta, parts: list[Token]) -> tree.Option:
        value = text_of(parts[1]) if parts[1].type == "STRING" else str(parts[1])
        return tree.Option(name_of(parts[0]).text.lower(), value, span=self._span(meta))

    # -- commands ------------------------------------------------------------------

    def start(self, meta: Meta, parts: list[Any]) -> tree.Query:
        source, *commands = parts
        return tree.Query(source, tuple(commands), self.query)

    def only_source(self, meta: Meta, parts: list[Any]) -> tree.Query:
        return tree.Query(parts[0], (), self.query)

    subquery = start

    def fields(self, meta: Meta, parts: list[Any]) -> tree.Fields:
        return tree.Fields(parts[1], span=self._span(meta))

    def display(self, meta: Meta, parts: list[Any]) -> tree.Display:
        return tree.Display(parts[1], span=self._span(meta))

    def filter(self, meta: Meta, parts: list[Any]) -> tree.Filter:
        return tree.Filter(parts[1], False, span=self._span(meta))

    def filter_index(self, meta: Meta, parts: list[Any]) -> tree.Filter:
        return tree.Filter(parts[1], True, span=self._span(meta))

    def stats(self, meta: Meta, parts: list[Any]) -> tree.Stats:
        offset = self._period(parts[5]) if parts[4] is not None else None
        return tree.Stats(parts[1], parts[3] or (), offset, span=self._span(meta))

    def sort(self, meta: Meta, parts: list[Any]) -> tree.Sort:
        return tree.Sort(tuple(parts[2:]), span=self._span(meta))

    def limit(self, meta: Meta, parts: list[Any]) -> tree.Limit:
        count = self._number(parts[2])
        if count != int(count):
            raise QueryError("`limit` takes a whole number", self.query, place_of(parts[2]))
        return tree.Limit(int(count), parts[1] is not None, span=self._span(meta))

    def parse_glob(self, meta: Meta, parts: list[Any]) -> tree.ParseGlob:
        return tree.ParseGlob(_source(parts[1]), text_of(parts[2]), parts[4], span=self._span(meta))

    def parse_regex(self, meta: Meta, parts: list[Any]) -> tree.ParseRegex:
        return tree.ParseRegex(
            _source(parts[1]),
            regex_of(parts[2]),
            parts[4] or (),
            parts[5] is not None,
            span=self._span(meta),
        )

    def parse_logfmt(self, meta: Meta, parts: list[Any]) -> tree.ParseLogfmt:
        return tree.ParseLogfmt(_source(parts[1]), name_of(parts[4]), span=self._span(meta))

    def parse_csv(self, meta: Meta, parts: list[Any]) -> tree.ParseCsv:
        return tree.ParseCsv(_source(parts[1]), parts[4], span=self._span(meta))

    def parse_json(self, meta: Meta, parts: list[Any]) -> tree.ParseJson:
        source, path, into = name_of(parts[2]), text_of(parts[3]), name_of(parts[5])
        return tree.ParseJson(source, path, into, span=self._span(meta))

    def dedup(self, meta: Meta, parts: list[Any]) -> tree.Dedup:
        return tree.Dedup(parts[1], span=self._span(meta))

    def unnest(self, meta: Meta, parts: list[Any]) -> tree.Unnest:
        return tree.Unnest(parts[1], name_of(parts[3]), False, span=self._span(meta))

    def expand(self, meta: Meta, parts: list[Any]) -> tree.Unnest:
        name = name_of(parts[1])
        return tree.Unnest(name, name, True, span=self._span(meta))

    def lookup(self, meta: Meta, parts: list[Any]) -> tree.Lookup:
        only_new, outputs = parts[3]
        return tree.Lookup(
            name_of(parts[1]), parts[2], outputs, only_new, False, span=self._span(meta)
        )

    def cidrlookup(self, meta: Meta, parts: list[Any]) -> tree.Lookup:
        only_new, outputs = parts[3]
        return tree.Lookup(
            name_of(parts[1]), (parts[2],), outputs, only_new, True, span=self._span(meta)
        )

    def accum(self, meta: Meta, parts: list[Any]) -> tree.Accum:
        into = name_of(parts[3]) if parts[2] is not None else None
        return tree.Accum(name_of(parts[1]), into, span=self._span(meta))

    def autoregress(self, meta: Meta, parts: list[Any]) -> tree.Autoregress:
        into = name_of(parts[3]) if parts[2] is not None else None
        first, last = parts[5] if parts[4] is not None else (1, 1)
        return tree.Autoregress(name_of(parts[1]), into, first, last, span=self._span(meta))

    def filldown(self, meta: Meta, parts: list[Any]) -> tree.Filldown:
        return tree.Filldown(tuple(parts[1:]), span=self._span(meta))

    def fillmissing(self, meta: Meta, parts: list[Any]) -> tree.Fillmissing:
        return tree.Fillmissing(tuple(p for p in parts[1:] if p), span=self._span(meta))

    def outlier(self, meta: Meta, parts: list[Any]) -> tree.Outlier:
        options = tuple(p for p in parts[1:] if isinstance(p, tree.Option))
        names = tuple(name_of(p) for p in parts[1:] if isinstance(p, Token))
        return tree.Outlier(options, names, span=self._span(meta))

    def sessionize(self, meta: Meta, parts: list[Any]) -> tree.Sessionize:
        maxspan = self._period(parts[3]) if parts[2] is not None else None
        into = name_of(parts[5]) if parts[4] is not None else None
        return tree.Sessionize(parts[1], maxspan, into, span=self._span(meta))

    def addtotals(self, meta: Meta, parts: list[Any]) -> tree.Addtotals:
        options = tuple(p for p in parts[1:] if isinstance(p, tree.Option))
        return tree.Addtotals(options, parts[-1] or (), span=self._span(meta))

    def appendcols(self, meta: Meta, parts: list[Any]) -> tree.Appendcols:
        return tree.Appendcols(tuple(parts[1:-1]), parts[-1], span=self._span(meta))

    def count_frequent(self, meta: Meta, parts: list[Any]) -> tree.CountFrequent:
        return tree.CountFrequent(parts[1], span=self._span(meta))

    def pattern(self, meta: Meta, parts: list[Any]) -> tree.Pattern:
        return tree.Pattern(name_of(parts[1]), span=self._span(meta))

    def diff(self, meta: Meta, parts: list[Any]) -> tree.Diff:
        return tree.Diff(str(parts[1] or ""), span=self._span(meta))

    def anomaly(self, meta: Meta, parts: list[Any]) -> tree.Anomaly:
        return tree.Anomaly(span=self._span(meta))

    def relevantfields(self, meta: Meta, parts: list[Any]) -> tree.Relevantfields:
        return tree.Relevantfields(parts[1] or (), parts[3], span=self._span(meta))

    def logcompare(self, meta: Meta, parts: list[Any]) -> tree.Logcompare:
        return tree.Logcompare(self._period(parts[-1]), span=self._span(meta))

    def unmask(self, meta: Meta, parts: list[Any]) -> tree.Unmask:
        return tree.Unmask(parts[1], span=self._span(meta))

    def estimate(self, meta: Meta, parts: list[Any]) -> tree.Estimate:
        return tree.Estimate(span=self._span(meta))

    def join(self, meta: Meta, parts: list[Any]) -> tree.Join:
        *_, left, right, query = parts
        options = tuple(p for p in parts if isinstance(p, tree.Option))
        return tree.Join(options, name_of(left), name_of(right), query, span=self._span(meta))

    # -- sources ---------------------------------------------------------------------

    def source_name(self, meta: Meta, parts: list[Any]) -> tree.Source:
        token = parts[1]
        name = text_of(token) if token.type == "STRING" else name_of(token).text
        return tree.Source(name, (), parts[2] or (), span=self._span(meta))

    def source_selectors(self, meta: Meta, parts: list[Any]) -> tree.Source:
        selectors = tuple(p for p in parts if isinstance(p, tree.Selector))
        return tree.Source(None, selectors, parts[-1] or (), span=self._span(meta))

    def selector(self, meta: Meta, parts: list[Any]) -> tree.Selector:
        arguments = tuple(part for part in parts[1:] if part is not None)
        return tree.Selector(str(parts[0]), arguments, span=self._span(meta))

    def selector_arg(self, meta: Meta, parts: list[Any]) -> tuple[str, tree.Json]:
        return str(parts[0] or ""), parts[1]

    def json_list(self, meta: Meta, parts: list[Any]) -> tree.Json:
        return [p for p in parts if p is not None]

    def json_map(self, meta: Meta, parts: list[Any]) -> tree.Json:
        return dict(p for p in parts if p is not None)

    def json_pair(self, meta: Meta, parts: list[Any]) -> tuple[str, tree.Json]:
        return text_of(parts[0]), parts[1]

    def json_text(self, meta: Meta, parts: list[Any]) -> tree.Json:
        return text_of(parts[0])

    def window(self, meta: Meta, parts: list[Any]) -> tuple[tuple[str, str], ...]:
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return tuple((str(name).lower(), str(value)) for name, value in pairs)

    def window_value(self, meta: Meta, parts: list[Any]) -> str:
        span = self._span(meta)
        return self.query[span.start : span.end]


def _balanced(operator: str, parts: list[tree.Expr]) -> tree.Expr:
    """Hundreds of conditions in a row make a low tree, not a deep one."""
    if len(parts) == 1:
        return parts[0]
    middle = (len(parts) + 1) // 2
    left, right = _balanced(operator, parts[:middle]), _balanced(operator, parts[middle:])
    return tree.Binary(operator, left, right, span=Span(left.span.start, right.span.end))


def _source(token: Token | None) -> tree.Name | None:
    return None if token is None else name_of(token)
