"""Text to tree, by the grammar beside this file; and back."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, Tree
from lark.exceptions import UnexpectedInput, VisitError

from app.query.lang import QueryError, Span, did_you_mean, syntax_error
from app.query.metrics_sql.tree import Condition, Key, KeyKind, Query, Statistic

_WORDS = {
    "SELECT": "`SELECT`",
    "FUNCTION": "AVG, COUNT, MAX, MIN or SUM",
    "FROM": "`FROM`",
    "WHERE": "`WHERE`",
    "AND": "`AND`",
    "GROUP": "`GROUP BY`",
    "BY": "`BY`",
    "ORDER": "`ORDER BY`",
    "LIMIT": "`LIMIT`",
    "NAME": "a name",
    "QUOTED": "a name in double quotes",
    "STRING": "a value in single quotes",
    "EQUALS": "`=` or `!=`",
    "INTEGER": "a whole number",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "$END": "the end",
}


def parse(text: str) -> Query:
    """The tree of a query; raises QueryError with the place of the mistake."""
    try:
        parsed: Tree[Token] = _parser().parse(text)
    except UnexpectedInput as error:
        raise _told(syntax_error(error, text, _WORDS), text) from None
    try:
        query: Query = _Builder(text).transform(parsed)
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    return query


def _told(error: QueryError, text: str) -> QueryError:
    """The mistake with what to do about it, where that is known."""
    place = text[error.span.start :]
    word = re.match(r"\w+|\S?", place)
    found = word[0].upper() if word else ""
    hint = _HINTS.get(found, "")
    if not hint and len(found) > 1:
        hint = did_you_mean(found, [w for w in _KEYWORDS if w in error.message])
    return QueryError(error.message + hint, text, error.span) if hint else error


_KEYWORDS: tuple[str, ...] = ("SELECT", "FROM", "WHERE", "AND", "GROUP", "ORDER", "LIMIT", "BY")
_KEYWORDS += ("AVG", "COUNT", "MAX", "MIN", "SUM")
_HINTS = {
    "OR": "; conditions are joined by AND only",
    "IN": "; a condition is `=` or `!=`, one value each",
    ">": "; a condition is `=` or `!=`",
    "<": "; a condition is `=` or `!=`",
    "LIKE": "; a condition is `=` or `!=`",
    "IS": "; a metric without the key satisfies `!=` and never `=`",
    "HAVING": "; there is no HAVING, sort with ORDER BY and cut with LIMIT",
    "*": "; name the metric to count",
    ";": "; a query ends without it",
    "/": "; put a name with other characters than letters, digits and _ in double quotes",
    "-": "; put a name with other characters than letters, digits and _ in double quotes",
    ",": "; one function and one metric to a query",
    '"': "; values stand in single quotes",
}


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="query", maybe_placeholders=True)


@cache
def reserved() -> frozenset[str]:
    """Words that need double quotes as names, in upper case."""
    words = Path(__file__).with_name("reserved.txt").read_text(encoding="utf-8").split()
    return frozenset(words)


def _unquoted(token: Token) -> str:
    return re.sub(r"\\([\\\"'])", r"\1", str(token)[1:-1])


class _Builder(Transformer[Token, Any]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def _name(self, token: Token) -> str:
        if token.type == "QUOTED":
            return _unquoted(token)
        if token.upper() in reserved():
            start = token.start_pos or 0
            raise QueryError(
                f"Reserved keyword '{token}' must be surrounded by double quotes",
                self._text,
                Span(start, start + len(token)),
            )
        return str(token)

    def name(self, parts: list[Token]) -> str:
        return self._name(parts[0])

    def part(self, parts: list[Token]) -> Token:
        return parts[0]

    def key(self, parts: list[Token | None]) -> Key:
        first, second = parts
        assert first is not None  # noqa: S101 - by the grammar
        if second is None:
            return _key_of(self._name(first), first)
        if first == "tag":
            written = _unquoted(second) if second.type == "QUOTED" else str(second)
            return Key(KeyKind.TAG, written)
        if (first, second) == ("AWS", "AccountId"):
            return Key(KeyKind.ACCOUNT)
        start = first.start_pos or 0
        end = (second.end_pos or start) if second.end_pos else start + 1
        raise QueryError(
            "only tag.NAME and AWS.AccountId have a dot; put other names in double quotes",
            self._text,
            Span(start, end),
        )

    def namespace(self, parts: list[str]) -> tuple[str, frozenset[str] | None]:
        return parts[0], None

    def schema(self, parts: list[Any]) -> tuple[str, frozenset[str] | None]:
        _, namespace, *keys = parts
        if any(key.kind is not KeyKind.DIMENSION for key in keys):
            whole = Span(0, len(self._text))
            raise QueryError("SCHEMA lists names of dimensions only", self._text, whole)
        return namespace, frozenset(key.name for key in keys)

    def text(self, parts: list[Token]) -> str:
        return str(parts[0])[1:-1].replace("\\'", "'")

    def current_account(self, parts: list[Token]) -> None:
        return None

    def condition(self, parts: list[Any]) -> Condition:
        key, sign, value = parts
        return Condition(key, sign == "!=", value)

    def where(self, parts: list[Any]) -> tuple[Condition, ...]:
        conditions = tuple(part for part in parts if isinstance(part, Condition))
        for condition in conditions:
            if condition.value is None and condition.key.kind is not KeyKind.ACCOUNT:
                raise QueryError(
                    "CURRENT_ACCOUNT_ID() goes with AWS.AccountId only",
                    self._text,
                    Span(0, len(self._text)),
                )
        return conditions

    def group(self, parts: list[Any]) -> tuple[Key, ...]:
        return tuple(part for part in parts if isinstance(part, Key))

    def order(self, parts: list[Any]) -> tuple[Statistic, bool]:
        _, _, function, direction = parts
        return Statistic(function.upper()), direction is not None and direction.upper() == "DESC"

    def limit(self, parts: list[Token]) -> int:
        count = int(parts[1])
        if count < 1:
            start = parts[1].start_pos or 0
            raise QueryError("LIMIT is at least 1", self._text, Span(start, start + len(parts[1])))
        return count

    def query(self, parts: list[Any]) -> Query:
        _, function, metric, _, (namespace, schema), where, group, order, limit = parts
        statistic = Statistic(function.upper())
        return Query(statistic, metric, namespace, schema, where or (), group or (), order, limit)


def _key_of(name: str, token: Token) -> Key:
    if token.type == "QUOTED" and name.startswith("tag."):
        return Key(KeyKind.TAG, name.removeprefix("tag."))
    if name == "AWS.AccountId":
        return Key(KeyKind.ACCOUNT)
    return Key(KeyKind.DIMENSION, name)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _printed_key(key: Key) -> str:
    if key.kind is KeyKind.ACCOUNT:
        return "AWS.AccountId"
    return f"tag.{_quoted(key.name)}" if key.kind is KeyKind.TAG else _quoted(key.name)


def _printed_condition(condition: Condition) -> str:
    sign = "!=" if condition.negated else "="
    value = "CURRENT_ACCOUNT_ID()"
    if condition.value is not None:
        value = "'" + condition.value.replace("'", "\\'") + "'"
    return f"{_printed_key(condition.key)} {sign} {value}"


def printed(query: Query) -> str:
    """Text that parses to an equal tree; every name stands in double quotes."""
    source = _quoted(query.namespace)
    if query.schema is not None:
        source = f"SCHEMA({', '.join([source, *map(_quoted, sorted(query.schema))])})"
    parts = [f"SELECT {query.statistic}({_quoted(query.metric)})", f"FROM {source}"]
    if query.where:
        parts.append("WHERE " + " AND ".join(map(_printed_condition, query.where)))
    if query.group:
        parts.append("GROUP BY " + ", ".join(map(_printed_key, query.group)))
    if query.order:
        parts.append(f"ORDER BY {query.order[0]}() {'DESC' if query.order[1] else 'ASC'}")
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    return " ".join(parts)
