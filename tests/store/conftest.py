"""Stores on both catalogs. A test that takes ``settings`` or ``store`` runs on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from app.config import Secret, StoreSettings
from app.store import Store, open_store
from app.store.catalog import Catalog, checked_url
from tests.store.samples import NOW, Writing, hold
from tests.support import postgres

Opener = Callable[..., Store]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[tuple[postgres.Postgres, str]]:
    """A server, and the name of a database that is migrated already."""
    with postgres.running() as server:
        template = server.new_database()
        catalog = Catalog(checked_url(server.url(template)))
        catalog.migrate()
        catalog.close()
        yield server, template


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """Settings of a store that is not there yet."""
    folder = tmp_path / "store"
    if request.param == "sqlite":
        yield StoreSettings(path=folder)
        return
    server, template = request.getfixturevalue("postgres_server")
    database = server.new_database(template)
    yield StoreSettings(path=folder, catalog=Secret(server.url(database)))
    server.drop(database)


@pytest.fixture
def opener(settings: StoreSettings) -> Iterator[Opener]:
    """Opens the same store as often as wanted, as several processes would."""
    with ExitStack() as opened:

        def open_again(now: datetime = NOW, *, writer: bool = True) -> Store:
            store = open_store(settings, now, writer=writer)
            opened.callback(store.close)
            return store

        yield open_again


@pytest.fixture
def store(opener: Opener) -> Store:
    return opener()


@pytest.fixture
def writing(store: Store) -> Writing:
    """The store together with the right to write to it."""
    return hold(store)
