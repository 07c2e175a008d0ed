"""The PostgreSQL of the tests ends with them, however they end."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import sys
from tests.support import postgres

with postgres.running() as server:
    print(server.folder, flush=True)
    sys.stdin.read()
"""


def has_ended(handle: int) -> bool:
    ended, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    return bool(ended)


@pytest.mark.postgres
def test_killed_tests_leave_no_server_behind() -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", TESTS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert tests.stdout is not None
    folder = Path(tests.stdout.readline().decode().strip())
    server = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    [watcher] = Path(f"/proc/{tests.pid}/task/{tests.pid}/children").read_text().split()
    handles = [os.pidfd_open(server), os.pidfd_open(int(watcher))]
    tests.kill()
    tests.communicate()
    assert [has_ended(handle) for handle in handles] == [True, True]
    assert not folder.exists()
