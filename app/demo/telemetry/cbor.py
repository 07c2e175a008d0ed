"""CBOR as far as smithy-rpc-v2-cbor uses it, with a fast way for many numbers.

A list of timestamps or values becomes bytes in one numpy step: each item has
the same length, so the whole list is a table of bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from app.demo.world.noise import Floats, Minutes

Item: TypeAlias = "bool | int | float | str | bytes | list[Item] | dict[str, Item] | None"
Writable: TypeAlias = object

_BREAK = 0xFF
_FLOATS = {25: ("e", 2), 26: ("f", 4), 27: ("d", 8)}


class Malformed(ValueError):
    """Bytes that are not CBOR."""


def timestamps(at: Minutes) -> bytes:
    """A list of epoch seconds: tag 1 and a float64 each."""
    table = np.empty((len(at), 10), dtype=np.uint8)
    table[:, 0], table[:, 1] = 0xC1, 0xFB
    table[:, 2:] = at.astype(">f8").view(np.uint8).reshape(-1, 8)
    return _head(4, len(at)) + table.tobytes()


def numbers(values: Floats) -> bytes:
    """A list of float64."""
    table = np.empty((len(values), 9), dtype=np.uint8)
    table[:, 0] = 0xFB
    table[:, 1:] = values.astype(">f8").view(np.uint8).reshape(-1, 8)
    return _head(4, len(values)) + table.tobytes()


def written(item: Writable, special: Callable[[object], bytes | None]) -> bytes:
    """CBOR of plain values; ``special`` may give the bytes of anything else."""
    parts: list[bytes] = []
    _write(item, special, parts)
    return b"".join(parts)


def _write(item: Writable, special: Callable[[object], bytes | None], out: list[bytes]) -> None:
    if (packed := special(item)) is not None:
        out.append(packed)
    elif isinstance(item, dict):
        out.append(_head(5, len(item)))
        for key, value in item.items():
            _write(key, special, out)
            _write(value, special, out)
    elif isinstance(item, list | tuple):
        out.append(_head(4, len(item)))
        for value in item:
            _write(value, special, out)
    else:
        out.append(_scalar(item))


def _scalar(item: object) -> bytes:
    if item is None:
        return b"\xf6"
    if isinstance(item, bool):
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return _head(0, item) if item >= 0 else _head(1, -1 - item)
    if isinstance(item, float):
        return b"\xfb" + struct.pack(">d", item)
    if isinstance(item, str):
        text = item.encode()
        return _head(3, len(text)) + text
    raise TypeError(f"no CBOR for {type(item).__name__}")


def _head(major: int, number: int) -> bytes:
    for size, code, limit in ((1, 24, 2**8), (2, 25, 2**16), (4, 26, 2**32), (8, 27, 2**64)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < limit:
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise OverflowError(number)


def read(data: bytes) -> Item:
    """The one item that ``data`` holds."""
    try:
        item, _ = _Reader(data).item(0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    return item


class _Reader:
    """Walks over bytes; each method takes a position and gives back the next one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def item(self, at: int) -> tuple[Item, int]:
        major, minor = self._data[at] >> 5, self._data[at] & 31
        if major == 7:
            return self._simple(minor, at + 1)
        if minor == 31:
            return self._open_ended(major, at + 1)
        number, at = self._number(minor, at + 1)
        if major == 0:
            return number, at
        if major == 1:
            return -1 - number, at
        if major in {2, 3}:
            chunk = self._data[at : at + number]
            return (chunk if major == 2 else chunk.decode()), at + number
        if major == 4:
            return self._list(number, at)
        if major == 5:
            return self._map(number, at)
        return self.item(at)  # a tag says what the item means; times are plain numbers here

    def _number(self, minor: int, at: int) -> tuple[int, int]:
        if minor < 24:
            return minor, at
        if minor > 27:
            raise Malformed(f"length code {minor}")
        size = 1 << (minor - 24)
        return int.from_bytes(self._data[at : at + size], "big"), at + size

    def _simple(self, minor: int, at: int) -> tuple[Item, int]:
        if minor in _FLOATS:
            code, size = _FLOATS[minor]
            value: float = struct.unpack(f">{code}", self._data[at : at + size])[0]
            return value, at + size
        simple: dict[int, bool | None] = {20: False, 21: True, 22: None, 23: None}
        if minor not in simple:
            raise Malformed(f"simple value {minor}")
        return simple[minor], at

    def _list(self, number: int, at: int) -> tuple[Item, int]:
        items: list[Item] = []
        for _ in range(number):
            item, at = self.item(at)
            items.append(item)
        return items, at

    def _map(self, number: int, at: int) -> tuple[Item, int]:
        entries: dict[str, Item] = {}
        for _ in range(number):
            key, at = self.item(at)
            entries[str(key)], at = self.item(at)
        return entries, at

    def _open_ended(self, major: int, at: int) -> tuple[Item, int]:
        """Lists, maps and texts that end with a break instead of telling their length."""
        items: list[Item] = []
        while self._data[at] != _BREAK:
            item, at = self.item(at)
            items.append(item)
        if major == 4:
            return items, at + 1
        if major == 5:
            return dict(zip(map(str, items[::2]), items[1::2], strict=True)), at + 1
        if major == 3:
            return "".join(item for item in items if isinstance(item, str)), at + 1
        return b"".join(item for item in items if isinstance(item, bytes)), at + 1
