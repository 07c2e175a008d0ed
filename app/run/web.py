"""The web process: reads the store and serves the pages; never asks AWS, never writes data."""

from __future__ import annotations

import logging
import threading

from waitress.server import create_server

from app.catalogue import load_catalogue
from app.config import Settings
from app.model.errors import OpsError
from app.read import Reads
from app.run.clock import utc_now
from app.run.listening import listen
from app.run.memory import settle
from app.run.status import read_status
from app.store import Store, open_store
from dashboards.mount import create_app

log = logging.getLogger(__name__)

FOLLOW_EVERY = 1.0
"""Seconds between looks for commits of the work process."""

QUEUE = 256
"""Connections that may wait for a thread before new ones are refused."""


def web(settings: Settings, stop: threading.Event) -> None:
    """Serve until ``stop``."""
    listener = listen(settings.web.host, settings.web.port, "web.port or --port")
    store = open_store(settings.store, utc_now(), writer=False)
    try:
        reads = Reads(store, load_catalogue(settings.catalogue.extras), settings)
        app = create_app(
            reads,
            settings=settings.web,
            now=utc_now,
            counters=lambda: read_status(settings.store.path, utc_now()),
        )
        settle()
        server = create_server(
            app.server,
            sockets=[listener],
            threads=settings.web.threads,
            backlog=QUEUE,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        threading.Thread(target=server.run, name="waitress", daemon=True).start()
        log.info("serving", extra={"address": f"{settings.web.host}:{settings.web.port}"})
        _follow(store, stop)
        server.close()
    finally:
        store.close()
        listener.close()


def _follow(store: Store, stop: threading.Event) -> None:
    """Take over what the work process commits, until told to stop."""
    failing = False
    while not stop.wait(FOLLOW_EVERY):
        try:
            store.keep_up()
            failing = False
        except OpsError as error:
            if not failing:
                log.error("the store cannot be read", extra={"error": error})
            failing = True
