"""SEARCH: which metrics an expression finds, and how words are matched.

Source: Amazon CloudWatch User Guide, "CloudWatch search expression syntax";
where the service was seen to do otherwise, the service wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.query.lang import QueryError, Span
from app.query.metric_math import tree
from app.query.metric_math.parse import parse

LONGEST = 1024
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SCHEMA_NAME = re.compile(r"[A-Za-z0-9_\-/.]+")
_BARE = re.compile(r"[^\s()\"=]+")
_ACCOUNT, _LOCAL = ":aws.AccountId", "LOCAL"
_OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that may be found; ``account`` is empty for those of one's own account."""

    id: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    account: str = ""


Test = Callable[[Metric], bool]


def tokens(text: str) -> set[str]:
    """Tokens of a text in lower case, and the whole text without delimiters."""
    parts = [part.lower() for part in _TOKEN.findall(text)]
    return {*parts, "".join(parts)} - {""}


def parts_of(text: str) -> list[str]:
    """The tokens of a text in their order."""
    return [part.lower() for part in _TOKEN.findall(text)]


def word_matches(word: str, text: str) -> bool:
    """Whether a word of a search finds a text.

    Its tokens stand in the text one after the other; or a word of one token is the
    whole text without delimiters; or, for a word in lower case, some tokens of the
    text make up the word when joined.
    """
    wanted, given = parts_of(word), parts_of(text)
    if not wanted:
        return False
    if wanted == ["".join(given)]:
        return True
    runs = range(len(given) - len(wanted) + 1)
    if any(given[at : at + len(wanted)] == wanted for at in runs):
        return True
    joined = "".join(wanted)
    if word != word.lower():
        return False
    starts = range(len(given))
    return any(
        "".join(given[start:end]) == joined
        for start in starts
        for end in range(start + 1, len(given) + 1)
    )


def find(text: str, metrics: Iterable[Metric]) -> list[Metric]:
    """The metrics that a search string finds; raises QueryError for a broken one."""
    test = _Parser(text).parse()
    return [metric for metric in metrics if test(metric)]


