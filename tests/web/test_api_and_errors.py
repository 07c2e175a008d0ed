"""The JSON API, and what a visitor sees of an error."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from app.model.states import Health
from app.web.api import plain


def test_an_answer_says_how_good_it_is(client):
    answer = client.get("/api/v1/alarms").json
    assert set(answer) == {"data", "look", "as_of", "problem", "since"}
    assert answer["data"] == []


@pytest.mark.parametrize("path", ["/api/v1/rounds", "/api/v1/services", "/api/v1/resources?q=a"])
def test_every_reader_answers_on_an_empty_store(client, path):
    response = client.get(path)
    assert (response.status_code, response.json["data"]) == (200, [])


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/api/v1/resources", 400, "Say what to look for: ?q=TEXT or ?service=ID."),
        ("/api/v1/resources?q=a&limit=0", 400, "limit must be a number from 1 to 1000."),
        ("/api/v1/resources?q=a&limit=x", 400, "limit must be a number from 1 to 1000."),
        ("/api/v1/logs", 400, "Say what to ask: ?q=QUERY, in Logs Insights QL."),
        ("/api/v1/logs?q=limit+1&since=1h&until=2h", 400, "until lies before since; swap the two."),
        ("/api/v1/logs?q=limit+1&group=a", 400, "there is no log group `a`"),
        ("/api/v1/logs?q=limit+1&timeout=0", 400, "timeout must be a number above 0."),
        ("/api/v1/logs?q=limit+1&max_bytes=inf", 400, "max_bytes must be a number above 0."),
        ("/api/v1/logs?q=limit+1&max_bytes=5GB", 400, "max_bytes must be a number above 0."),
        (
            "/api/v1/logs?q=stats+cuont(*)",
            400,
            "unknown function `cuont`; did you mean `count`?\n  stats cuont(*)\n        ^^^^^^^^",
        ),
        (
            "/api/v1/traces?q=falt",
            400,
            "unknown keyword `falt`; did you mean `fault`?\n  falt\n  ^^^^",
        ),
        ("/api/v1/service-map?since=1h&until=2h", 400, "until lies before since; swap the two."),
    ],
)
def test_a_mistake_is_explained(client, path, status, detail):
    response = client.get(path)
    assert (response.status_code, response.json["detail"]) == (status, detail)


def test_an_explained_query_tells_what_would_be_read(client):
    told = client.get("/api/v1/logs?q=where+status+%3E=+500+|+limit+5&explain").json
    assert told["query"] == "filter status >= 500 | limit 5"
    assert "knows before it reads that status >= 500" in told["steps"]
    assert told["plan"]


def test_an_answer_tells_how_much_was_read(client):
    told = client.get("/api/v1/logs?q=stats+count(*)&timeout=2.5&max_bytes=1000").json
    assert (told["columns"], told["rows"], told["more"]) == (["count(*)"], [[0]], False)
    assert {"parts", "rows", "bytes", "skipped_rows", "stopped", "since_ms"} <= set(told["scanned"])


def test_traces_on_an_empty_store_tell_that_none_were_collected(client):
    found = client.get("/api/v1/traces?q=fault&slowest").json
    assert (found["data"], found["look"]) == ([], "not_collected")
    assert (found["more"], found["undecided"]) == (False, 0)
    drawn = client.get("/api/v1/service-map?by_host").json
    assert drawn["data"] == {"nodes": [], "edges": [], "traces": 0}


def test_a_trace_that_is_not_stored_is_not_found(client):
    response = client.get("/api/v1/traces/1-6ab13b80-0123456789abcdef01234567")
    assert response.status_code == 404
    assert "There is no trace 1-6ab13b80" in response.json["detail"]


def test_an_unknown_service_is_told_which_there_are(client):
    response = client.get("/api/v1/resources?service=lamda")
    assert response.status_code == 404
    assert "There is no service 'lamda'" in response.json["detail"]
    assert "lambda" in response.json["detail"]


def test_an_unknown_path_of_the_api_answers_in_json(client):
    assert client.get("/api/v1/nothing").json["error"] == "Not Found"


def test_an_error_shows_a_reference_that_the_log_knows(client, caplog):
    with caplog.at_level(logging.ERROR):
        response = client.get("/broken")
    assert response.status_code == 500
    assert response.json["error"] == "Something went wrong."
    assert f"reference {response.json['reference']} GET /broken" in caplog.text


def test_an_error_shows_nothing_of_its_inside(client):
    assert "hunter2" not in client.get("/broken").text
    assert "Traceback" not in client.get("/broken").text


def test_the_access_log_leaves_the_query_out(client, caplog):
    with caplog.at_level(logging.INFO, logger="watchdeck.access"):
        client.get("/api/v1/resources?q=customer-4711")
    assert "GET /api/v1/resources 200" in caplog.text
    assert "4711" not in caplog.text


def test_the_access_log_is_not_filled_by_probes_unless_they_fail(client, caplog):
    with caplog.at_level(logging.INFO, logger="watchdeck.access"):
        client.get("/healthz")
        client.get("/readyz")
    assert "/healthz" not in caplog.text
    assert "GET /readyz 503" in caplog.text


def test_values_become_json_without_losing_what_they_mean():
    @dataclass(frozen=True)
    class Thing:
        health: Health
        usd: Decimal
        age: timedelta
        values: np.ndarray

    thing = Thing(Health.OK, Decimal("1.5"), timedelta(minutes=2), np.array([1.0, np.nan]))
    assert plain(thing) == {"health": "ok", "usd": 1.5, "age": 120.0, "values": [1.0, None]}
