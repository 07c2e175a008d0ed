"""``/healthz``: the process answers. ``/readyz``: it has something to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask, Response, jsonify

from app.model.errors import StoreError
from app.read import Reads

FRESH = timedelta(hours=6)
"""A round must have ended within this time, else nothing collects any more."""


def register(server: Flask, *, reads: Reads, now: Callable[[], datetime]) -> None:
    """The two routes that a load balancer or a container runtime asks."""

    @server.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        why = _why_not(reads, now())
        return (
            (jsonify(status="waiting", reason=why), 503) if why else (jsonify(status="ready"), 200)
        )


def _why_not(reads: Reads, now: datetime) -> str:
    """What it waits for, in a sentence; empty when it is ready."""
    try:
        reads.refresh()
        ended = max((round_.finished for round_ in reads.store.rounds.latest()), default=None)
    except StoreError as error:
        return f"The store does not answer: {error}"
    if ended is None:
        return "No round has ended yet; is the work process running?"
    if now - ended > FRESH:
        return f"The newest round ended at {ended:%Y-%m-%d %H:%M} UTC; is the work process running?"
    return ""
