"""The web server in a process of its own: pages over a store that nobody else writes to.

``python -m tests.support.web_process FOLDER TIME`` prints its port and serves
until its input ends, so it never outlives the test that started it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(folder: Path, now: datetime) -> Iterator[str]:
    """The address of a server over the store in ``folder``, for which it is always ``now``."""
    command = [sys.executable, "-m", __spec__.name if __spec__ else "", str(folder)]
    child = subprocess.Popen(
        [*command, now.isoformat()],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        port = child.stdout.readline().strip()
        assert port, "the web process ended before it listened"
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stdin.close()
        child.wait(timeout=20)
        child.stdout.close()


def main() -> None:
    """Serve until the input ends."""
    from waitress import create_server

    from app.catalogue import load_catalogue
    from app.config import WebSettings
    from app.read import Reads
    from app.store import open_store
    from dashboards.mount import create_app
    from tests.support.demo_store import settings_for

    folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    settings = settings_for("http://127.0.0.1:9", folder)
    store = open_store(settings.store, now, writer=False)
    reads = Reads(store, load_catalogue(), settings)
    app = create_app(reads, settings=WebSettings(), now=lambda: now)
    server = create_server(app.server, host="127.0.0.1", port=0, threads=8)
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
