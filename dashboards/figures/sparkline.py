"""A line of 120 x 20 px as an SVG mask; the style sheet colours it, so it follows the theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from urllib.parse import quote

WIDTH, HEIGHT = 120, 20
_EDGE = 2.0


def sparkline(values: Sequence[float | None], *, from_zero: bool = True) -> str:
    """A ``url(...)`` for ``mask-image``; empty when there is nothing to draw."""
    points = [v if v is not None and math.isfinite(v) else None for v in values]
    known = [v for v in points if v is not None]
    if not known:
        return ""
    low = min(0.0, *known) if from_zero else min(known)
    span = (max(known) - low) or 1.0
    step = (WIDTH - 2 * _EDGE) / max(1, len(points) - 1)
    places = [
        None
        if v is None
        else (_EDGE + n * step, HEIGHT - _EDGE - (v - low) / span * (HEIGHT - 2 * _EDGE))
        for n, v in enumerate(points)
    ]
    return f'url("data:image/svg+xml,{quote(_svg(places))}")'


def _svg(places: Sequence[tuple[float, float] | None]) -> str:
    last = next(place for place in reversed(places) if place is not None)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{_path(places)}" fill="none" stroke="black" stroke-width="1.25" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="1.75"/></svg>'
    )


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    """A move after each gap, so that a gap stays a gap."""
    drawn, pen_down = [], False
    for place in places:
        if place is not None:
            drawn.append(f"{'L' if pen_down else 'M'}{place[0]:.1f} {place[1]:.1f}")
        pen_down = place is not None
    return "".join(drawn)
