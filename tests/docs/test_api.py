"""docs/guide/api.md describes every route of the API, and no other."""

from __future__ import annotations

import re

from flask import Flask

from app.web import api
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "guide" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_described_and_no_other() -> None:
    server = Flask("test")
    api.register(server, reads=None, now=None)
    routes = {rule.rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert set(re.findall(r"`GET (/api/\S+)`", TEXT)) == routes
