"""Messages sorted by what they are, so that each kind of a batch is taken apart at once."""

from __future__ import annotations

import gc
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import orjson
import polars as pl

from app.query.insights.discover import (
    MOST_FIELDS,
    Json,
    embedded,
    flatten,
    is_platform,
    json_object,
    may_embed,
    of_line,
)
from app.query.insights.gather import Gathered
from app.query.insights.lines import LineRule, Scalar, rules_by_first

Names = Collection[str]
Root = dict[str, Json]
Texts = Mapping[int, str]
"""Messages by their row."""


class Sifted:
    """What batches of messages hold; ``only`` are the names of fields that count."""

    def __init__(self, only: Names | None = None) -> None:
        self.gathered = Gathered(only)
        self._hints = None if only is None else _hints(only)

    def take(self, first_row: int, messages: pl.Series, groups: Sequence[str]) -> None:
        """Messages of the rows from ``first_row`` on; ``groups`` are those of all rows."""
        with _no_collection():
            self._take(first_row, messages, groups)

    def _take(self, first_row: int, messages: pl.Series, groups: Sequence[str]) -> None:
        # In Python, because whoever asks polars waits until a thread of its pool is free.
        begun, others = _parted(enumerate(messages.to_list(), first_row))
        braced = [row for row, text in others.items() if "{" in text]
        if self._hints is not None:
            may_hold = _may_hold(first_row, messages, self._hints)
            begun = {row: text for row, text in begun.items() if row in may_hold}
            braced = [row for row in braced if row in may_hold]
        documents, lines = _Documents(self.gathered), _Lines()
        damaged = documents.take(begun)
        others.update(damaged)
        braced += damaged
        lines.take(others, frozenset(braced))
        for row in braced:
            root = _inner(others[row], lines.names.get(row, ()), groups[row])
            if root is not None:
                documents.add(row, others[row], root)
        documents.finish()
        lines.finish(self.gathered)


def _parted(messages: Iterable[tuple[int, str | None]]) -> tuple[dict[int, str], dict[int, str]]:
    """Messages that begin as an object does, and others; what is empty is neither."""
    begun, others = {}, {}
    for row, text in messages:
        if text:
            if text[0] == "{":
                begun[row] = text
            else:
                others[row] = text
    return begun, others


def _inner(text: str, names: Names, group: str) -> Root | None:
    """The object that counts as part of a message that is none."""
    if text[0].isspace() and (root := json_object(text)) is not None:
        return root
    return embedded(text) if may_embed(names, group) else None


class _Documents:
    """JSON objects of a batch."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._rows: list[int] = []
        self._roots: list[Root] = []

    def take(self, texts: Texts) -> Texts:
        """Messages that begin as an object does; those that are none are given back."""
        try:
            roots: list[Root] = list(map(orjson.loads, texts.values()))
        except orjson.JSONDecodeError:
            return self._some(texts)
        if _is_usual(roots, texts):
            self._rows, self._roots = list(texts), roots
        else:
            for (row, text), root in zip(texts.items(), roots, strict=True):
                self.add(row, text, root)
        return {}

    def _some(self, texts: Texts) -> Texts:
        others = {}
        for row, text in texts.items():
            root = json_object(text)
            if root is None:
                others[row] = text
            else:
                self.add(row, text, root)
        return others

    def add(self, row: int, text: str, root: Root) -> None:
        if is_platform(root) or text.count(",") >= MOST_FIELDS:
            self._gathered.one(row, flatten(root))
        else:
            self._rows.append(row)
            self._roots.append(root)

    def finish(self) -> None:
        if self._rows:
            self._gathered.objects(self._rows, self._roots)


def _is_usual(roots: Iterable[Root], texts: Texts) -> bool:
    """Whether no object is one of Lambda's own or has very many fields."""
    kinds = [root.get("type") for root in roots]
    if kinds.count(None) < len(kinds) and any(map(is_platform, roots)):
        return False
    return max(map(len, texts.values()), default=0) < MOST_FIELDS


class _Lines:
    """Messages of a batch that are no JSON objects; ``names`` are the fields of some rows."""

    def __init__(self) -> None:
        self.names: dict[int, Names] = {}
        self._found: list[tuple[LineRule, list[int], list[tuple[str | None, ...]]]] = []
        self._odd: dict[int, dict[str, Scalar]] = {}

    def take(self, texts: Texts, named: frozenset[int]) -> None:
        """Find the layout of each message; the names of ``named`` rows are kept."""
        by_first: dict[str, list[int]] = {}
        for row, text in texts.items():
            by_first.setdefault(text[:1], []).append(row)
        for first, rows in by_first.items():
            for rule in rules_by_first().get(first, ()):
                if not rows:
                    break
                fitting, rows = self._matched(rule, rows, texts)
                self.names |= dict.fromkeys(named.intersection(fitting), rule.names)
            if first == "R":
                self._odd_reports({row: texts[row] for row in rows})

    def _matched(
        self, rule: LineRule, rows: list[int], texts: Texts
    ) -> tuple[list[int], list[int]]:
        """Take over the lines that a rule fits; which those are, and which the others."""
        matches = list(map(rule.pattern.fullmatch, map(texts.__getitem__, rows)))
        others: list[int] = []
        if None in matches:
            others = [row for row, match in zip(rows, matches, strict=True) if match is None]
            rows = [row for row, match in zip(rows, matches, strict=True) if match is not None]
        if rows:
            self._found.append((rule, rows, [match.groups() for match in matches if match]))
        return rows, others

    def _odd_reports(self, texts: Texts) -> None:
        for row, text in texts.items():
            if text.startswith("REPORT "):
                self.names[row] = self._odd[row] = of_line(text)

    def finish(self, gathered: Gathered) -> None:
        for row, fields in self._odd.items():
            gathered.one(row, fields)
        for rule, rows, groups in self._found:
            gathered.lines(rule, rows, groups)


def _may_hold(first_row: int, messages: pl.Series, hints: Sequence[str]) -> Container[int]:
    """Rows in which JSON may have one of the wanted keys; what is escaped may be anything."""
    if "" in hints:
        return range(first_row, first_row + len(messages))
    may = messages.str.contains_any([*hints, "\\"]).fill_null(value=False)
    return set((np.flatnonzero(may.to_numpy()) + first_row).tolist())


def _hints(names: Names) -> tuple[str, ...]:
    """What stands in JSON that has one of these fields: the last key that is no position."""
    found = {"platform."} if any(_is_ours(name) for name in names) else set()
    for name in names:
        segments = name.removeprefix("@@").split(".")
        found.add(next((s for s in reversed(segments) if not s.isdecimal()), segments[0]))
    return tuple(found)


def _is_ours(name: str) -> bool:
    return name.startswith("@") and not name.startswith("@@")


@contextmanager
def _no_collection() -> Iterator[None]:
    """A batch makes thousands of objects, none in a cycle, and is gone before the next one.

    Looking for cycles among them again and again takes a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
