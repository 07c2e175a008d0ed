"""How every benchmark measures and prints: medians, and the ratio to a peer in the same run.

The machine is rarely quiet, so ours and the peer take turns, and only the
ratio is worth comparing between days.
"""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of repeated runs of one thing."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        return percentile(self.samples, 0.95)


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that ``share`` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def once_ms(run: Callable[[], object]) -> float:
    """How long one run takes."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def timed(run: Callable[[], object], repeat: int = 7, warm: int = 1) -> Timing:
    """``repeat`` runs after ``warm`` unmeasured ones."""
    for _ in range(warm):
        run()
    gc.collect()
    return Timing(tuple(once_ms(run) for _ in range(repeat)))


def median_ms(run: Callable[[], object], repeat: int = 7, warm: int = 1) -> float:
    """The median of ``repeat`` runs in milliseconds."""
    return timed(run, repeat, warm).median


def in_turns(
    ours: Callable[[], object], peer: Callable[[], object], repeat: int = 7, warm: int = 1
) -> tuple[Timing, Timing]:
    """Both timed in the same minutes: ours, peer, ours, peer, and so on."""
    for _ in range(warm):
        ours()
        peer()
    gc.collect()
    pairs = [(once_ms(ours), once_ms(peer)) for _ in range(repeat)]
    return Timing(tuple(a for a, _ in pairs)), Timing(tuple(b for _, b in pairs))


def compare(
    label: str, ours: float, peer: float, *, peer_name: str = "peer", unit: str = "ms"
) -> float:
    """Print ours beside the peer's figure and give back the ratio ours / peer."""
    ratio = ours / peer if peer else float("inf")
    print(f"{label}: {ours:,.2f} {unit}; {peer_name} {peer:,.2f} {unit}; ratio {ratio:.2f}")
    return ratio


def report(
    label: str,
    figure: float,
    unit: str,
    *,
    limit: float | None = None,
    better: Literal["less", "more"] = "less",
) -> bool:
    """Print a figure, with its limit and whether it holds; True when it does."""
    if limit is None:
        print(f"{label}: {figure:,.2f} {unit}")
        return True
    held = figure <= limit if better == "less" else figure >= limit
    bound = "at most" if better == "less" else "at least"
    print(f"{label}: {figure:,.2f} {unit} ({bound} {limit:,g}: {'holds' if held else 'MISSED'})")
    return held


def peak_rss_mb() -> float:
    """The most memory that this process has held so far.

    Linux's ``ru_maxrss`` begins with what the parent held, so its own record is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def size_of(folder: Path) -> int:
    """Bytes of every file below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory(prefix="watchdeck-bench-") as folder:
        yield Path(folder)
