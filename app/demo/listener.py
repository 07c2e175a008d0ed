"""The HTTP server under the gateway: one thread a connection, on 127.0.0.1 only."""

from __future__ import annotations

import socket
from threading import Lock, Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"


class _Connections:
    """The connections that are open, so that they can be cut."""

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def add(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def remove(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def cut(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster


class Listener:
    """Serves an application from the moment it is made until ``stop``."""

    def __init__(self, application: WSGIApplication, port: int = 0) -> None:
        self._connections = connections = _Connections()

        class Handler(WSGIRequestHandler):
            """Keeps connections alive and says nothing about requests."""

            # Headers and body are written apart; without this the second waits for an ACK.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                connections.add(self.connection)

            def finish(self) -> None:
                connections.remove(self.connection)
                super().finish()

            def log(self, *_: object) -> None:
                return

        self._server = make_server(HOST, port, application, threaded=True, request_handler=Handler)
        self._thread = Thread(target=self._server.serve_forever, name="pretend-aws", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """Listen no more and cut what is open, so that callers see it at once."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._connections.cut()
