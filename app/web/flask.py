"""Everything around the pages that Dash does not do, put on its Flask server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask

from app.config import WebSettings
from app.read import Reads
from app.web import errors


def guard(
    server: Flask,
    *,
    settings: WebSettings,
    reads: Reads,
    now: Callable[[], datetime],
    counters: Callable[[], Mapping[str, float]] | None = None,
) -> None:
    """Headers, sign-in, health, metrics, API and errors."""
    errors.register(server)
