"""Answers are made smaller where it is worth it."""

from __future__ import annotations

import gzip

ACCEPTS = {"Accept-Encoding": "gzip, br"}


def test_a_file_is_packed_and_unpacks_to_itself(client):
    response = client.get("/assets/app.js?m=1", headers=ACCEPTS)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data) == b"y" * 5_000
    assert response.headers["Content-Length"] == str(len(response.data))


def test_the_second_answer_is_the_same(client):
    first, second = (client.get("/assets/app.js?m=1", headers=ACCEPTS) for _ in range(2))
    assert first.data == second.data


def test_a_large_answer_is_packed(client):
    response = client.post("/_dash-update-component", headers=ACCEPTS)
    assert len(gzip.decompress(response.data)) > 20_000
    assert len(response.data) < 1_000


def test_a_small_answer_is_left_alone(client):
    assert "Content-Encoding" not in client.get("/", headers=ACCEPTS).headers


def test_who_does_not_accept_it_gets_it_plain(client):
    response = client.get("/assets/app.js")
    assert response.data == b"y" * 5_000
    assert "Content-Encoding" not in response.headers


def test_caches_are_told_that_the_answer_depends_on_what_is_accepted(client):
    response = client.get("/assets/app.js", headers=ACCEPTS)
    assert "Accept-Encoding" in response.headers["Vary"]
