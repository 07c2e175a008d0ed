"""``make bench``: every benchmark, one after the other, each in a process of its own.

``python -m bench alarms start`` runs only those, and ``python -m bench forecast --full`` passes the
option on. A benchmark prints its figure,
its limit and the ratio to a peer. The run ends with what missed its limit; on a
busy machine the ratios tell more than the figures.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MISSED = "MISSED"
"""How ``bench.timing.report`` marks a figure that is past its limit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one benchmark came to."""

    name: str
    code: int
    missed: tuple[str, ...]


def names() -> list[str]:
    """Every benchmark of this folder; other modules here cannot be run."""
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(f.stem for f in files if '__name__ == "__main__"' in f.read_text("utf-8"))


def main(wanted: list[str]) -> int:
    """Run the wanted benchmarks, or all; 1 when one failed or missed a limit."""
    known = names()
    options = [word for word in wanted if word.startswith("--")]
    wanted = [word for word in wanted if word not in options]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}; known are {', '.join(known)}")
        return 2
    outcomes = [_run(name, options) for name in wanted or known]
    print("\n== in sum")
    for outcome in outcomes:
        print(f"{outcome.name}: {'done' if outcome.code == 0 else f'failed ({outcome.code})'}")
        for line in outcome.missed:
            print(f"  {line}")
    return 1 if any(o.code or o.missed for o in outcomes) else 0


def _run(name: str, options: Sequence[str] = ()) -> Outcome:
    print(f"\n== {name}", flush=True)
    missed = []
    command = [sys.executable, "-u", "-m", f"bench.{name}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            missed += [line.strip()] if MISSED in line else []
    return Outcome(name, process.returncode, tuple(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
