"""Headers that keep the pages to themselves, and say what a browser may keep.

Every script comes from here or is named by its hash; styles may stand inline,
because the grid and the charts make style elements of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

LOOPBACK = ("127.0.0.1", "::1", "localhost")
YEAR_S = 31_536_000
DAY_S = 86_400


def register(
    server: Flask, *, host: str, public_url: str, script_hashes: Callable[[], Sequence[str]]
) -> None:
    """Adds the headers to every answer and refuses requests that another site sends."""
    fixed = _fixed(public_url.startswith("https:"))
    policy: list[str] = []
    if host in LOOPBACK:
        server.config["TRUSTED_HOSTS"] = _trusted(public_url)

    @server.before_request
    def same_site_only() -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS") and _is_foreign():
            abort(403, "This request came from another site.")

    @server.after_request
    def protect(response: Response) -> Response:
        if not policy:
            policy.append(content_policy(script_hashes()))
        response.headers["Content-Security-Policy"] = policy[0]
        for name, value in fixed.items():
            response.headers[name] = value
        response.headers["Cache-Control"] = _cache(response)
        return response


def content_policy(script_hashes: Sequence[str]) -> str:
    """The Content-Security-Policy; nothing is loaded from another host."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _fixed(encrypted: bool) -> dict[str, str]:
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if encrypted:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    return headers


def _trusted(public_url: str) -> list[str]:
    """Names under which a server on loopback answers; a foreign one that leads here is refused."""
    public = urlsplit(public_url).hostname
    return ["localhost", "127.0.0.1", "[::1]", *([public] if public else [])]


def _is_foreign() -> bool:
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _cache(response: Response) -> str:
    """Files with a fingerprint for ever, fonts for a day, pages and data never."""
    if response.status_code not in (200, 304):
        return "no-store"
    if request.path.startswith("/_dash-component-suites/") or (
        request.path.startswith("/assets/") and "m" in request.args
    ):
        return f"public, max-age={YEAR_S}, immutable"
    if request.path.startswith("/assets/fonts/"):
        return f"public, max-age={DAY_S}"
    return "no-cache" if request.path.startswith("/assets/") else "no-store"
