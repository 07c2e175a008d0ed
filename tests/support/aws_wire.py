"""AWS at the level of HTTP: one function answers every request, well or badly.

For what a pretend AWS does not do: answers that break off, markup instead of
data, another answer for each Region or key. Every request is kept.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


@dataclass(frozen=True)
class Request:
    """What was asked, and who signed it for which Region."""

    operation: str
    members: Mapping[str, Any]
    access_key: str
    region: str
    service: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """Any HTTP answer; ``cut`` breaks it off after that many bytes, ``silent`` hangs up instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    silent: bool = False


Answer = Callable[[Request], Reply]


def data(document: object) -> Reply:
    """A good answer in AWS JSON."""
    return Reply(body=json.dumps(document).encode())


def refusal(code: str, status: int = 400, message: str = "refused") -> Reply:
    """An error in AWS JSON."""
    body = json.dumps({"__type": f"com.amazonaws#{code}", "message": message}).encode()
    return Reply(status, body, {"x-amzn-query-error": f"{code};Sender"})


def xml(operation: str, inside: str = "") -> Reply:
    """A good answer of a query API such as STS."""
    result = f"<{operation}Result>{inside}</{operation}Result>"
    body = f"<{operation}Response>{result}</{operation}Response>"
    return Reply(body=body.encode(), headers={"Content-Type": "text/xml"})


def xml_refusal(code: str, status: int = 403, message: str = "refused") -> Reply:
    """An error of a query API."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Reply(
        status, f"<ErrorResponse>{error}</ErrorResponse>".encode(), {"Content-Type": "text/xml"}
    )


def session(access_key: str, expires: str = "2026-03-10T13:00:00Z") -> Reply:
    """What AssumeRole gives."""
    keys = (
        f"<AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>session-secret</SecretAccessKey>"
        f"<SessionToken>session-token</SessionToken><Expiration>{expires}</Expiration>"
    )
    return xml("AssumeRole", f"<Credentials>{keys}</Credentials>")


@dataclass
class Wire:
    """The address, and every request so far."""

    url: str
    requests: list[Request] = field(default_factory=list)

    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]


@contextmanager
def aws_wire(answer: Answer) -> Iterator[Wire]:
    """A server that ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    wire = Wire(f"http://127.0.0.1:{server.server_address[1]}")
    server.wire, server.answer = wire, answer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = _request(self.headers, body)
        server: Any = self.server
        server.wire.requests.append(request)
        self._send(server.answer(request))

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _send(self, reply: Reply) -> None:
        if reply.silent:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/x-amz-json-1.0", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: reply.cut])
        if reply.cut is not None:
            self.close_connection = True


def _request(headers: Mapping[str, str], body: bytes) -> Request:
    scope = _SCOPE.search(headers.get("Authorization", ""))
    access_key, region, service = scope.groups() if scope else ("", "", "")
    target = headers.get("X-Amz-Target")
    if target:
        operation, members = target.rpartition(".")[2], json.loads(body or b"{}")
    else:
        members = dict(parse_qsl(body.decode()))
        operation = members.get("Action", "")
    return Request(operation, members, access_key, region, service, dict(headers))
