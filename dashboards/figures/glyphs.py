"""The picture of a node on the service map, as SVG whose colours are roles."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.model.states import Health

_SIZE, _MIDDLE, _RADIUS, _RING = 96, 48.0, 38.0, 7.0

_GLYPHS = {
    "client": '<circle cx="48" cy="40" r="8"/><path d="M32 64c2-10 9-14 16-14s14 4 16 14"/>',
    "function": '<path d="M36 34h7l13 28h6M47 43 36 62"/>',
    "api": '<path d="M40 34 28 48l12 14M56 34l12 14-12 14M51 32l-6 32"/>',
    "table": '<ellipse cx="48" cy="36" rx="15" ry="5"/>'
    '<path d="M33 36v24c0 3 7 5 15 5s15-2 15-5V36M33 48c0 3 7 5 15 5s15-2 15-5"/>',
    "queue": '<path d="M30 38h36v20H30zM39 38v20M48 38v20M57 38v20"/>',
    "topic": '<circle cx="34" cy="48" r="5"/><path d="M39 46l20-10M39 50l20 10M39 48h22"/>',
    "bucket": '<path d="M31 36h34l-5 28H36zM31 36c0-4 34-4 34 0"/>',
    "container": '<path d="M48 30l16 9v18l-16 9-16-9V39zM32 39l16 9 16-9M48 48v18"/>',
    "machine": '<rect x="33" y="33" width="30" height="30" rx="3"/><path d="M41 41h14v14H41z"/>',
    "remote": '<circle cx="48" cy="48" r="16"/>'
    '<path d="M32 48h32M48 32c-9 9-9 23 0 32M48 32c9 9 9 23 0 32"/>',
    "other": '<rect x="33" y="35" width="30" height="11" rx="2"/>'
    '<rect x="33" y="51" width="30" height="11" rx="2"/>',
}
_STATES = {
    Health.CRITICAL: '<path d="M76 6h10l7 7v10l-7 7H76l-7-7V13z" fill="--critical" '
    'stroke="--surface" stroke-width="3"/>'
    '<path d="M81 12v8M81 24v.5" stroke="--surface" stroke-width="3"/>',
    Health.WARNING: '<path d="M81 5 95 29H67z" fill="--warning" stroke="--surface" '
    'stroke-width="3"/><path d="M81 14v7M81 25v.5" stroke="--surface" stroke-width="2.5"/>',
    Health.NO_DATA: '<circle cx="81" cy="18" r="10" fill="--surface" stroke="--no-data" '
    'stroke-width="3" stroke-dasharray="5 5"/>',
}


def picture(kind: str, shares: Sequence[tuple[str, float]], health: Health) -> str:
    """The ring of outcomes, the glyph of the kind, and the shape of a state that is not fine."""
    ground = (
        f'<circle cx="48" cy="48" r="{_RADIUS:g}" fill="--surface" stroke="--line" '
        f'stroke-width="{_RING:g}"/>'
    )
    glyph = (
        '<g fill="none" stroke="--text-2" stroke-width="3" stroke-linecap="round" '
        f'stroke-linejoin="round">{_GLYPHS.get(kind, _GLYPHS["other"])}</g>'
    )
    parts = [ground, *_arcs(shares), glyph, _STATES.get(health, "")]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * _SIZE}" height="{2 * _SIZE}" '
        f'viewBox="0 0 {_SIZE} {_SIZE}">{"".join(parts)}</svg>'
    )


def _arcs(shares: Sequence[tuple[str, float]]) -> list[str]:
    """Pieces of the ring, from the top clockwise; a piece is never too thin to be seen."""
    least = 0.02
    seen = [(role, max(least, share)) for role, share in shares]
    total = sum(share for _, share in seen)
    length = 2 * math.pi * _RADIUS
    drawn, at = [], 0.0
    for role, share in seen:
        part = share / total * length
        drawn.append(
            f'<circle cx="48" cy="48" r="{_RADIUS:g}" fill="none" stroke="{role}" '
            f'stroke-width="{_RING:g}" stroke-dasharray="{part:.2f} {length - part:.2f}" '
            f'stroke-dashoffset="{-at:.2f}" transform="rotate(-90 48 48)"/>'
        )
        at += part
    return drawn
