"""One line a request in the log, without the query string, which may hold what people look for."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

LOG = logging.getLogger("watchdeck.access")


def register(server: Flask) -> None:
    """Logs method, path, status, size and time of every request."""

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def log(response: Response) -> Response:
        took_ms = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
        LOG.info("%s %s %d %.1f ms", request.method, request.path, response.status_code, took_ms)
        return response
