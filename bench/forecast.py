"""Forecasts of a month's total, made on the day that leaves 15 days of it.

Run ``python -m bench.forecast``. Fitting statsmodels takes nearly all of the time, so of the
made-up bills it gets a third of the months; ``--full`` gives it all. Bills are made up by seeds
(``bench.forecasts.made``) or
are real daily series of other things (``bench/forecasts/daily.jsonl``: households, a shop,
roads, page views; each line names its source). Every month of every series that has 120
days before it is one case. The peers are seasonal naive (last week again) and the damped
Holt-Winters of statsmodels, which is in the environment of peers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import mean, median

import numpy as np

from app.read.spend.forecast import DailySpend, Forecast, forecast, month_of, quarter_of
from app.read.spend.rolling import Calendar
from app.read.spend.shape import Values, filled
from bench.forecasts.made import Series, made, real
from bench.timing import compare, report

PEERS_PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
ETS = Path(__file__).parent / "forecasts" / "ets.py"
AHEAD, LEAST_BEFORE = 15, 120
OF_QUARTER = 45
SEEDS = range(1000, 1040)
FULL = "--full"
LIMIT_MS = 150.0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A history, the day after it, and what the rest of the month came to."""

    series: Series
    until: date
    end: date

    @property
    def known(self) -> Values:
        return self.series.values[: self.series.at(self.until)]

    @property
    def closed(self) -> Values:
        """The history with gaps closed: the peers cannot go on from a gap."""
        return filled(self.known, Calendar.over(self.series.start, self.known.size).weekdays)

    @property
    def rest(self) -> float:
        values = self.series.values
        return float(values[self.series.at(self.until) : self.series.at(self.end)].sum())

    @property
    def month(self) -> float:
        first = self.series.at(month_of(self.until)[0])
        return float(np.nansum(self.series.values[first : self.series.at(self.until)])) + self.rest


def cases(series: Series) -> Iterator[Case]:
    """Every month that can be judged."""
    for at in range(LEAST_BEFORE, series.values.size - AHEAD + 1):
        day = series.start + timedelta(days=at)
        end = month_of(day)[1]
        if (end - day).days == AHEAD and not np.isnan(series.values[at : at + AHEAD]).any():
            yield Case(series, day, end)


def ours(case: Case) -> Forecast:
    """Watchdeck's forecast."""
    known = tuple(None if np.isnan(value) else float(value) for value in case.known)
    found = forecast(DailySpend(case.series.start, known), *month_of(case.until))
    assert found is not None
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Quarter:
    """A forecast of a quarter when half of it is left, what the rest came to, and naively."""

    found: Forecast
    rest: float
    naive: float

    def off(self, expected: float) -> float:
        """Error of the quarter's total in percent of it."""
        return 100 * abs(expected - self.rest) / abs(float(self.found.actual) + self.rest)


def quarters(series: Series) -> Iterator[Quarter]:
    """Every quarter that can be judged."""
    values = series.values
    for at in range(LEAST_BEFORE, values.size - OF_QUARTER + 1):
        start, end = quarter_of(series.start + timedelta(days=at))
        ahead = values[at : at + OF_QUARTER]
        if (end - series.start).days - at == OF_QUARTER and not np.isnan(ahead).any():
            known = tuple(None if np.isnan(value) else float(value) for value in values[:at])
            found = forecast(DailySpend(series.start, known), start, end)
            assert found is not None
            closed = filled(values[:at], Calendar.over(series.start, at).weekdays)
            naive = float(closed[-7:][np.arange(OF_QUARTER) % 7].sum())
            yield Quarter(found, float(ahead.sum()), naive)


def seasonal_naive(case: Case) -> float:
    """The last week again and again."""
    return float(case.closed[-7:][np.arange(AHEAD) % 7].sum())


