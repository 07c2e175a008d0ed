"""Filter patterns over many messages at once, with the same answers as one by one.

Terms become one expression of polars. The other forms are first narrowed down
by texts that a matching message surely holds; what is left is judged exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from app.query.log_filter.parse import compiled, regexes
from app.query.log_filter.run import (
    Finder,
    condition_holds,
    found,
    json_object,
    space_fields,
)
from app.query.log_filter.sources import source
from app.query.log_filter.tree import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Is,
    JsonPattern,
    Mark,
    NotExists,
    Regex,
    Selector,
    SpacePattern,
    Term,
    Terms,
    Text,
)

_MESSAGE = pl.col("message")
_WORDS = {None: "null", True: "true", False: "false"}

Parts = Mapping[str, Any]
"""The object or the fields that a message was taken apart into."""

Judge = Callable[[Finder], Sequence[Parts | None]]


def mask(pattern: str, messages: pl.Series) -> pl.Series:
    """What ``matches`` says of each message; an absent message does not match.

    Raises PatternError.
    """
    tree = compiled(pattern)
    frame = _frame(messages)
    if isinstance(tree, Terms):
        return frame.select(_terms(tree.terms).fill_null(value=False)).to_series()
    hopeful, parts = _hopeful(tree, frame)
    return hopeful.scatter(hopeful.arg_true(), [part is not None for part in parts])


def extracted(pattern: str, messages: pl.Series, sources: Sequence[str]) -> pl.DataFrame:
    """``matched`` for each message, and for each source what a matching message has there.

    A source is what a metric filter names as its value or a dimension:
    ``$.path.to.value`` beside a JSON pattern, ``$name`` or ``$3`` beside a
    space-delimited one. Its column has its name, texts, and null where there
    is no scalar. Raises PatternError, also for a source that the form of the
    pattern does not allow.
    """
    tree = compiled(pattern)
    places = {written: source(tree, written) for written in sources}
    matched = mask(pattern, messages) if isinstance(tree, Terms) or not places else None
    if matched is not None or isinstance(tree, Terms):
        return pl.DataFrame({"matched": matched})
    hopeful, parts = _hopeful(tree, _frame(messages))
    at = hopeful.arg_true()
    columns = [hopeful.scatter(at, [part is not None for part in parts]).alias("matched")]
    for written, place in places.items():
        texts = [None if part is None else place.text(part) for part in parts]
        absent = pl.repeat(None, len(hopeful), dtype=pl.String, eager=True)
        columns.append(absent.scatter(at, pl.Series(texts, dtype=pl.String)).alias(written))
    return pl.DataFrame(columns)


def _frame(messages: pl.Series) -> pl.DataFrame:
    return messages.cast(pl.String).alias("message").to_frame()


def _hopeful(
    tree: JsonPattern | SpacePattern, frame: pl.DataFrame
) -> tuple[pl.Series, Sequence[Parts | None]]:
    """Which messages were judged exactly, and what each of those came to."""
    hopeful = frame.select(hope(tree).fill_null(value=False)).to_series()
    return hopeful, judged(tree, frame["message"].filter(hopeful))


def judged(pattern: JsonPattern | SpacePattern, messages: Iterable[str]) -> Sequence[Parts | None]:
    """The object or the fields of each message that matches, and None for the others."""
    if isinstance(pattern, JsonPattern):
        judge = _json_judge(pattern, messages)
    else:
        judge = _space_judge(pattern, messages)
    return judge(_batched(judge) if regexes(pattern) else found)


def _json_judge(pattern: JsonPattern, messages: Iterable[str]) -> Judge:
    roots = [json_object(message) for message in messages]
    return lambda finder: [
        root if root is not None and condition_holds(pattern.condition, root, finder) else None
        for root in roots
    ]


def _space_judge(pattern: SpacePattern, messages: Iterable[str]) -> Judge:
    texts = list(messages)
    return lambda finder: [space_fields(pattern, text, finder) for text in texts]


def _batched(judge: Judge) -> Finder:
    """A finder that has searched all texts of a first pass at once.

    In the first pass nothing is found, so a text that only a later condition
    looks at may be missing; it is searched on its own.
    """
    asked: dict[Regex, set[str]] = {}

    def note(regex: Regex, text: str) -> bool:
        asked.setdefault(regex, set()).add(text)
        return False

    judge(note)
    known: dict[tuple[Regex, str], bool] = {}
    for regex, given in asked.items():
        texts = [text for text in given if not _has_surrogate(text)]
        answers = pl.Series(texts, dtype=pl.String).str.contains(regex.compiled)
        known |= {(regex, text): held for text, held in zip(texts, answers, strict=True)}

    def finder(regex: Regex, text: str) -> bool:
        answer = known.get((regex, text))
        return found(regex, text) if answer is None else answer

    return finder


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


# -- terms -----------------------------------------------------------------------


def _terms(terms: Sequence[Term]) -> pl.Expr:
    needed = [term for term in terms if term.mark is not Mark.OPTIONAL]
    if not terms:
        return _MESSAGE.is_not_null()
    if not needed:
        return pl.any_horizontal([_occurs(term.what) for term in terms])
    return pl.all_horizontal(
        [_occurs(t.what) if t.mark is Mark.PLAIN else ~_occurs(t.what) for t in needed]
    )


def _occurs(what: str | Regex) -> pl.Expr:
    if isinstance(what, Regex):
        return _MESSAGE.str.contains(what.compiled)
    return _MESSAGE.str.contains(what, literal=True)


# -- what a match surely holds -------------------------------------------------------


def hope(pattern: JsonPattern | SpacePattern) -> pl.Expr:
    """True for every message that matches, and for as few others as is cheap to tell."""
    if isinstance(pattern, JsonPattern):
        is_object = _MESSAGE.str.strip_chars_start(" \t\n\r").str.starts_with("{")
        return _all([is_object, _json_hope(pattern.condition)])
    conditions = [entry.condition for entry in pattern.entries if entry.condition is not None]
    return _all([_MESSAGE.is_not_null(), *map(_space_hope, conditions)])


def _json_hope(condition: Condition) -> pl.Expr | None:
    if isinstance(condition, AllOf):
        return _all([_json_hope(each) for each in condition.conditions])
    if isinstance(condition, AnyOf):
        return _any([_json_hope(each) for each in condition.conditions])
    if isinstance(condition, NotExists):
        return None
    if isinstance(condition, Is):
        return _occurs(_WORDS[condition.value])
    text = _longest_part(condition) or _last_name(condition)
    # A text that is written with escapes occurs as none of its own characters.
    return _occurs(text) | _occurs("\\") if text else None


def _space_hope(condition: Condition) -> pl.Expr | None:
    if isinstance(condition, AllOf):
        return _all([_space_hope(each) for each in condition.conditions])
    if isinstance(condition, AnyOf):
        return _any([_space_hope(each) for each in condition.conditions])
    text = _longest_part(condition) if isinstance(condition, Compare) else ""
    return _occurs(text) if text else None


def _longest_part(condition: Compare) -> str:
    value = condition.value
    if condition.comparison != "=" or not isinstance(value, Text):
        return ""
    return max(value.parts, key=len)


def _last_name(condition: Compare) -> str:
    if not isinstance(condition.subject, Selector):
        return ""
    names = [step for step in condition.subject.steps if type(step) is str]
    return names[-1] if names else ""


def _all(hopes: Sequence[pl.Expr | None]) -> pl.Expr:
    real = [each for each in hopes if each is not None]
    return pl.all_horizontal(real) if real else pl.lit(value=True)


def _any(hopes: Sequence[pl.Expr | None]) -> pl.Expr | None:
    real = [each for each in hopes if each is not None]
    return pl.any_horizontal(real) if len(real) == len(hopes) else None
