"""A Flask server with everything around it, over readers of a real, empty store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.catalogue import load_catalogue
from app.config import AccountSettings, Settings, StoreSettings, WebSettings
from app.read import Reads
from app.store import open_store
from app.web.flask import guard
from tests.support.empty_store import prepared

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def catalogue():
    return load_catalogue()


@pytest.fixture
def store(tmp_path):
    store = open_store(StoreSettings(path=prepared(tmp_path)), NOW)
    yield store
    store.close()


@pytest.fixture
def reads(store, catalogue, tmp_path):
    account = AccountSettings(id="111111111111", name="blog-prod", regions=["eu-central-1"])
    settings = Settings(accounts=[account], store=StoreSettings(path=tmp_path))
    return Reads(store, catalogue, settings)


@pytest.fixture
def server(reads):
    """Makes a server; keyword arguments are web settings."""

    def make(counters=None, **settings):
        made = Flask("test", static_folder=None)
        guard(
            made,
            settings=WebSettings(**settings),
            reads=reads,
            now=lambda: NOW,
            script_hashes=lambda: ["'sha256-abc'"],
            counters=counters,
        )

        @made.get("/")
        def home():
            return "home"

        @made.post("/_dash-update-component")
        def update():
            return {"answer": "x" * 20_000}

        @made.get("/assets/app.js")
        def asset():
            return made.response_class("y" * 5_000, mimetype="text/javascript")

        @made.get("/broken")
        def broken():
            raise RuntimeError("the password is hunter2")

        return made

    return make


@pytest.fixture
def client(server):
    return server().test_client()
