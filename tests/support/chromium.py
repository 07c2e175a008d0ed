"""A Chromium for the browser tests: the system's, else Debian's package, else Playwright's.

``python -m tests.support.chromium --install`` sees to it that there is one;
``WATCHDECK_CHROMIUM`` names another. Tests ask :func:`find` and fail, rather
than skip, when there is none: a browser test that never ran proves nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
"""For tests on loopback only: no sandbox (CI runs as root), and nothing that calls home."""

NONE_FOUND = """\
No Chromium was found for the browser tests, and none could be installed. Do one of:
  - install it: apt install chromium   (or your system's way)
  - name one:   export WATCHDECK_CHROMIUM=/path/to/chrome
  - leave the browser tests out: make test TESTS='-m "not browser"'
"""


def find() -> Path | None:
    """The Chromium to use, or None."""
    named = os.environ.get("WATCHDECK_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found and _starts(found):
            return Path(found)
    return _playwrights()


def _playwrights() -> Path | None:
    """Playwright's own download, if there is one."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _starts(executable: str) -> bool:
    """Whether it is a browser and not a stub that only tells how to install one."""
    try:
        answer = subprocess.run([executable, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def install() -> Path | None:
    """Install a Chromium in the first way that works here."""
    for way in (_by_apt, _by_playwright):
        way()
        found = find()
        if found is not None:
            return found
    return None


def _by_apt() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    _say("Installing the system's package chromium for the browser tests.")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    base = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    if _run(
        [*base, "install", "--no-install-recommends", "-y", "chromium", "fonts-liberation"], env
    ):
        return
    _run([*base, "update"], env)
    _run([*base, "install", "--no-install-recommends", "-y", "chromium", "fonts-liberation"], env)


def _by_playwright() -> None:
    _say("Downloading Playwright's Chromium for the browser tests.")
    _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _run(command: list[str], env: dict[str, str]) -> bool:
    try:
        answer = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(str(error))
        return False
    return answer.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this module is a command


def main() -> int:
    """Print the path of a Chromium; 1 and a message when there is none."""
    found = find() or (install() if "--install" in sys.argv[1:] else None)
    if found is None:
        _say(NONE_FOUND)
        return 1
    print(found)  # noqa: T201 - this module is a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
