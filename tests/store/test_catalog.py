"""The catalog: migration, addresses, and errors a tired operator understands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.config import Secret, StoreSettings
from app.model.errors import ConfigError, StoreError
from app.store import open_store
from app.store.catalog import REVISION, Catalog, bump, checked_url, default_url
from app.store.columns import metadata
from app.store.sqlite_new import create_in_wal
from tests.store.samples import NOW
from tests.support import postgres

MIGRATIONS = Path(__file__).parents[2] / "app" / "store" / "migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.sqlite'}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    database = server.new_database()
    yield server.url(database)
    server.drop(database)


@pytest.fixture
def catalog(url: str) -> Iterator[Catalog]:
    opened = Catalog(checked_url(url))
    yield opened
    opened.close()


def test_the_migrations_build_what_the_code_describes(catalog: Catalog) -> None:
    catalog.migrate()
    with catalog.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_is_asked_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_many_can_open_an_empty_catalog_at_once(url: str) -> None:
    catalogs = [Catalog(checked_url(url)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Catalog.migrate, catalogs))
    with catalogs[0].write() as connection:
        assert bump(connection) == 1
    for catalog in catalogs:
        catalog.close()


def test_a_new_file_is_in_wal_mode_before_anybody_can_open_it(tmp_path: Path) -> None:
    # Else the second opener's change to WAL fails at once with "database is locked".
    file = tmp_path / "catalog.sqlite"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(create_in_wal, [file] * 4))
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_catalog_of_a_newer_release_is_refused(catalog: Catalog) -> None:
    catalog.migrate()
    with catalog.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Watchdeck"):
        catalog.migrate()


def test_a_failed_block_leaves_nothing(catalog: Catalog) -> None:
    catalog.migrate()

    def fail() -> None:
        with catalog.write() as connection:
            bump(connection)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    with catalog.write() as connection:
        assert bump(connection) == 1


def test_versions_are_given_out_once(catalog: Catalog) -> None:
    catalog.migrate()

    def take(_: int) -> int:
        with catalog.write() as connection:
            return bump(connection)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(40))) == list(range(1, 41))


def test_a_commit_survives_a_power_cut_by_default(tmp_path: Path) -> None:
    catalog = Catalog(default_url(tmp_path))
    with catalog.read() as connection:
        full = 2
        assert connection.execute(text("PRAGMA synchronous")).scalar() == full
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    catalog.close()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("nonsense", "not an address of a database", id="no address"),
        pytest.param("mysql://u:secret@h/d", "only sqlite and postgresql", id="another database"),
        pytest.param("nosuch://u:secret@h/d", "not supported|not an address|only", id="unknown"),
    ],
)
def test_a_wrong_address_is_a_mistake_in_the_file(
    tmp_path: Path, address: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        open_store(StoreSettings(path=tmp_path, catalog=Secret(address)), NOW)
    assert "secret" not in str(caught.value)


@pytest.mark.postgres
def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    address = f"postgresql://ann:hunter2@/watchdeck?host={tmp_path}"
    with pytest.raises(StoreError, match="the catalog cannot be reached") as caught:
        open_store(StoreSettings(path=tmp_path, catalog=Secret(address)), NOW)
    assert "hunter2" not in str(caught.value)


def test_a_catalog_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="the catalog refused: file is not a database"):
        open_store(StoreSettings(path=tmp_path), NOW)
