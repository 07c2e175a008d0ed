"""Figures as a browser would get them: resolved, validated by Plotly's own schema, unpacked."""

from __future__ import annotations

import base64
import json

import numpy as np
from plotly import graph_objects as go

from dashboards.theme import resolved


def valid(figure) -> dict:
    """The figure itself, after Plotly accepted it in both themes."""
    for theme in ("light", "dark"):
        go.Figure(resolved(figure, theme))
    return figure


def unpacked(array) -> list[float | None]:
    """The numbers behind a packed array; a gap is None."""
    raw = np.frombuffer(base64.b64decode(array["bdata"]), dtype=array["dtype"])
    return [None if np.isnan(number) else float(number) for number in raw.astype(float)]


def size(figure) -> int:
    """Bytes on the wire."""
    return len(json.dumps(figure, separators=(",", ":")))
