"""What a panel says when it has no data to show, or data it cannot vouch for.

"Nothing there" and "could not ask" never look alike: the one is a muted line,
the other names what failed, since when, and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.groups import TRACES, is_of_spend
from app.model.rounds import Result, Round
from app.model.time import epoch_ms
from dashboards.parts.attributes import data
from dashboards.parts.icons import icon

Words = str | Component | Sequence[str | Component]


def nothing(text: str, *way_on: Component) -> Component:
    """One muted line where the data would be, and the nearest way on."""
    return html.P([text, *(part for step in way_on for part in (" ", step))], className="nothing")


def could_not_ask(
    problem: Round, *, since: datetime | None, as_of: datetime | None, zone: tzinfo, now: datetime
) -> Component:
    """What failed, to what, since when, what to do, and what is shown meanwhile."""
    claim, remedy = explained(problem)
    began = f" Since {written.at(since, zone, now)}." if since else ""
    shown = f" Showing {written.at(as_of, zone, now)}." if as_of else ""
    offer = [copy_button("Copy policy", policy(problem.action))] if problem.action else []
    return html.P(
        [
            icon("could-not-ask"),
            html.Span([html.Strong(claim), f"{began} {remedy}{shown}"]),
            *offer,
        ],
        className="could-not-ask",
        role="status",
    )


def explained(problem: Round) -> tuple[str, str]:
    """The sentence that says what failed, and the next step."""
    asked = f"{problem.collector} in {problem.place.account} {problem.place.region}"
    return _EXPLAINED.get(problem.result, _failed)(problem, asked)


def policy(action: str) -> str:
    """The statement that would allow ``action``, ready to paste."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def copy_button(label: str, text: str) -> Component:
    """Puts ``text`` on the clipboard."""
    return html.Button(label, className="text-button", type="button", **data(copy=text))


def freshness(
    as_of: datetime | None, now: datetime, promise: timedelta | None = None
) -> Component | None:
    """ "48 s old"; the browser counts on, and marks it when older than twice its promise."""
    if as_of is None:
        return None
    age = now - as_of
    late = promise is not None and age > 2 * promise
    return html.Span(
        f"{written.ago(age)} old",
        className="age late" if late else "age",
        **data(
            at=str(epoch_ms(as_of)),
            promise=str(int(promise.total_seconds())) if promise else "",
        ),
    )


Explained = tuple[str, str]


def _denied(problem: Round, asked: str) -> Explained:
    return f"Not allowed to read {asked}.", f"Missing: {problem.action or 'a permission'}."


def _throttled(_: Round, asked: str) -> Explained:
    return f"AWS is throttling {asked}.", "The next round tries again."


def _expired(problem: Round, _: str) -> Explained:
    claim = f"The credentials of account {problem.place.account} have expired or are missing."
    return claim, "Renew them where config.yaml takes them from."


def _region_off(problem: Round, _: str) -> Explained:
    claim = f"Region {problem.place.region} is off in account {problem.place.account}."
    return claim, "Enable it, or take it out of config.yaml."


def _not_enabled(problem: Round, asked: str) -> Explained:
    return f"Not enabled: {asked}.", problem.message


def _unreachable(_: Round, asked: str) -> Explained:
    return f"No answer from AWS for {asked}.", "Check the network; the next round tries again."


def _bad_request(problem: Round, asked: str) -> Explained:
    return f"AWS refused the question for {asked}.", problem.message


def _circuit_open(_: Round, asked: str) -> Explained:
    return f"Not asked: {asked}.", "The last calls failed the same way; a later round tries again."


def _over_budget(problem: Round, asked: str) -> Explained:
    if problem.group == TRACES or is_of_spend(problem.group):
        # Not only money is limited there; the message names what is.
        return f"Held back: {asked}. What is missing is not known.", problem.message
    claim = f"Not asked: {asked}, the monthly budget would be passed."
    return claim, "Raise collection.budget_usd_per_month, or collect less."


def _failed(problem: Round, asked: str) -> Explained:
    return f"Could not collect {asked}.", problem.message


_EXPLAINED: Mapping[Result, Callable[[Round, str], Explained]] = {
    Result.DENIED: _denied,
    Result.THROTTLED: _throttled,
    Result.EXPIRED: _expired,
    Result.REGION_OFF: _region_off,
    Result.NOT_ENABLED: _not_enabled,
    Result.UNREACHABLE: _unreachable,
    Result.BAD_REQUEST: _bad_request,
    Result.CIRCUIT_OPEN: _circuit_open,
    Result.OVER_BUDGET: _over_budget,
}
