"""Answers made smaller: files once and kept, data at the fastest level.

The parts of a page are 7 MB as they are and 2 MB on the wire; a figure packs to
about half. On loopback it costs more than it saves, so data has to be worth it.
"""

from __future__ import annotations

import gzip
from typing import Protocol, runtime_checkable

from flask import Flask, Response, request

KEPT_FROM = 1_024
DATA_FROM = 8_192
MOST_KEPT = 96


@runtime_checkable
class Closes(Protocol):
    """A body that holds something open."""

    def close(self) -> object: ...


_TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")


def register(server: Flask) -> None:
    """Compresses what the browser accepts compressed."""
    kept: dict[str, bytes] = {}

    @server.after_request
    def pack(response: Response) -> Response:
        if not _worth_it(response):
            return response
        response.direct_passthrough = False
        if not _is_file():
            return _packed(response, gzip.compress(response.get_data(), compresslevel=1))
        if request.full_path not in kept and len(kept) < MOST_KEPT:
            kept[request.full_path] = gzip.compress(response.get_data(), compresslevel=6)
        found = kept.get(request.full_path)
        return _packed(response, found) if found else response


def _is_file() -> bool:
    return request.path.startswith(("/_dash-component-suites/", "/assets/"))


def _worth_it(response: Response) -> bool:
    if response.status_code != 200 or request.method == "HEAD" or _has_encoding(response):
        return False
    if not (response.mimetype or "").startswith(_TEXT):
        return False
    size = response.calculate_content_length() or response.content_length or 0
    return size >= (KEPT_FROM if _is_file() else DATA_FROM)


def _has_encoding(response: Response) -> bool:
    return "Content-Encoding" in response.headers or not request.accept_encodings["gzip"]


def _packed(response: Response, data: bytes) -> Response:
    etag, weak = response.get_etag()
    if isinstance(response.response, Closes):
        response.response.close()  # an open file, which nobody will read any more
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    if etag and not weak:
        response.set_etag(f"{etag}-gzip")
        response.make_conditional(request)
    return response
