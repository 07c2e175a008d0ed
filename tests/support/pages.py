"""Readers and one page with invented values, for the browser tests of shell and parts.

``Answers`` speaks the part of ``app.read.Reads`` that the shell asks; the page
shows every look of a panel.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
from dash import Input, html

from app.config import WebSettings
from app.model.ids import Place
from app.model.lines import Line
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from app.model.states import Health
from app.read import Found, Navigation, ServiceLink
from dashboards import figures, ids, parts
from dashboards.mount import create_app
from dashboards.view import View

PLACE = Place("111111111111", "eu-central-1")


def now() -> datetime:
    return datetime.now(UTC)


class Answers:
    """What the shell asks readers for."""

    def __init__(self) -> None:
        self.store = SimpleNamespace()
        self.accounts = (("111111111111", "blog-prod"), ("222222222222", "blog-staging"))
        self.places = (PLACE, Place("111111111111", "us-east-1"))
        self.inventory = SimpleNamespace(search=self.search)

    def refresh(self) -> None:
        """Nothing to follow."""

    def search(self, text: str, limit: int = 12) -> Reading:
        arn = f"arn:aws:sqs:eu-central-1:111111111111:{text}"
        return Reading((Found(arn, text, "Queue", "SQS", PLACE),), Look.DATA)

    def navigation(self, _: datetime) -> Navigation:
        return Navigation(
            accounts=self.accounts,
            regions=("eu-central-1", "us-east-1"),
            services=(
                ServiceLink("lambda", "Lambda", Health.CRITICAL, 1),
                ServiceLink("sqs", "SQS", Health.OK, 0),
            ),
            alarms=2,
            alarms_health=Health.CRITICAL,
            collection=1,
        )


def line(window, name: str, base: float) -> Line:
    """A wave of a point a minute with a gap."""
    count = max(4, int(window.length / timedelta(minutes=1)))
    values = base * (1 + 0.2 * np.sin(np.arange(count) / 9))
    values[count // 3 : count // 3 + 2] = np.nan
    return Line(name, window.start, timedelta(minutes=1), values, "percent")


CHARTS = ("data", "stale", "nothing", "refused")


def layout(**query):
    columns = [
        parts.Column("state", "Status", parts.Cell.STATE, width=140, order="desc", phone=True),
        parts.Column("name", "Name", parts.Cell.NAME, flex=2, phone=True),
        parts.Column("errors", "Errors", parts.Cell.NUMBER, "percent", width=110),
        parts.Column("spark", "1 h", parts.Cell.SPARK, width=150),
        parts.Column("strip", "24 h", parts.Cell.STRIP, width=150),
        parts.Column("at", "Since", parts.Cell.TIME, width=110),
    ]
    charts = [parts.chart_panel("t", key, key.capitalize(), unit="%", span=3) for key in CHARTS]
    return parts.page(
        html.P(str(sorted(query.items())), id="said"),
        parts.row(*charts),
        parts.table_panel("t", "rows", "Resources", columns),
    )


def register(app, _reads, _now):
    """Callbacks of the page, one for each chart and one for the table."""
    for key in CHARTS:
        _register_chart(app, key)

    @app.callback(*parts.table_outputs("t", "rows"), Input(ids.VIEW, "data"))
    def rows(data):
        seen = parts.Seen(now(), View.of(data).zone)
        return parts.table_answer(_rows(), Reading(None, Look.DATA, now()), seen, detail="6")


def _register_chart(app, key):
    problem = Round("metrics", PLACE, "x", now(), now(), Result.DENIED, action="cloudwatch:X")
    readings = {
        "data": Reading(None, Look.DATA, now()),
        "stale": Reading(None, Look.DATA, now() - timedelta(hours=1), problem),
        "nothing": Reading(None, Look.NOTHING, now()),
        "refused": Reading(None, Look.COULD_NOT_ASK, None, problem),
    }

    @app.callback(*parts.chart_outputs("t", key), Input(ids.VIEW, "data"), Input(ids.TICK, "data"))
    def draw(data, _):
        view = View.of(data)
        window = view.window(now())
        lines = [line(window, "checkout", 4.0), line(window, "auth", 1.0)]
        drawn = figures.timeseries(
            lines if key in ("data", "stale") else [],
            window=window,
            unit="percent",
            threshold=figures.Threshold(3, "alarm above 3 %"),
        )
        return parts.chart_answer(drawn, readings[key], parts.Seen(now(), view.zone))


def _rows():
    return [
        {
            "id": health.value,
            "state": health.value,
            "name": f"{health.value}-{'x' * 80}",
            "name_href": f"/resource/{health.value}",
            "errors": None if health is Health.NO_DATA else 4.21,
            "spark": "1 2 - 4",
            "strip": ["ok", None, health.value],
            "at": 1_700_000_000_000,
        }
        for health in Health
    ]


def plain(path: str, title: str):
    """A page that says its title."""
    return SimpleNamespace(
        PATH=path,
        TITLE=title,
        layout=lambda **query: html.P(f"{title} {sorted(query.items())}", id="said"),
        register=lambda *_: None,
    )


def app(**settings):
    """The whole app around these pages."""
    overview = SimpleNamespace(PATH="/", TITLE="Overview", layout=layout, register=register)
    pages = [
        overview,
        plain("/alarms", "Alarms"),
        plain("/services/<service>", "Service"),
        plain("/resource/<path:arn>", "Resource"),
    ]
    return create_app(Answers(), settings=WebSettings(**settings), now=now, pages=pages)
