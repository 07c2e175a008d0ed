"""moto's WSGI application, and its way to tell the operation of a REST request."""

from __future__ import annotations

import logging

from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from app.demo.call import Environ


def application() -> DomainDispatcherApplication:
    """A fresh application over moto's state."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return DomainDispatcherApplication(create_backend_app)


def operation_of(api: str, environ: Environ) -> str:
    """The operation that method and path stand for; empty if there is none."""
    try:
        operation, _ = get_service_router(api).match(Request(dict(environ)))
    except (HTTPException, NotImplementedError, LookupError):
        return ""
    return str(operation.name)
