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
    pairs = [(one, match) for one in first.episodes if (match := _meeting(one, second.episodes))]
    return Comparison(
        tuple(each for each in first.episodes if _meeting(each, second.episodes) is None),
        tuple(each for each in second.episodes if _meeting(each, first.episodes) is None),
        tuple(pairs),
        _median([two.window.start - one.window.start for one, two in pairs]) if pairs else None,
    )


def _meeting(episode: Episode, others: tuple[Episode, ...]) -> Episode | None:
    return next((each for each in others if each.window.meet(episode.window)), None)


def _median(lengths: list[timedelta]) -> timedelta:
    return sorted(lengths)[len(lengths) // 2]
