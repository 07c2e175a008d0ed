"""For which times AWS has answered, at whatever pace a metric was read."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.groups import DERIVED, alarmed_group, is_derived_mark, metrics_group
from app.model.ids import Place
from app.model.time import Intervals
from app.store import Coverage


def answered_for(
    coverages: Mapping[tuple[Place, str], Coverage], place: Place, namespace: str
) -> Intervals:
    """All that was answered for a namespace in a place."""
    kinds = (
        *(group(namespace, 0)[:-1] for group in (metrics_group, alarmed_group)),
        f"{DERIVED}{namespace}/",
    )
    return Intervals.of(
        window
        for (where, group), coverage in coverages.items()
        if where == place and group.startswith(kinds) and not is_derived_mark(group)
        for window in coverage.answered
    )
