"""A bucket's endpoint on loopback that answers everything alike and keeps what it got."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int


@dataclass(slots=True)
class StubS3:
    """Answers with ``status`` and, if it is no success, the error ``code``."""

    url: str = ""
    status: int = 200
    code: str = ""
    got: list[Got] = field(default_factory=list)

    def body(self) -> bytes:
        return f"<Error><Code>{self.code}</Code></Error>".encode() if self.code else b""


@contextmanager
def stub_s3() -> Iterator[StubS3]:
    """An endpoint that ends with the block."""
    stub = StubS3()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(size)
            headers = {name.lower(): value for name, value in self.headers.items()}
            stub.got.append(Got(self.command, self.path, headers, size))
            body = stub.body()
            self.send_response(stub.status)
            self.send_header("ETag", '"made-up"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
