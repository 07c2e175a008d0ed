"""What a browser is told, and which requests are refused."""

from __future__ import annotations

import pytest

from app.web.headers import content_policy


def policy(response):
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


def test_scripts_come_from_here_or_are_named_by_their_hash(client):
    rules = policy(client.get("/"))
    assert rules["script-src"] == "'self' 'sha256-abc'"
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"


def test_no_script_may_be_built_from_text():
    assert "unsafe-eval" not in content_policy([])
    assert "'unsafe-inline'" not in content_policy([]).split("script-src ")[1].split(";")[0]


def test_no_other_site_may_frame_the_pages(client):
    response = client.get("/")
    assert policy(response)["frame-ancestors"] == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_types_are_not_guessed_and_addresses_not_passed_on(client):
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_only_an_encrypted_site_asks_to_stay_encrypted(server):
    plain = server().test_client().get("/")
    safe = server(public_url="https://deck.example.com").test_client().get("/")
    assert "Strict-Transport-Security" not in plain.headers
    assert safe.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="a program"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="our page"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a neighbour"),
        pytest.param({"Origin": "http://localhost"}, 200, id="our origin"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="another origin"),
        pytest.param({"Origin": "null"}, 403, id="an origin that hides"),
    ],
)
def test_a_callback_is_answered_to_our_own_pages_only(client, headers, status):
    assert client.post("/_dash-update-component", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8050", 200), ("127.0.0.1", 200), ("evil.example", 400)]
)
def test_a_server_on_loopback_answers_only_to_its_own_names(client, host, status):
    assert client.get("/", headers={"Host": host}).status_code == status


def test_a_server_for_the_network_answers_to_any_name(server):
    client = server(host="0.0.0.0").test_client()  # noqa: S104 - the setting under test
    assert client.get("/", headers={"Host": "deck.example.com"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "no-store"),
        ("/assets/app.js?m=123", "public, max-age=31536000, immutable"),
        ("/assets/app.js", "no-cache"),
        ("/nowhere", "no-store"),
    ],
)
def test_files_are_kept_and_data_is_not(client, path, expected):
    assert client.get(path).headers["Cache-Control"] == expected
