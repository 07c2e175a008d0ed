"""What the groups of a regular expression hold, taken in two halves where that is the same.

An expression with ``.*`` in its middle makes the engine go back and forth through each
text to fill its groups, which takes several times as long as to find out that it matches.
``A.*B`` is taken as ``A`` and ``B`` each by itself in a text of one line in which the whole
matches and the words that ``B`` begins with stand once. Then

- ``B`` matches there and nowhere else;
- ``A`` ends before it, wherever it begins, because it cannot hold the first letter of ``B``;
  so its first match is that of the whole;
- neither has a choice: behind a repeated class stands a letter that is not of the class.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import polars as pl

from app.query.insights.regex import group_names, pieces, unnamed
from app.query.insights.state import State

Groups = list[pl.Expr]

_CLASS = re.compile(r"\[\^?(?:[0-9A-Za-z_.,:;/ -]|\\[tnfr]|\\x0B)+\]")
_ESCAPES = {"\\t": "\t", **{f"\\{sign}": sign for sign in r".^$*+?{}[]()|/-:"}}
_SPECIAL = frozenset(".^$*+?{}[]()|\\")


@dataclass(frozen=True, slots=True)
class _Half:
    """Letters and repeated classes in order; a class is text in brackets, a letter is itself."""

    items: tuple[str, ...]
    pattern: str
    groups: int

    @property
    def beginning(self) -> str:
        """The letters before the first class."""
        end = next((n for n, item in enumerate(self.items) if len(item) > 1), len(self.items))
        return "".join(self.items[:end])

    @property
    def is_plain(self) -> bool:
        """Whether no class can go on with the letter behind it."""
        return all(
            len(item) == 1 or (len(after) == 1 and not _holds(item, after))
            for item, after in pairwise(self.items)
        )


def captured(state: State, raw: pl.Expr, whole: pl.Expr, pattern: str) -> tuple[State, Groups]:
    """The groups of a query's expression in order; all null where it does not match.

    ``raw`` is the text as it is stored, ``whole`` the one that is meant: without its last
    line break, which a text of one line does not have. What two columns are made of is a
    column of its own, because an expression that stands twice is computed twice.
    """
    halves = _halves(pattern)
    plain = unnamed(pattern)
    if halves is None:
        state, found = state.step(whole.str.extract_groups(plain))
        return state, _fields(found, len(group_names(pattern)))
    first, second = halves
    once = raw.str.count_matches(second.beginning, literal=True) == 1
    one_line = ~raw.str.contains("\n", literal=True)
    state, quick = state.step(once & one_line & raw.str.contains(plain))
    state, easy = state.step(pl.when(quick).then(raw))
    state, hard = state.step(pl.when(~quick).then(whole))
    state, left = state.step(easy.str.extract_groups(first.pattern))
    state, right = state.step(easy.str.extract_groups(second.pattern))
    state, others = state.step(hard.str.extract_groups(plain))
    parts = [*_fields(left, first.groups), *_fields(right, second.groups)]
    return state, list(map(pl.coalesce, parts, _fields(others, len(parts))))


def _fields(groups: pl.Expr, count: int) -> Groups:
    return [groups.struct.field(str(number)) for number in range(1, count + 1)]


@lru_cache(maxsize=256)
def _halves(pattern: str) -> tuple[_Half, _Half] | None:
    """Both sides of the only ``.*``, None where they may not be taken apart."""
    found = list(pieces(pattern))
    joints = [n for n, pair in enumerate(pairwise(found)) if pair == (".", "*")]
    if len(joints) != 1:
        return None
    first, second = _half(found[: joints[0]]), _half(found[joints[0] + 2 :])
    if first is None or second is None or not (first.groups and second.groups):
        return None
    words = second.beginning
    apart = (
        first.is_plain
        and second.is_plain
        and len(first.items[-1]) == 1
        and words
        and not any(_holds(item, words[0]) for item in first.items)
        and not any(words[:n] == words[-n:] for n in range(1, len(words)))
    )
    return (first, second) if apart else None


def _half(found: Sequence[str]) -> _Half | None:
    """A half made of letters and of classes with ``+``, each alone in a group or in none."""
    items: list[str] = []
    out: list[str] = []
    groups, at = 0, 0
    while at < len(found):
        piece = found[at]
        letter = _ESCAPES.get(piece, piece if len(piece) == 1 and piece not in _SPECIAL else "")
        if letter and letter != "\n":
            items.append(letter)
            out.append(piece)
            at += 1
            continue
        grouped = piece == "(" or piece.startswith(("(?<", "(?P<"))
        inner = found[at + 1 :] if grouped else found[at:]
        if len(inner) < 2 or not _CLASS.fullmatch(inner[0]) or inner[1] != "+":
            return None
        if grouped and inner[2:3] != [")"]:
            return None
        items.append(inner[0])
        out.append(f"({inner[0]}+)" if grouped else f"{inner[0]}+")
        groups += grouped
        at += 4 if grouped else 2
    return _Half(tuple(items), "".join(out), groups) if items else None


def _holds(item: str, letter: str) -> bool:
    """Whether a class, or a letter, may be that letter."""
    return item == letter if len(item) == 1 else re.fullmatch(item, letter) is not None
