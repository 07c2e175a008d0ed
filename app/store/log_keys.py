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
Bytes = NDArray[np.uint8]

SHORTEST = 16
"""Runs of fewer bytes are words, times and versions rather than ids."""

PIECE = 8
AMONG = 16
LONG = AMONG + PIECE - 1
"""From so many bytes on a part of a run is enough to find it."""

ALIKE = 40
"""Runs up to so many bytes are looked at together, and so are those up to each double of it."""

AT_ONCE = 1 << 20
"""Bytes of runs that are looked at together."""

ROWS_AT_ONCE = 2_048
"""Messages whose bytes are looked at together: few enough for the processor's cache."""

BYTES_AT_ONCE = 4_000_000
"""So many bytes of messages are looked at together at most, on average."""

_RUN = b"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IS_RUN = bytes(byte in _RUN for byte in range(256))
_ORDER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_ZEROS, _TO_TEN, _TOP_BITS = (np.uint64(byte * 0x0101010101010101) for byte in (0x30, 0x76, 0x80))
_AFTER = b"\n" * 64
_FIRST_ONES = np.array([(~byte & byte + 1).bit_length() - 1 for byte in range(256)])
_LAST_ONES = np.array([8 - (~byte & 0xFF).bit_length() for byte in range(256)])
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
    starts, lengths = _runs(text)
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    longest = int(lengths.max())
    padded = np.frombuffer(text if text.endswith(_AFTER) else text + _AFTER, dtype=np.uint8)
    if longest > len(_AFTER):
        padded = np.append(padded, np.zeros(longest, dtype=np.uint8))
    found = [_whole(padded, *_between(starts, lengths, SHORTEST, LONG))]
    shortest, width = LONG, ALIKE
    while shortest <= longest:
        some_starts, some_lengths = _between(starts, lengths, shortest, width + 1)
        at_once = max(1, AT_ONCE // width)
        for at in range(0, len(some_starts), at_once):
            some = slice(at, at + at_once)
            found.append(_minimizers(padded, some_starts[some], some_lengths[some]))
        shortest, width = width + 1, 2 * width
    return np.concatenate(found)


def _runs(text: bytes) -> tuple[Places, Places]:
    """Where runs of at least :data:`SHORTEST` bytes begin, and how long they are.

    Each of them fills eight bytes at a multiple of eight, so those are looked for.
    """
    bits = np.packbits(np.frombuffer(text.translate(_IS_RUN), dtype=np.bool_), bitorder="little")
    full = bits == 0xFF
    edges = np.flatnonzero(full[1:] != full[:-1]) + 1
    first, after = edges[::2], edges[1::2]
    starts = first * 8 - _LAST_ONES[bits[first - 1]]
    lengths = after * 8 + _FIRST_ONES[bits[after]] - starts
    kept = np.flatnonzero(lengths >= SHORTEST)
    return starts[kept], lengths[kept]


def _between(starts: Places, lengths: Places, least: int, below: int) -> tuple[Places, Places]:
    """The runs of at least ``least`` bytes and fewer than ``below``."""
    some = np.flatnonzero((lengths >= least) & (lengths < below))
    return starts[some], lengths[some]


def _whole(text: Bytes, starts: Places, lengths: Places) -> Keys:
    """One key a run of 16 to 22 bytes: of its first, middle and last eight, and its length."""
    first, middle = _eight(text, starts), _eight(text, starts + PIECE - 1)
    last = _eight(text, starts + lengths - PIECE)
    some = np.flatnonzero(_has_digit(first) | _has_digit(middle) | _has_digit(last))
    found = mixed(first[some] ^ lengths[some].astype(np.uint64))
    found = mixed(found ^ middle[some])
    return mixed(found ^ last[some])


def _minimizers(text: Bytes, starts: Places, lengths: Places) -> Keys:
    """Keys of runs of at least 23 bytes, which are about equally long."""
    width = int(lengths.max())
    rows = np.ndarray((len(text) - width + 1,), f"V{width}", text, strides=(1,))[starts]
    # A row for each place within a run: neighbours are rows, so all is done in order.
    shape = width - PIECE + 1, len(starts)
    pieces = np.ndarray(shape, "<u8", rows, strides=(1, width)).copy()
    inside = np.arange(PIECE, width + 1, PIECE)[:, None] <= lengths
    digits = (_has_digit(pieces[::PIECE]) & inside).any(axis=0)
    digits |= _has_digit(_eight(text, starts + lengths - PIECE))
    pieces *= _ORDER
    pieces ^= pieces >> _HALF
    for step in (1, 2, 4, 8):
        pieces = np.minimum(pieces[:-step], pieces[step:])
    new = np.ones(pieces.shape, dtype=np.bool_)
    np.not_equal(pieces[1:], pieces[:-1], out=new[1:])
    new &= np.arange(len(pieces))[:, None] <= np.where(digits, lengths - LONG, -1)
    return mixed(pieces[new])


def _eight(text: Bytes, places: Places) -> Keys:
    """The eight bytes from each place on."""
    found: Keys = np.ndarray((len(text) - PIECE + 1,), "V8", text, strides=(1,))[places].view("<u8")
    return found


def _has_digit(pieces: Keys) -> NDArray[np.bool_]:
    """Whether one of eight bytes below 128 is a digit: minus 48 it is less than ten."""
    found: NDArray[np.bool_] = ((pieces ^ _ZEROS) + _TO_TEN) & _TOP_BITS != _TOP_BITS
    return found


def _portions(messages: pl.Series) -> Iterator[bytes]:
    """The bytes of some messages at a time, with a line end around each."""
    total = int(messages.str.len_bytes().sum())
    at_once = max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE * len(messages) // max(1, total)))
    for start in range(0, len(messages), at_once):
        some: list[bytes] = messages[start : start + at_once].cast(pl.Binary()).to_list()
        yield b"\n".join((b"", *some, _AFTER))


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