def labelled(found: Sequence[Metric]) -> list[tuple[str, Metric]]:
    """Metrics with their labels, by label: only what differs among them."""
    names = {metric.metric for metric in found}
    keys = sorted({key for metric in found for key in metric.dimensions})
    differing = [k for k in keys if len({m.dimensions.get(k) for m in found}) > 1]

    def label(metric: Metric) -> str:
        words = [metric.dimensions[key] for key in differing if key in metric.dimensions]
        if len(names) > 1:
            words.append(metric.metric)
        return " ".join(words) or metric.metric

    return sorted(((label(metric), metric) for metric in found), key=lambda pair: pair[0])


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def _error(self, message: str) -> QueryError:
        return QueryError(message, self._text, Span(self._at, self._at + 1))

    def parse(self) -> Test:
        if len(self._text) > LONGEST:
            raise self._error(f"a search has at most {LONGEST:,} characters")
        self._blanks()
        schema = self._schema() if self._peek() == "{" else None
        self._blanks()
        if schema is not None and self._took(","):
            self._blanks()
        terms = self._either() if self._at < len(self._text) else None
        self._blanks()
        if self._at < len(self._text):
            raise self._error(f"unexpected `{self._peek()}`")
        tests = [test for test in (schema, terms) if test is not None]
        return lambda metric: all(test(metric) for test in tests)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _blanks(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _took(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _keyword(self, word: str) -> bool:
        self._blanks()
        match = re.compile(rf"{word}(?=[\s()\"]|$)").match(self._text, self._at)
        if match is None:
            return False
        self._at = match.end()
        return True

    def _schema(self) -> Test:
        self._took("{")
        names = [self._schema_name()]
        while self._took(","):
            names.append(self._schema_name())
        if not self._took("}"):
            raise self._error("the closing } of the schema is missing")
        namespace, *keys = names
        wanted = set(keys)
        return lambda metric: metric.namespace == namespace and set(metric.dimensions) == wanted

    def _schema_name(self) -> str:
        self._blanks()
        if self._peek() == '"':
            name = self._quoted()
        else:
            match = _SCHEMA_NAME.match(self._text, self._at)
            if match is None:
                raise self._error("expected a name; put anything unusual in double quotes")
            name, self._at = match[0], match.end()
        self._blanks()
        return name

    def _quoted(self) -> str:
        self._at += 1
        out: list[str] = []
        while self._at < len(self._text):
            char = self._peek()
            self._at += 1
            if char == "\\" and self._at < len(self._text):
                out.append(self._peek())
                self._at += 1
            elif char == '"':
                return "".join(out)
            else:
                out.append(char)
        raise self._error('the closing " is missing')

    def _either(self) -> Test:
        tests = [self._all()]
        while self._keyword("OR"):
            tests.append(self._all())
        return lambda metric: any(test(metric) for test in tests)

    def _all(self) -> Test:
        tests = [self._negated()]
        while True:
            explicit = self._keyword("AND")
            self._blanks()
            if not explicit and (self._peek() in ("", ")") or self._ahead("OR")):
                break
            tests.append(self._negated())
        return lambda metric: all(test(metric) for test in tests)

    def _ahead(self, word: str) -> bool:
        at = self._at
        found = self._keyword(word)
        self._at = at
        return found

    def _negated(self) -> Test:
        if self._keyword("NOT"):
            inner = self._negated()
            return lambda metric: not inner(metric)
        self._blanks()
        if not self._took("("):
            return self._term()
        inner = self._either()
        self._blanks()
        if not self._took(")"):
            raise self._error("the closing ) is missing")
        return inner

    def _term(self) -> Test:
        if self._peek() == '"':
            exact = self._quoted()
            return self._value(exact) if self._equals() else _exactly(None, exact)
        match = _BARE.match(self._text, self._at)
        if match is None:
            raise self._error("expected a word")
        if match[0] in _OPERATORS:
            raise self._error(f"{match[0]} needs a term before and behind it")
        word, self._at = match[0], match.end()
        return self._value(word) if self._equals() else _partly(None, word)

    def _equals(self) -> bool:
        at = self._at
        self._blanks()
        if self._took("="):
            self._blanks()
            return True
        self._at = at
        return False

    def _value(self, name: str) -> Test:
        if name == _ACCOUNT:
            return self._account()
        if self._peek() == '"':
            return _exactly(name, self._quoted())
        match = _BARE.match(self._text, self._at)
        if match is None:
            raise self._error(f"expected a value behind {name}=")
        self._at = match.end()
        return _partly(name, match[0])

    def _account(self) -> Test:
        """An account is a whole id, in quotes of any kind or bare; LOCAL is one's own."""
        if self._peek() == '"':
            wanted = self._quoted()
        else:
            match = _BARE.match(self._text, self._at)
            if match is None:
                raise self._error(f"expected an account id behind {_ACCOUNT}=")
            wanted, self._at = match[0].strip("'"), match.end()
        own = "" if wanted == _LOCAL else wanted
        return lambda metric: metric.account == own


def _texts(metric: Metric, name: str | None) -> list[str]:
    if name is None:
        pairs = [text for pair in metric.dimensions.items() for text in pair]
        return [metric.metric, metric.namespace, *pairs]
    if name == "MetricName":
        return [metric.metric]
    if name == "Namespace":
        return [metric.namespace]
    return [metric.dimensions[name]] if name in metric.dimensions else []


def _exactly(name: str | None, wanted: str) -> Test:
    return lambda metric: wanted in _texts(metric, name)


def _partly(name: str | None, word: str) -> Test:
    return lambda metric: any(word_matches(word, text) for text in _texts(metric, name))


def search_ids(expression: str, catalog: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids that ``SEARCH('...', 'Statistic')`` finds, in the order of their labels.

    ``catalog`` holds mappings with ``id``, ``namespace``, ``metric``,
    ``dimensions`` and optionally ``account``. Raises QueryError.
    """
    parsed = parse(expression)
    text = parsed.arguments[0] if isinstance(parsed, tree.Call) and parsed.arguments else None
    if not isinstance(parsed, tree.Call) or parsed.function != "SEARCH":
        raise QueryError("a SEARCH expression is needed", expression, parsed.span)
    if not isinstance(text, tree.Text):
        raise QueryError("SEARCH takes a text", expression, parsed.span)
    metrics = [
        Metric(
            str(each["id"]),
            str(each["namespace"]),
            str(each["metric"]),
            dict(each.get("dimensions") or {}),
            str(each.get("account", "")),
        )
        for each in catalog
    ]
    return [metric.id for _, metric in labelled(find(text.value, metrics))]
