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
from app.store.columns import metadata
from tests.store.samples import NOW, Writing, hold
from tests.support import postgres
from tests.support.empty_store import prepared

Opener = Callable[..., Store]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres_server: postgres.Postgres) -> str:
    """The name of a database with an empty catalog, shared by tests that clean up."""
    name = postgres_server.new_database()
    catalog = Catalog(checked_url(postgres_server.url(name)))
    catalog.migrate()
    catalog.close()
    return name


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite catalog that is migrated and holds nothing."""
    return prepared(tmp_path_factory.mktemp("catalog")) / "catalog.sqlite"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """Settings of a store that is not there yet."""
    folder = tmp_path / "store"
    if request.param == "sqlite":
        yield StoreSettings(path=prepared(folder))
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    database: str = request.getfixturevalue("migrated")
    yield StoreSettings(path=folder, catalog=Secret(server.url(database)))
    used = [table.name for table in reversed(metadata.sorted_tables) if table.name != "counters"]
    server.empty(database, used)


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
