"""Two versions of an alarm side by side: which episodes both would have raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alerts.rehearse.outcome import Episode, Rehearsal


@dataclass(frozen=True, slots=True)
class Comparison:
    """Episodes of the one version that touch none of the other, and those that do.

    ``later`` is how much later the second version raises the episodes of both, in
    the median; negative is earlier.
    """

    only_first: tuple[Episode, ...]
    only_second: tuple[Episode, ...]
    both: tuple[tuple[Episode, Episode], ...]
    later: timedelta | None


def compare(first: Rehearsal, second: Rehearsal) -> Comparison:
    """What the second version would have done otherwise."""
    ours, theirs = first.episodes, second.episodes
    matches = _matches(ours, theirs)
    back = _matches(theirs, ours)
    pairs = [(one, two) for one, two in zip(ours, matches, strict=True) if two is not None]
    return Comparison(
        tuple(one for one, two in zip(ours, matches, strict=True) if two is None),
        tuple(two for two, one in zip(theirs, back, strict=True) if one is None),
        tuple(pairs),
        _median([two.window.start - one.window.start for one, two in pairs]) if pairs else None,
    )


def _matches(episodes: tuple[Episode, ...], others: tuple[Episode, ...]) -> list[Episode | None]:
    """For each episode the first of the others that it overlaps; both are in order of time."""
    found: list[Episode | None] = []
    at = 0
    for episode in episodes:
        while at < len(others) and others[at].window.end <= episode.window.start:
            at += 1
        near = others[at] if at < len(others) else None
        found.append(near if near and near.window.start < episode.window.end else None)
    return found


def _median(lengths: list[timedelta]) -> timedelta:
    return sorted(lengths)[len(lengths) // 2]
