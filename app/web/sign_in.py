"""Who may look: a page to sign in, a signed cookie, and a brake on guessing.

Passwords are kept as werkzeug hashes only. A session ends when the hash it was
made with changes, so a new password signs everybody out.
"""

from __future__ import annotations

import hashlib
import html
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from threading import Lock

from flask import Flask, Response, jsonify, redirect, request, session
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response as AnyResponse

from app.config import WebSettings
from app.model.errors import ConfigError

LASTS = timedelta(hours=12)
TRIES = 5
BRAKE_S = 300.0
MOST_KEPT = 10_000
OPEN = ("/healthz", "/readyz", "/sign-in", "/assets/", "/favicon.ico", "/_favicon.ico")
BY_PASSWORD = ("/metrics", "/api/")
"""Paths for programs, which may send name and password with each request."""


@lru_cache(maxsize=1)
def _nobody() -> str:
    """The hash that an unknown user's password is held against, so that both take as long."""
    return generate_password_hash("")


def hashed(password: str) -> str:
    """The hash to put into config.yaml for a password."""
    return generate_password_hash(password)


@dataclass(slots=True)
class Brake:
    """Counts failures by key; after five, each key waits until five minutes have passed."""

    clock: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait_s(self, *keys: str) -> int:
        """Seconds until another try is allowed; 0 for now."""
        with self._lock:
            return max((self._wait(key) for key in keys), default=0)

    def failed(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._failures.setdefault(key, []).append(self.clock())
                self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEPT:
                self._failures.popitem(last=False)

    def worked(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _wait(self, key: str) -> int:
        recent = [at for at in self._failures.get(key, []) if self.clock() - at < BRAKE_S]
        if len(recent) < TRIES:
            return 0
        return max(1, round(recent[-TRIES] + BRAKE_S - self.clock()))


class SignIn:
    """The users of one configuration and their sessions."""

    def __init__(self, users: Mapping[str, str], brake: Brake) -> None:
        self._users, self._brake = users, brake

    def check(self, name: str, password: str, address: str) -> tuple[bool, int]:
        """Whether they belong together, and how many seconds to wait if guessed too often."""
        keys = (f"from {address}", f"as {name}")
        wait = self._brake.wait_s(*keys)
        if wait:
            return False, wait
        fits = check_password_hash(self._users.get(name, _nobody()), password)
        if fits and name in self._users:
            self._brake.worked(*keys)
            return True, 0
        self._brake.failed(*keys)
        return False, 0

    def begin(self, name: str) -> None:
        session.clear()
        session.permanent = True
        session["user"], session["with"] = name, self._mark(name)

    def current(self) -> str:
        """The name of who is signed in; empty for nobody."""
        name = session.get("user", "")
        return name if name in self._users and session.get("with") == self._mark(name) else ""

    def _mark(self, name: str) -> str:
        return hashlib.sha256(self._users[name].encode()).hexdigest()[:16]


def register(server: Flask, settings: WebSettings, brake: Brake | None = None) -> None:
    """Puts the sign-in before every route; does nothing when no users are configured."""
    if settings.sign_in is None:
        return
    if settings.secret_key is None:
        raise ConfigError("web.sign_in needs web.secret_key, which signs the session cookie")
    users = {name: secret.reveal() for name, secret in settings.sign_in.users.items()}
    gate = SignIn(users, brake or Brake())
    server.secret_key = settings.secret_key.reveal()
    server.config.update(
        SESSION_COOKIE_NAME="watchdeck",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=str(settings.public_url or "").startswith("https:"),
        PERMANENT_SESSION_LIFETIME=LASTS,
    )
    _add_gate(server, gate)
    _add_routes(server, gate)


def _add_gate(server: Flask, gate: SignIn) -> None:
    @server.before_request
    def require() -> AnyResponse | tuple[Response, int, dict[str, str]] | None:
        if request.path.startswith(OPEN) or gate.current():
            return None
        if request.path.startswith(BY_PASSWORD):
            return None if _by_password(gate) else _unknown({"WWW-Authenticate": "Basic"})
        if request.method == "GET" and not request.path.startswith("/_dash"):
            return redirect(f"/sign-in?next={request.path}")
        return _unknown({})


def _add_routes(server: Flask, gate: SignIn) -> None:
    @server.get("/sign-in")
    def ask() -> str:
        return page(_local(request.args.get("next", "/")))

    @server.post("/sign-in")
    def enter() -> AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
        name, goal = request.form.get("name", ""), _local(request.form.get("next", "/"))
        password = request.form.get("password", "")
        fits, wait = gate.check(name, password, request.remote_addr or "")
        if fits:
            gate.begin(name)
            return redirect(goal)
        if wait:
            told = f"Too many tries. The next one is possible in {wait} s."
            return page(goal, told), 429, {"Retry-After": str(wait)}
        return page(goal, "Name and password do not belong together."), 401

    @server.get("/sign-out")
    def confirm() -> str:
        return leave_page(gate.current())

    @server.post("/sign-out")
    def leave() -> AnyResponse:
        session.clear()
        return redirect("/sign-in")


def _by_password(gate: SignIn) -> bool:
    sent = request.authorization
    if sent is None or sent.type != "basic":
        return False
    return gate.check(sent.username or "", sent.password or "", request.remote_addr or "")[0]


def _unknown(headers: dict[str, str]) -> tuple[Response, int, dict[str, str]]:
    return jsonify(error="Not signed in."), 401, headers


def _local(goal: str) -> str:
    """Only a path of ours; ``//host`` and ``/\\host`` would lead away."""
    fits = goal.startswith("/") and not goal.startswith(("//", "/\\")) and goal.isprintable()
    return goal if fits else "/"


def page(goal: str, told: str = "") -> str:
    """The page that asks for name and password."""
    alert = f'<p role="alert" class="wrong">{html.escape(told)}</p>' if told else ""
    form = f"""<form method="post" action="/sign-in" class="sign-in">
<h1>Watchdeck</h1>{alert}
<input type="hidden" name="next" value="{html.escape(goal)}">
<label>Name<input class="input" name="name" autocomplete="username" required autofocus></label>
<label>Password<input class="input" name="password" type="password"
 autocomplete="current-password" required></label>
<button class="button main" type="submit">Sign in</button>
</form>"""
    return _document("Sign in", form)


def leave_page(name: str) -> str:
    """The page that ends a session; it takes a click, so no picture elsewhere can do it."""
    form = f"""<form method="post" action="/sign-out" class="sign-in">
<h1>Watchdeck</h1>
<p>Signed in as {html.escape(name)}.</p>
<button class="button main" type="submit">Sign out</button>
<a href="/">Stay</a>
</form>"""
    return _document("Sign out", form)


def _document(title: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · Watchdeck</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="/assets/first.js"></script>
<link rel="stylesheet" href="/assets/10-theme.css">
<link rel="stylesheet" href="/assets/12-base.css">
<link rel="stylesheet" href="/assets/24-menus.css">
</head><body>{body}</body></html>"""
