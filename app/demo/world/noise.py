"""Chance that can be asked for any minute, in any order, again and again.

A value depends on the seed, a name and the minute alone: a hash instead of a
generator with a state. Only whole-number and simple float arithmetic is used,
so two processes agree to the last bit.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Minutes = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


def stream_of(text: str) -> int:
    """64 bits that stand for a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def hashes(stream: int, numbers: Minutes) -> Hashes:
    """One well-mixed 64-bit number for each number (splitmix64)."""
    x = numbers.astype(np.uint64) * _GOLDEN + np.uint64(stream)
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    mixed: Hashes = x ^ (x >> _S31)
    return mixed


class Noise:
    """The chance of one seed; every method takes a name that keeps draws apart."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, int] = {}

    def stream(self, name: str) -> int:
        """The number behind a name; kept, because hashing text is the dear part."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = stream_of(f"{self._seed}/{name}")
        return found

    def uniform(self, name: str, minutes: Minutes) -> Floats:
        """From 0 to just under 1."""
        drawn: Floats = (hashes(self.stream(name), minutes) >> _S11).astype(np.float64) * _UNIT
        return drawn

    def normal(self, name: str, minutes: Minutes) -> Floats:
        """Mean 0, deviation 1, never beyond 3: six 10-bit draws of one hash, added up."""
        bits = hashes(self.stream(name), minutes)
        total = np.zeros(len(minutes))
        for shift in (4, 14, 24, 34, 44, 54):
            total += ((bits >> np.uint64(shift)) & np.uint64(1023)).astype(np.float64)
        centred: Floats = (total / 1023.0 - 3.0) * 1.4142135623730951
        return centred

    def smooth(self, name: str, minutes: Minutes, every: int) -> Floats:
        """A wandering line between -1 and 1 that turns about once in ``every`` minutes."""
        knot = minutes // every
        left, right = self.uniform(name, knot), self.uniform(name, knot + 1)
        t = (minutes - knot * every) / every
        eased = t * t * (3.0 - 2.0 * t)
        wandering: Floats = (left + (right - left) * eased) * 2.0 - 1.0
        return wandering

    def count(self, name: str, rate: Floats, minutes: Minutes) -> Floats:
        """Whole numbers with mean ``rate`` that scatter as arrivals do."""
        u = self.uniform(name, minutes)
        spread = np.where(rate > 4.0, np.sqrt(rate) * self.normal(f"{name}~", minutes), 0.0)
        drawn: Floats = np.maximum(np.floor(rate + spread + u), 0.0)
        return drawn

    def thin(self, name: str, whole: Floats, share: Floats | float, minutes: Minutes) -> Floats:
        """How many of ``whole`` things something happens to, with chance ``share`` for each."""
        mean = whole * share
        spread = np.where(mean > 4.0, np.sqrt(np.maximum(mean * (1.0 - np.asarray(share)), 0.0)), 0)
        raw = mean + spread * self.normal(f"{name}~", minutes) + self.uniform(name, minutes)
        part: Floats = np.clip(np.floor(raw), 0.0, whole)
        return part