def ets(every: Sequence[Case]) -> list[float] | None:
    """Damped Holt-Winters of statsmodels with a season of a week; None where it is not there."""
    if not PEERS_PYTHON.exists():
        return None
    lines = (json.dumps({"values": case.closed.tolist(), "days": AHEAD}) for case in every)
    ran = subprocess.run(
        [PEERS_PYTHON, ETS], input="\n".join(lines), capture_output=True, text=True, check=False
    )
    return [float(line) for line in ran.stdout.split()] if ran.returncode == 0 else None


def main() -> None:
    """Both sets, months and quarters."""
    thinned = 1 if FULL in sys.argv else 3
    for name, series, step in (
        ("made-up bills", [made(seed) for seed in SEEDS], thinned),
        ("real daily series", real(), 1),
    ):
        judge(name, [case for one in series for case in cases(one)], step)
        judge_quarters([each for one in series for each in quarters(one)])


def judge_quarters(every: Sequence[Quarter]) -> None:
    """Print how the forecasts of quarters came out."""
    off = [each.off(float(each.found.total.expected - each.found.actual)) for each in every]
    naive = [each.off(each.naive) for each in every]
    title = f"  median error of {len(every)} quarters"
    compare(title, median(off), median(naive), peer_name="seasonal naive", unit="%")
    compare("  their mean error", mean(off), mean(naive), peer_name="seasonal naive", unit="%")
    held = [_inside(each.found, each.rest) for each in every]
    in80, in95 = (100 * sum(one) / len(one) for one in zip(*held, strict=True))
    report("  quarters inside the 80 % interval", in80, "%")
    report("  quarters inside the 95 % interval", in95, "%")


def judge(name: str, every: Sequence[Case], step: int = 1) -> None:
    """Print how the forecasts of one set came out; every ``step``-th month is fitted."""
    found = [ours(case) for case in every]
    rests = [case.rest for case in every]
    off = _off(every, [float(f.total.expected - f.actual) for f in found])
    print(f"{name}: {len(every)} months")
    print(f"  off by at most {np.quantile(off, 0.9):.2f} % in 90 % of months")
    few = slice(None, None, step)
    peers = {
        "seasonal naive": ([seasonal_naive(case) for case in every], slice(None)),
        "statsmodels": (ets(every[few]), few),
    }
    for peer, (sums, which) in peers.items():
        if sums is None:
            print(f"  {peer} is not installed in {PEERS_PYTHON.parent.parent}")
            continue
        theirs = _off(every[which], sums)
        title = f"  median error of {len(theirs)} months, {name}"
        ratio = compare(title, median(off[which]), median(theirs), peer_name=peer, unit="%")
        report(f"  ratio to {peer}", ratio, "", limit=1.0)
    inside = [_inside(f, rest) for f, rest in zip(found, rests, strict=True)]
    in80, in95 = (100 * sum(held) / len(held) for held in zip(*inside, strict=True))
    report("  inside the 80 % interval", in80, "%", limit=75, better="more")
    report("  inside the 80 % interval", in80, "%", limit=85)
    report("  inside the 95 % interval", in95, "%", limit=92, better="more")
    taken = median(_processor_ms(every[-1]) for _ in range(7))
    report("  one forecast, time of the processor", taken, "ms", limit=LIMIT_MS)


def _processor_ms(case: Case) -> float:
    started = time.process_time()
    ours(case)
    return (time.process_time() - started) * 1000


def _off(every: Sequence[Case], sums: Sequence[float]) -> list[float]:
    """Error of the month's total in percent of it."""
    return [
        100 * abs(found - case.rest) / abs(case.month)
        for case, found in zip(every, sums, strict=True)
    ]


def _inside(found: Forecast, rest: float) -> tuple[bool, bool]:
    total, billed = found.total, float(found.actual) + rest
    return (
        float(total.low80) <= billed <= float(total.high80),
        float(total.low95) <= billed <= float(total.high95),
    )


if __name__ == "__main__":
    main()
