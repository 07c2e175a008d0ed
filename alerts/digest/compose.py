"""What a digest says, from the same readers as the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.digest.movers import Mover, movers
from app.model.findings import FindingKind
from app.model.ids import Place
from app.model.spend import SpendDimension
from app.model.states import Health
from app.model.time import Window
from app.read.budgets import BudgetsReader
from app.read.findings import FindingsReader
from app.read.spend import CostsReader, SpendAnswer, SpendQuestion, SpendReader

_CENT = Decimal("0.01")
_WEEK = timedelta(days=7)
_BEFORE = {1: "the same day a week before", 7: "the week before", 14: "the two weeks before"}
_TROUBLE = (Health.CRITICAL, Health.WARNING)


@dataclass(frozen=True, slots=True)
class Digest:
    """A title and lines for people, and the same numbers for programs."""

    title: str
    lines: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """The readers that a digest asks."""

    spend: SpendReader
    costs: CostsReader
    budgets: BudgetsReader
    findings: FindingsReader
    places: Sequence[Place]


def compose(sources: Sources, window: Window, most: int, now: datetime) -> Digest | None:
    """The digest of some whole days; None while their bill is not there.

    A day is held against that of a week before, longer stretches against the one before them.
    """
    after = _asked(sources.spend, window, now)
    if after is None:
        return None
    back = max(_WEEK, window.length)
    earlier = Window(window.start - back, window.end - back)
    before = _asked(sources.spend, earlier, now)
    causes = sources.costs.movers(earlier, window, now, SpendDimension.USAGE_TYPE).value
    shown = movers(before, after, causes)[:most] if before is not None else []
    lines = [
        *_month(sources, now),
        *_budgets(sources.budgets, now),
        *([_not_compared(earlier)] if before is None else _moved(shown)),
        *_saving(sources, now),
    ]
    data = {
        "start": window.start.date().isoformat(),
        "end": window.end.date().isoformat(),
        "usd": _cents(after.total),
        "usd_before": None if before is None else _cents(before.total),
        "movers": [
            {"service": m.name, "before": _cents(m.before), "after": _cents(m.after)} for m in shown
        ],
    }
    return Digest(_title(window, after, before), tuple(lines), data)


def _cents(usd: Decimal) -> str:
    return str(usd.quantize(_CENT))


def _title(window: Window, after: SpendAnswer, before: SpendAnswer | None) -> str:
    """``Spend of 15–21 Nov 2026: 412.30 USD, 12 % more than the week before``."""
    told = f"Spend of {_days(window)}: {after.total:,.2f} USD"
    if before is None or before.total <= 0:
        return told
    days = window.length // timedelta(days=1)
    return f"{told}, {_compared(before.total, after.total)} {_BEFORE[days]}"


def _days(window: Window) -> str:
    first, last = window.start.date(), window.end.date() - timedelta(days=1)
    if first == last:
        return f"{first:%a} {_day(first)} {first:%Y}"
    if first.month == last.month:
        return f"{first.day}–{_day(last)} {last:%Y}"
    return f"{_day(first)} – {_day(last)} {last:%Y}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _compared(before: Decimal, after: Decimal) -> str:
    share = (after - before) * 100 / before
    if abs(share) < Decimal("0.5"):
        return "as much as"
    return f"{abs(share):.0f} % {'more' if share > 0 else 'less'} than"


def _moved(shown: Sequence[Mover]) -> Iterator[str]:
    if not shown:
        yield "No service moved by 1 % of the bill or more"
    yield from (f"• {each.said}" for each in shown)


def _not_compared(earlier: Window) -> str:
    return f"Not compared: not every day of {_days(earlier)} has a whole bill"


def _month(sources: Sources, now: datetime) -> Iterator[str]:
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    answer = _asked(sources.spend, Window(start, now), now)
    if answer is None:
        return
    ahead = sources.costs.forecast(now).value
    told = f"{now:%B} so far: {answer.total:,.2f} USD"
    if ahead is not None:
        low, high = ahead.total.low80, ahead.total.high80
        told += f"; {ahead.total.expected:,.2f} expected by its end ({low:,.2f} to {high:,.2f})"
    yield told


def _budgets(budgets: BudgetsReader, now: datetime) -> Iterator[str]:
    """Budgets that are not in order, the worst first; one line for all that are."""
    standing = budgets.standing(now).value
    troubled = [each for each in standing if each.health in _TROUBLE]
    for each in sorted(troubled, key=lambda b: (_TROUBLE.index(b.health), -(b.actual_share or 0))):
        exceeded = " is exceeded" if each.health is Health.CRITICAL else ""
        yield f"Budget {each.budget.name}{exceeded}: {each.said}"
    well = sum(each.health is Health.OK for each in standing)
    if well:
        verb = "is" if well == 1 else "are"
        yield f"{well} of {len(standing)} budgets {verb} in order"


def _saving(sources: Sources, now: datetime) -> Iterator[str]:
    answer = sources.findings.all(sources.places, now, [FindingKind.COST]).value
    if not answer.rows:
        return
    count, dearest = len(answer.rows), answer.rows[0]
    what = "finding" if count == 1 else "findings"
    told = f"{count} {what} on cost, {answer.usd:,.2f} USD a month"
    usd = dearest.finding.usd
    if count > 1 and usd:
        told += f"; the dearest: {dearest.check.title}, {dearest.finding.name} ({usd:,.2f})"
    yield told


def _asked(spend: SpendReader, window: Window, now: datetime) -> SpendAnswer | None:
    """By service; None where the bill does not tell all of the days up to now."""
    question = SpendQuestion(window, group=(SpendDimension.SERVICE,))
    answer = spend.ask(question, now).value
    whole = window.end <= _midnight(now.date() - timedelta(days=1), now)
    incomplete = whole and not answer.is_whole(window)
    return None if answer.why_not or incomplete else answer


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
