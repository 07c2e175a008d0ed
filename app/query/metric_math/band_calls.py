"""Which bands an expression asks for, for those who have the points to learn them from."""

from __future__ import annotations

from dataclasses import dataclass

from app.query.lang import QueryError
from app.query.metric_math import tree
from app.query.metric_math.evaluation import BAND
from app.query.metric_math.parse import parse, printed

USUAL = 2.0


@dataclass(frozen=True, slots=True)
class BandCall:
    """A band around ``of``, an Id or an expression, so many ``deviations`` wide."""

    of: str
    deviations: float


def band_calls(expression: str) -> list[BandCall]:
    """The bands of an expression; QueryError where it, or the width of one, is ill written."""
    calls = [part for part in tree.parts(parse(expression)) if isinstance(part, tree.Call)]
    return [_band(call, expression) for call in calls if call.function == BAND]


def ids_of(expression: str) -> set[str]:
    """The Ids that an expression names."""
    return {part.name for part in tree.parts(parse(expression)) if isinstance(part, tree.Id)}


def _band(call: tree.Call, text: str) -> BandCall:
    around, *width = call.arguments or (None,)
    if around is None or len(width) > 1:
        raise QueryError(f"{BAND} takes 1 to 2 arguments", text, call.span)
    if not width:
        return BandCall(printed(around), USUAL)
    (deviations,) = width
    if not isinstance(deviations, tree.Number) or not deviations.value > 0:
        raise QueryError("the width of a band is a number above 0", text, deviations.span)
    return BandCall(printed(around), deviations.value)
