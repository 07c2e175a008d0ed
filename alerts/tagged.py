"""The tags of metrics: those of the resource that a metric's dimensions name.

Source: Amazon CloudWatch User Guide, "CloudWatch Metrics Insights", tags of resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from app.model.ids import Place, Resource
from app.store import Resources

Pairs = frozenset[tuple[str, str]]
_NONE: Mapping[str, str] = {}


class Tagged:
    """Looks tags up by dimensions; what it knows of a place is read anew when resources change."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._known: dict[Place, tuple[int, dict[Pairs, Mapping[str, str]]]] = {}

    def of(self, place: Place, dimensions: Mapping[str, str]) -> Mapping[str, str]:
        """The tags of the resource that most of the dimensions name; empty where none is known."""
        known = self._of_place(place)
        pairs = sorted(dimensions.items())
        for size in range(len(pairs), 0, -1):
            for some in combinations(pairs, size):
                found = known.get(frozenset(some))
                if found is not None:
                    return found
        return _NONE

    def _of_place(self, place: Place) -> dict[Pairs, Mapping[str, str]]:
        version = self._resources.version
        known = self._known.get(place)
        if known is None or known[0] != version:
            found = self._resources.find(places=[place])
            known = self._known[place] = (version, _by_dimensions(found))
        return known[1]


def _by_dimensions(resources: list[Resource]) -> dict[Pairs, Mapping[str, str]]:
    return {
        frozenset(resource.dimensions.items()): resource.tags
        for resource in resources
        if resource.dimensions
    }
