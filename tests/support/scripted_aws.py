"""A loopback server that speaks AWS's JSON protocols from a script, for what moto cannot do:
things that vanish between two calls, missing permissions, repeated tokens, throttles.

Answers are keyed by operation (``GetQueueAttributes``); an answer is a mapping,
a :class:`Refusal`, or a function of the request's members that gives either.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Members = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """An error as AWS sends it."""

    code: str
    status: int = 400


Answer = Members | Refusal | Callable[[Members], Members | Refusal]

_LAMBDA = (
    (re.compile(r"GET /2015-03-31/functions/?$"), "ListFunctions"),
    (re.compile(r"GET /2019-09-30/functions/[^/]+/concurrency$"), "GetFunctionConcurrency"),
    (re.compile(r"GET /2016-08-19/account-settings"), "GetAccountSettings"),
)
"""Lambda names its operations by path instead of a header."""


@dataclass
class ScriptedAws:
    """The script, and what was asked of it."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Members]] = field(default_factory=list)

    def operations(self) -> list[str]:
        """The operations asked for, in order."""
        return [name for name, _ in self.asked]

    def answer(self, operation: str, members: Members) -> Members | Refusal:
        self.asked.append((operation, members))
        found = self.answers.get(operation, Refusal("UnknownOperationException"))
        return found(members) if callable(found) else found


@contextmanager
def scripted_aws(answers: Mapping[str, Answer]) -> Iterator[ScriptedAws]:
    """A server that ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    script = ScriptedAws(f"http://127.0.0.1:{server.server_address[1]}", dict(answers))
    server.script = script
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer(json.loads(self.rfile.read(length) or b"{}"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base names it so
        """Say nothing."""

    def _answer(self, members: Members) -> None:
        answer = self.server.script.answer(self._operation(), members)
        refused = isinstance(answer, Refusal)
        body = {"__type": answer.code, "message": "refused"} if refused else answer
        sent = json.dumps(body).encode()
        self.send_response(answer.status if refused else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(sent)))
        if refused:
            self.send_header("x-amzn-ErrorType", answer.code)
        self.end_headers()
        self.wfile.write(sent)

    def _operation(self) -> str:
        target = self.headers.get("X-Amz-Target")
        if target:
            return target.rpartition(".")[2]
        line = f"{self.command} {self.path.partition('?')[0]}"
        return next((name for path, name in _LAMBDA if path.search(line)), line)
