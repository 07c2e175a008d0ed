"""Keys of the token filter: what a text holds that looks like an id.

A segment keeps a small filter of the keys of all its messages. A search for
one request id asks each filter for the keys that any event with that id must
have, and opens only the segments that answer yes.

A *run* is an unbroken stretch of letters, digits, ``-`` and ``_``. One that
has a digit and is 16 to 22 bytes long has a single key. In a longer one, of
each 16 neighbouring pieces of 8 bytes the one with the least hash is a key
(a *minimizer*): whoever searches for any 23 bytes of it finds the same ones,
wherever the run begins. Both depend on bytes alone, so they never change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.hashing import mixed

Keys = NDArray[np.uint64]
Places = NDArray[np.intp]

SHORTEST = 16
"""Runs of fewer bytes are words, times and versions rather than ids."""

PIECE = 8
AMONG = 16
LONG = AMONG + PIECE - 1
"""From so many bytes on a part of a run is enough to find it."""

ROWS_AT_ONCE = 4_096
"""Messages whose bytes are looked at together: few enough for the processor's cache."""

_RUN = b"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IS_RUN = bytes(byte in _RUN for byte in range(256))
_IS_DIGIT = bytes(byte in b"0123456789" for byte in range(256))
_ORDER = np.uint64(0x9E3779B97F4A7C15)
_NUMBER = re.compile(rb"-?[0-9]*(?:[eE]-?[0-9]*)?")
_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_RUN_TEXT = re.compile(rb"[0-9A-Za-z_-]+")


def keys_of(messages: pl.Series) -> Keys:
    """Keys of every message, some of them more than once.

    Where a message holds a backslash its text without JSON escapes counts too,
    because that is what its fields hold.
    """
    found = [_keys(text) for text in _portions(messages)]
    found += [_keys(text) for text in _portions(_unescaped(messages))]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def keys_inside(literal: str, *, of_message: bool = False) -> Keys:
    """Keys that each event has in which a text holds ``literal``; none: cannot tell.

    The text is that of a field discovered in the message, or the name of its
    stream. What could be a number is then not looked for, because a field may
    spell it in another way; ``of_message`` says that the text is the message.
    """
    whole = literal.encode()
    found = []
    for match in _RUN_TEXT.finditer(whole):
        run = match[0]
        if not of_message and _NUMBER.fullmatch(run):
            continue
        inside = match.start() > 0 and match.end() < len(whole)
        if len(run) >= LONG or inside:
            found.append(_keys(b"\n" + run + b"\n"))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)


def keys_of_equal(text: str, *, of_message: bool = False) -> Keys:
    """Keys that each event has in which such a text is ``text`` and nothing more."""
    return keys_inside(f"\n{text}\n", of_message=of_message)


def _keys(text: bytes) -> Keys:
    """Keys of all runs in ``text``, which begins and ends outside of any."""
    in_run = np.frombuffer(text.translate(_IS_RUN), dtype=np.bool_)
    edges = np.flatnonzero(in_run[1:] != in_run[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    kept = np.flatnonzero(ends - starts >= SHORTEST)
    if not len(kept):
        return np.zeros(0, dtype=np.uint64)
    lengths = ends[kept] - starts[kept]
    firsts = np.cumsum(lengths) - lengths
    runs = np.frombuffer(text, dtype=np.uint8)[_each(starts[kept], lengths)]
    digits = np.frombuffer(runs.tobytes().translate(_IS_DIGIT), dtype=np.bool_)
    with_digit = np.logical_or.reduceat(digits, firsts)
    long = lengths >= LONG
    # The eight bytes from each place on; what reaches beyond a run is not used.
    padded = np.concatenate([runs, np.zeros(PIECE, dtype=np.uint8)])
    pieces = np.ndarray((len(runs),), dtype="<u8", buffer=padded, strides=(1,)).copy()
    short = np.flatnonzero(with_digit & ~long)
    some = np.flatnonzero(with_digit & long)
    least = _minimizers(pieces, firsts[some], lengths[some])
    return np.concatenate([_whole(pieces, firsts[short], lengths[short]), least])


def _whole(pieces: Keys, firsts: Places, lengths: Places) -> Keys:
    """One key a run of 16 to 22 bytes: of its first, middle and last eight, and its length."""
    found = mixed(pieces[firsts] ^ lengths.astype(np.uint64))
    found = mixed(found ^ pieces[firsts + PIECE - 1])
    return mixed(found ^ pieces[firsts + lengths - PIECE])


def _minimizers(pieces: Keys, firsts: Places, lengths: Places) -> Keys:
    if not len(firsts):
        return np.zeros(0, dtype=np.uint64)
    least = pieces * _ORDER
    least ^= least >> np.uint64(32)
    for step in (1, 2, 4, 8):
        least = np.minimum(least[:-step], least[step:])
    found = least[_each(firsts, lengths - LONG + 1)]
    differs = np.ones(len(found), dtype=np.bool_)
    np.not_equal(found[1:], found[:-1], out=differs[1:])
    return mixed(found[differs])


def _each(starts: Places, counts: Places) -> Places:
    """So many places from each start on."""
    firsts = np.cumsum(counts) - counts
    places = np.repeat(starts - firsts, counts)
    places += np.arange(len(places))
    return places


def _portions(messages: pl.Series) -> Iterator[bytes]:
    """The bytes of some messages at a time, with a line end around each."""
    for start in range(0, len(messages), ROWS_AT_ONCE):
        some = messages[start : start + ROWS_AT_ONCE]
        text: str = some.str.join("\n").item()
        yield b"\n" + text.encode() + b"\n"


def _unescaped(messages: pl.Series) -> pl.Series:
    """Messages that hold a backslash, with JSON's escapes spelled out or made a space."""
    escaped = messages.filter(messages.str.contains("\\", literal=True))
    plain = escaped.str.replace_all(r"\\[^u]", " ")
    coded = plain.str.contains("\\u", literal=True)
    if not coded.any():
        return plain
    decoded = [_CODE.sub(_character, text) for text in plain.filter(coded).to_list()]
    return pl.concat([plain.filter(~coded), pl.Series(plain.name, decoded, dtype=pl.String)])


def _character(code: re.Match[str]) -> str:
    number = int(code[1], 16)
    return chr(number) if number < 128 else " "
