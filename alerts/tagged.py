"""The tags of metrics: those of the resource that a metric's dimensions name.

Source: Amazon CloudWatch User Guide, "CloudWatch Metrics Insights", tags of resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.model.ids import Place, Resource
from app.store import Resources

Pairs = frozenset[tuple[str, str]]
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class _Place:
    """Tags by dimensions; ``names`` are the sets of names that resources have, largest first."""

    version: int
    tags: Mapping[Pairs, Mapping[str, str]]
    names: Sequence[frozenset[str]]


class Tagged:
    """Looks tags up by dimensions; what it knows of a place is read anew when resources change."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._known: dict[Place, _Place] = {}

    def of(self, place: Place, dimensions: Mapping[str, str]) -> Mapping[str, str]:
        """The tags of the resource that most of the dimensions name; empty where none is known."""
        known = self._of_place(place)
        for names in known.names:
            if names <= dimensions.keys():
                found = known.tags.get(frozenset((name, dimensions[name]) for name in names))
                if found is not None:
                    return found
        return _NONE

    def _of_place(self, place: Place) -> _Place:
        version = self._resources.version
        known = self._known.get(place)
        if known is None or known.version != version:
            found = self._resources.find(places=[place])
            known = self._known[place] = _by_dimensions(found, version)
        return known


def _by_dimensions(resources: Sequence[Resource], version: int) -> _Place:
    tags = {frozenset(each.dimensions.items()): each.tags for each in resources if each.dimensions}
    names = {frozenset(name for name, _ in pairs) for pairs in tags}
    return _Place(version, tags, sorted(names, key=lambda some: (-len(some), sorted(some))))
