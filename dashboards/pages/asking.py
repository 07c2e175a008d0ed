"""From the view store to the question that a reader gets, and the ways between pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from app.read import Reads, Scope
from dashboards.parts import Seen
from dashboards.view import View

Now = Callable[[], datetime]
Json = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What one callback asks: for which scope, as seen by whom."""

    scope: Scope
    seen: Seen


def asked(reads: Reads, now: Now, view: Json) -> Asked:
    """Follow the store, then ask for the range and places that the view stands for."""
    reads.refresh()
    seen_view, at = View.of(view), now()
    places = seen_view.places(reads.places)
    return Asked(Scope(seen_view.window(at), places, at), Seen(at, seen_view.zone))


def service_href(service: str) -> str:
    return f"/services/{quote(service)}"


def resource_href(arn: str) -> str:
    return f"/resource/{quote(arn, safe=':/')}"


def alarm_href(id_: str) -> str:
    return f"/alarm/{quote(id_, safe='/')}"


def explore_href(namespace: str = "", metric: str = "") -> str:
    """The page that browses every metric, at the level that namespace and metric lead to."""
    given = {"namespace": namespace, "metric": metric}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/explore?{query}" if query else "/explore"
