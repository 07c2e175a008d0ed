"""Groups messages by template: what changes from line to line becomes a token.

A local method of our own: words are masked by their shape (times, numbers,
ids, addresses), then lines of equal shape and length are merged and positions
in which they differ become tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BETWEEN = r"(?:[\s,;()\[\]{}\"'=|]|(?<=[\"']):)"
"""What stands between words; also the colon behind the name of a member in JSON."""

_SEPARATOR = re.compile(rf"{_BETWEEN}+\Z")
_PIECE = re.compile(rf"{_BETWEEN}+|(?:(?!{_BETWEEN}).)+", re.DOTALL)
_SHAPES = (
    (
        "Time",
        re.compile(
            r"(\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
            r"|\d\d:\d\d:\d\d([.,]\d+)?Z?|\d{1,2}/[A-Z][a-z]{2}/\d{4}(:\d\d:\d\d:\d\d)?)\Z"
        ),
    ),
    ("IP", re.compile(r"\d{1,3}(\.\d{1,3}){3}(:\d+)?\Z")),
    ("UUID", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")),
    ("ID", re.compile(r"\d{6,}\Z")),
    ("Number", re.compile(r"[+-]?\d+(\.\d+)?(ms|s|MB|KB|GB|B|%)?\Z")),
    ("ID", re.compile(r"(?=\S*\d)[0-9A-Za-z_:/.$-]{6,}\Z")),
    ("Token", re.compile(r"\S*\d\S*\Z")),
)
_FULL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_ALIKE = 0.6
_NAMES = {"UUID": "ID"}


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern with its tokens named, how many lines have it, and how bad it sounds."""

    pattern: str
    count: int
    severity: str


@dataclass(slots=True)
class _Group:
    pieces: list[str]
    kinds: list[str]
    count: int


def templates(messages: Iterable[tuple[str, int]]) -> list[Template]:
    """The templates of distinct messages with their counts, most frequent first."""
    groups: dict[tuple[object, ...], list[_Group]] = {}
    for message, count in messages:
        pieces = _pieces(message)
        kinds = [_kind(piece) for piece in pieces]
        shape = tuple(_separator(piece) for piece in pieces)
        alike = groups.setdefault(shape, [])
        group = next((g for g in alike if _similar(g, pieces, kinds)), None)
        if group is None:
            alike.append(_Group(pieces, kinds, count))
        else:
            _merge(group, pieces, kinds, count)
    found = [
        Template(_written(group), group.count, _severity(_written(group)))
        for alike in groups.values()
        for group in alike
    ]
    return sorted(found, key=lambda template: (-template.count, template.pattern))


def _pieces(message: str) -> list[str]:
    out: list[str] = []
    at = 0
    for match in _FULL_TIME.finditer(message):
        out += _PIECE.findall(message[at : match.start()])
        out.append(match[0])
        at = match.end()
    return out + _PIECE.findall(message[at:])


def _separator(piece: str) -> str:
    return piece if _SEPARATOR.match(piece) else ""


def _kind(piece: str) -> str:
    if _FULL_TIME.fullmatch(piece):
        return "Time"
    return next((name for name, shape in _SHAPES if shape.match(piece)), "")


def _similar(group: _Group, pieces: Sequence[str], kinds: Sequence[str]) -> bool:
    words = [n for n, piece in enumerate(pieces) if not _separator(piece)]
    fixed = [n for n in words if not kinds[n] or not group.kinds[n]]
    same = sum(group.pieces[n] == pieces[n] for n in fixed)
    return not fixed or same >= max(1, _ALIKE * len(fixed))


def _merge(group: _Group, pieces: Sequence[str], kinds: Sequence[str], count: int) -> None:
    group.count += count
    for n, piece in enumerate(pieces):
        if group.pieces[n] != piece:
            same = group.kinds[n] == kinds[n]
            group.kinds[n] = (group.kinds[n] if same else "Token") or "Token"


def _written(group: _Group) -> str:
    out, number = [], 0
    for piece, kind in zip(group.pieces, group.kinds, strict=True):
        if not kind:
            out.append(piece)
            continue
        number += 1
        out.append(f"<{_NAMES.get(kind, kind)}-{number}>")
    return "".join(out)


def _severity(pattern: str) -> str:
    lowered = pattern.lower()
    return "ERROR" if "error" in lowered else "WARN" if "warn" in lowered else "INFO"
