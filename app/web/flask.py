"""Everything around the pages that Dash does not do, put on its Flask server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Flask

from app.config import WebSettings
from app.read import Reads
from app.web import access, api, compression, errors, headers, health, prometheus, sign_in


def guard(
    server: Flask,
    *,
    settings: WebSettings,
    reads: Reads,
    now: Callable[[], datetime],
    script_hashes: Callable[[], Sequence[str]] = tuple,
    counters: Callable[[], Mapping[str, float]] | None = None,
) -> None:
    """Access log, headers, sign-in, health, metrics, API, errors and compression.

    Flask runs what comes after a request in reverse order, so compression,
    which must see the finished body, is registered before the headers.
    """
    server.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024
    access.register(server)
    compression.register(server)
    headers.register(
        server,
        host=settings.host,
        public_url=str(settings.public_url or ""),
        script_hashes=script_hashes,
    )
    sign_in.register(server, settings)
    health.register(server, reads=reads, now=now)
    prometheus.register(server, reads=reads, now=now, counters=counters)
    api.register(server, reads=reads, now=now)
    errors.register(server)
