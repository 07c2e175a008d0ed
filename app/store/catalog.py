"""The SQL catalog: one engine, read and write transactions, migration at open.

What the catalog does not list does not exist. A write transaction excludes
every other one from its first statement on, in this process and elsewhere, so
a file that is written inside it and not listed in it is nobody's.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.model.errors import ConfigError, StoreError, StoreFull
from app.store import schema
from app.store.sqlite_new import create_in_wal

REVISION = "0011"
"""The newest migration; a test holds it to the folder ``migrations``."""

WRITING = {"watchdeck_writes": True}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_FULL = 13
_POSTGRES_FULL = "53100"
_MIGRATION_LOCK = 7_241_895_310


class Catalog:
    """Transactions on the catalog; safe to share between threads."""

    def __init__(self, url: URL) -> None:
        self.file = sqlite_file(url)
        if self.file is not None:
            create_in_wal(self.file)
        self._engine = _engine(url)
        self._writer = threading.Lock()
        self.is_sqlite = url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that excludes other writers; kept only if the block ends well."""
        with self._writer, _named_errors(), self._engine.connect() as plain:
            connection = plain.execution_options(**WRITING)
            with connection.begin():
                if not self.is_sqlite:
                    _lock_counter(connection)
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for looking only; it waits for no writer."""
        with _named_errors(), self._engine.connect() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring an empty or older catalog to :data:`REVISION`; two openers take turns."""
        if self._revision() == REVISION:
            return
        with self._writer, _named_errors(), self._engine.connect() as plain:
            connection = plain.execution_options(**WRITING)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                _upgrade(connection)

    def _revision(self) -> str | None:
        with self.read() as connection:
            if not self._engine.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def bump(connection: Connection) -> int:
    """The next catalog version, which is also the fetch sequence of a commit."""
    return int(connection.execute(_BUMP).scalar_one())


def grow(connection: Connection, name: str, by: int = 1) -> int:
    """Count changes of a kind; the count so far."""
    known = select(_COUNTER.value).where(_COUNTER.name == name)
    _GROW.run(connection, [{"name": name, "value": by}])
    return int(connection.execute(known).scalar_one())


def counts(connection: Connection) -> dict[str, int]:
    """Every counter as this transaction sees it; ``version`` is always among them."""
    rows = connection.execute(select(_COUNTER.name, _COUNTER.value))
    return {row.name: row.value for row in rows}


def note_purge(connection: Connection, newest: int) -> None:
    """Remember that rows changed up to version ``newest`` have been removed.

    A process that knows no later version than this has missed some of them.
    """
    higher = update(schema.counters).where(_COUNTER.name == "purged", _COUNTER.value < newest)
    connection.execute(higher.values(value=newest))


class Upsert:
    """Insert rows, or change those that share a primary key; built once for each dialect.

    Columns in ``add`` are added up, those in ``keep`` stay as they were.
    """

    def __init__(self, table: Table, *, add: Collection[str] = (), keep: Collection[str] = ()):
        self._statements: dict[str, Any] = {}
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
            statement = dialect.insert(table)
            keys = [column.name for column in table.primary_key]
            given = statement.excluded
            changes = {
                column.name: column + given[column.name]
                if column.name in add
                else given[column.name]
                for column in table.columns
                if column.name not in {*keys, *keep}
            }
            self._statements[name] = statement.on_conflict_do_update(
                index_elements=keys, set_=changes
            )

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            connection.execute(self._statements[connection.dialect.name], rows)


_GROW = Upsert(schema.counters, add={"value"})


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite catalog."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(url.database) if is_file and url.database else None


def default_url(folder: Path) -> URL:
    """The SQLite file of a store in ``folder``."""
    return URL.create("sqlite", database=str(folder / "catalog.sqlite"))


def checked_url(given: str) -> URL:
    """An address of config.yaml, or a ConfigError that does not repeat its password."""
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(
            "store.catalog is not an address of a database; "
            "write postgresql+psycopg://user@host/name, or leave it out for SQLite"
        ) from error
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return url
    raise ConfigError(f"store.catalog names {backend}; only sqlite and postgresql are supported")


_COUNTER = schema.counters.c
_BUMP: Any = (
    update(schema.counters)
    .where(_COUNTER.name == "version")
    .values(value=_COUNTER.value + 1)
    .returning(_COUNTER.value)
)
_LOCK: Any = select(_COUNTER.value).where(_COUNTER.name == "version").with_for_update()


def _lock_counter(connection: Connection) -> None:
    connection.execute(_LOCK)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        if find_spec("psycopg") is None:
            raise ConfigError(
                "store.catalog names PostgreSQL, whose driver is not installed; "
                "install it with: pip install 'watchdeck[postgres]'"
            )
        # Without client_encoding a database made with SQL_ASCII answers in bytes.
        encoding = {"client_encoding": "utf8"}
        return create_engine(
            url, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args=encoding
        )
    engine = create_engine(url, pool_size=8, max_overflow=24)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("watchdeck_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _is_full(error.orig):
            raise StoreFull(
                "the catalog has no space left; nothing of this commit was kept. "
                "Free space where the catalog lies, or shorten store.retention"
            ) from error
        problem = str(error.orig).strip().partition("\n")[0]
        if error.statement is None and not isinstance(error.orig, sqlite3.DatabaseError):
            raise StoreError(
                f"the catalog cannot be reached: {problem}. "
                "See that its server runs and that store.catalog is right"
            ) from error
        raise StoreError(f"the catalog refused: {problem}") from error


def _is_full(error: BaseException | None) -> bool:
    if getattr(error, "sqlite_errorcode", None) == _SQLITE_FULL:
        return True
    return getattr(error, "sqlstate", None) == _POSTGRES_FULL


def _upgrade(connection: Connection) -> None:
    # Imported here: Alembic costs 0.4 s, and an up-to-date catalog does not need it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            "the catalog was written by a newer Watchdeck; start that version again, "
            "or restore the catalog from before the upgrade"
        ) from error
