"""Who may look, and how guessing is slowed down."""

from __future__ import annotations

import pytest
from flask import Flask

from app.config import UserSettings, WebSettings
from app.model.errors import ConfigError
from app.web.sign_in import Brake, hashed, register

PASSWORD = "correct horse"
HASH = hashed(PASSWORD)


@pytest.fixture
def settings():
    def make(users=None, **more):
        return {
            "sign_in": UserSettings(users=users or {"ada": HASH}),
            "secret_key": "0123456789abcdef",
            **more,
        }

    return make


@pytest.fixture
def guarded(server, settings):
    return server(**settings()).test_client()


def enter(client, name="ada", password=PASSWORD, goal="/", **more):
    form = {"name": name, "password": password, "next": goal}
    return client.post("/sign-in", data=form, **more)


def test_a_stranger_is_asked_to_sign_in_and_brought_back(guarded):
    response = guarded.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in?next=/")


def test_the_right_password_opens_the_page_that_was_asked_for(guarded):
    assert enter(guarded, goal="/alarms").headers["Location"] == "/alarms"
    assert guarded.get("/").data == b"home"


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong"), ("bob", PASSWORD), ("ada", ""), ("bob", "")]
)
def test_anything_else_opens_nothing_and_does_not_tell_why(guarded, name, password):
    response = enter(guarded, name, password)
    assert response.status_code == 401
    assert b"Name and password do not belong together." in response.data
    assert guarded.get("/").status_code == 302


@pytest.mark.parametrize("goal", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_signing_in_never_leads_to_another_site(guarded, goal):
    assert enter(guarded, goal=goal).headers["Location"] == "/"


def test_what_is_sent_back_is_escaped(guarded):
    page = guarded.get('/sign-in?next=/"><script>').data
    assert b"<script>" not in page.replace(b'<script src="/assets/first.js">', b"")


def test_callbacks_of_a_stranger_are_refused_and_not_redirected(guarded):
    response = guarded.post("/_dash-update-component")
    assert (response.status_code, response.json) == (401, {"error": "Not signed in."})


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/assets/app.js"])
def test_what_needs_no_sign_in_stays_open(guarded, path):
    assert guarded.get(path).status_code == 200


def test_programs_may_send_the_password_with_each_request(guarded):
    assert guarded.get("/metrics").status_code == 401
    assert guarded.get("/metrics", auth=("ada", "wrong")).status_code == 401
    assert guarded.get("/metrics", auth=("ada", PASSWORD)).status_code == 200


def test_a_program_cannot_open_pages_by_password(guarded):
    assert guarded.get("/", auth=("ada", PASSWORD)).status_code == 302


def test_five_wrong_tries_close_the_door_even_for_the_right_password(guarded):
    for _ in range(5):
        enter(guarded, password="wrong")
    response = enter(guarded)
    assert response.status_code == 429
    assert 290 <= int(response.headers["Retry-After"]) <= 300


def test_the_door_opens_again_after_five_minutes():
    clock = [0.0]
    brake = Brake(clock=lambda: clock[0])
    for _ in range(5):
        brake.failed("as ada")
    assert brake.wait_s("as ada") == 300
    clock[0] = 299.0
    assert brake.wait_s("as ada") == 1
    clock[0] = 301.0
    assert brake.wait_s("as ada") == 0


def test_guessing_one_name_does_not_lock_out_another():
    brake = Brake(clock=lambda: 0.0)
    for _ in range(5):
        brake.failed("as ada")
    assert brake.wait_s("as bob") == 0


def test_the_brake_forgets_the_oldest_rather_than_filling_the_memory():
    brake = Brake(clock=lambda: 0.0)
    for number in range(10_050):
        brake.failed(f"as {number}")
    assert len(brake._failures) == 10_000


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guarded):
    cookie = enter(guarded).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_of_an_encrypted_site_stays_encrypted(server, settings):
    client = server(**settings(public_url="https://deck.example.com")).test_client()
    assert "Secure" in enter(client, base_url="https://deck.example.com").headers["Set-Cookie"]


def test_a_new_password_signs_everybody_out(server, settings):
    first = server(**settings()).test_client()
    enter(first)
    cookie = first.get_cookie("watchdeck").value
    second = server(**settings({"ada": hashed("another")})).test_client()
    second.set_cookie("watchdeck", cookie)
    assert second.get("/").status_code == 302


def test_signing_out_takes_a_click(guarded):
    enter(guarded)
    assert b"Signed in as ada." in guarded.get("/sign-out").data
    assert guarded.get("/").status_code == 200
    guarded.post("/sign-out")
    assert guarded.get("/").status_code == 302


def test_another_site_cannot_sign_anybody_in(guarded):
    assert enter(guarded, headers={"Origin": "http://evil.example"}).status_code == 403


def test_a_session_needs_a_key_to_sign_it():
    users = UserSettings(users={"ada": HASH})
    with pytest.raises(ConfigError, match=r"needs web\.secret_key"):
        register(Flask("x"), WebSettings(sign_in=users))


def test_without_users_everything_is_open(client):
    assert client.get("/").status_code == 200
    assert client.get("/sign-in").status_code == 404
