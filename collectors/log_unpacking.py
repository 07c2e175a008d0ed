"""What files of log events hold, as pieces of text, without ever holding all of it.

Firehose may compress what a subscription has compressed already, and puts one
compressed record behind the other; all of that is taken apart here.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from itertools import chain

PIECE = 1_000_000
DEEPEST = 3
_GZIP = b"\x1f\x8b"
_BETWEEN = b"\0\r\n"
"""What may stand between two compressed records."""


class Unreadable(Exception):
    """Why a file cannot be read any further; an end of a sentence."""


def texts(content: bytes) -> Iterator[str]:
    """The text of a file in pieces; raises Unreadable where it is damaged."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    for piece in _plain(content):
        text = decoder.decode(piece)
        if text:
            yield text


def _plain(content: bytes) -> Iterator[bytes]:
    pieces: Iterator[bytes] = iter([content])
    for _ in range(DEEPEST):
        first = b""
        while len(first) < len(_GZIP) and (piece := next(pieces, None)) is not None:
            first += piece
        pieces = chain([first], pieces)
        if not first.startswith(_GZIP):
            return pieces
        pieces = _unzipped(pieces)
    raise Unreadable(f"it is compressed more than {DEEPEST} times over")


def _unzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What is inside of one gzip file, or of several behind one another."""
    unzip = zlib.decompressobj(wbits=31)
    for piece in pieces:
        rest = piece
        while rest:
            if unzip.eof:
                rest = rest.lstrip(_BETWEEN)
                unzip = zlib.decompressobj(wbits=31) if rest else unzip
                continue
            try:
                found = unzip.decompress(rest, PIECE)
            except zlib.error as error:
                raise Unreadable(f"its compression is damaged ({error})") from None
            if found:
                yield found
            rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    if not unzip.eof:
        raise Unreadable("it breaks off")
