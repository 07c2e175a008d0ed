"""Errors as a visitor may see them: a sentence and a reference number, never a stack trace."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app.model.errors import OpsError

LOG = logging.getLogger("watchdeck.web")


def reference() -> str:
    """A short number that finds the entry in the log."""
    return secrets.token_hex(4)


def register(server: Flask) -> None:
    """Answers errors of routes outside Dash."""

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int] | HTTPException:
        if request.path.startswith("/api/"):
            return jsonify(error=error.name, detail=error.description), error.code or 500
        return error

    @server.errorhandler(OpsError)
    def known(error: OpsError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 503

    @server.errorhandler(Exception)
    def unknown(error: Exception) -> tuple[Response, int]:
        number = reference()
        LOG.error("reference %s %s %s", number, request.method, request.path, exc_info=error)
        return jsonify(error="Something went wrong.", reference=number), 500
