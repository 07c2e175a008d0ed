"""Under which name and dimensions samples are published."""

from __future__ import annotations

from collections.abc import Mapping

from app.demo.world.samples import Samples

# Namespace, metric, dimensions sorted by name.
Name = tuple[str, str, tuple[tuple[str, str], ...]]
Published = dict[Name, Samples]


def prefixed(
    namespace: str, dimensions: Mapping[str, str], measured: Mapping[str, Samples]
) -> Published:
    """Every metric of ``measured`` under one set of dimensions."""
    under = tuple(sorted(dimensions.items()))
    return {(namespace, metric, under): samples for metric, samples in measured.items()}
