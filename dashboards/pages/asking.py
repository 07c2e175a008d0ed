"""From the view store to the question that a reader gets, and the ways between pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from dash.development.base_component import Component
from flask import has_request_context, session

from app.model.ids import Place
from app.model.readings import Reading
from app.model.rounds import Result
from app.read import Reads, Scope
from dashboards.parts import Seen, could_not_ask
from dashboards.view import View

Now = Callable[[], datetime]
Json = Mapping[str, Any] | None
T = TypeVar("T")


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


def author() -> str:
    """Who is asking: the user who signed in, else the dashboard."""
    known = session.get("user") if has_request_context() else None
    return str(known or "dashboard")


def named(reads: Reads, reading: Reading[T]) -> Reading[T]:
    """The reading with its problem told by the account's name.

    The missing action stays only where allowing it would help.
    """
    problem = reading.problem
    if problem is None:
        return reading
    names = dict(reads.accounts)
    place = Place(names.get(problem.place.account, problem.place.account), problem.place.region)
    action = problem.action if problem.result is Result.DENIED else ""
    return replace(reading, problem=replace(problem, place=place, action=action))


def banner(reading: Reading[Any], seen: Seen) -> Component | None:
    """What went wrong, once for a page whose panels all rest on the same data."""
    if reading.problem is None:
        return None
    return could_not_ask(
        reading.problem,
        since=reading.since,
        as_of=reading.as_of,
        zone=seen.zone,
        now=seen.now,
    )


def quietly(answer: list[Any]) -> list[Any]:
    """A panel's answer without the words of the problem, which the banner has said."""
    *first, _, age = answer
    return [*first, None, age]


def service_href(service: str) -> str:
    return f"/services/{quote(service)}"


def resource_href(arn: str) -> str:
    return f"/resource/{quote(arn, safe=':/')}"


def alarm_href(id_: str) -> str:
    return f"/alarm/{quote(id_, safe='/')}"


def alarm_edit_href(id_: str) -> str:
    """The form that changes an alarm."""
    return f"/alarms/edit?{urlencode({'alarm': id_})}"


def trace_href(trace_id: str) -> str:
    """The page of one trace."""
    return f"/trace/{quote(trace_id)}"


def traces_href(filter_: str, *, span: str = "", page: str = "/traces") -> str:
    """The traces that pass a filter, or their map; ``span`` is a range as addresses write it."""
    given = {"q": filter_, "range": span}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{page}?{query}" if query else page


def explore_href(namespace: str = "", metric: str = "") -> str:
    """The page that browses every metric, at the level that namespace and metric lead to."""
    given = {"namespace": namespace, "metric": metric}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/explore?{query}" if query else "/explore"
