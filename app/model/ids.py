"""What things are called: places, series, resources.

A series is what CloudWatch calls a metric: namespace, name and one exact set
of dimensions, in one account and Region. The order of dimensions never
matters; they are kept sorted by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One Region of one account; ``account`` is the 12-digit id."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """The full identity of a metric; make it with :meth:`of` so that dimensions are sorted."""

    account: str
    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, place: Place, namespace: str, metric: str, dimensions: Mapping[str, str]
    ) -> SeriesKey:
        return cls(
            place.account, place.region, namespace, metric, tuple(sorted(dimensions.items()))
        )

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)

    def digest(self) -> bytes:
        """16 bytes that are equal exactly when the identities are equal."""
        parts = (self.account, self.region, self.namespace, self.metric)
        flat = parts + tuple(text for pair in self.dimensions for text in pair)
        framed = b"".join(len(b).to_bytes(4, "big") + b for b in (t.encode() for t in flat))
        return hashlib.blake2b(framed, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that AWS keeps for the user, as the inventory last saw it.

    ``id`` is the short name that dimensions and consoles use; ``arn`` is the
    key. ``dimensions`` maps dimension names to the values under which
    CloudWatch publishes this resource's metrics. ``configuration`` holds what
    the describe calls gave, without secrets. ``state`` is AWS's own word for
    its condition (``running``, ``ACTIVE``), empty where there is none.
    """

    arn: str
    account: str
    region: str
    service: str
    kind: str
    id: str
    name: str
    state: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    @property
    def place(self) -> Place:
        return Place(self.account, self.region)
