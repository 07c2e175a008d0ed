"""What a digest says, from the same readers as the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.model.findings import FindingKind
from app.model.ids import Place
from app.model.spend import SpendDimension
from app.model.states import Health
from app.model.time import Window
from app.read.budgets import BudgetsReader
from app.read.findings import FindingsReader
from app.read.spend import CostsReader, SpendAnswer, SpendQuestion, SpendReader

_LEAST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Digest:
    """A title and lines for people, and the same numbers for programs."""

    title: str
    lines: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mover:
    """A service with what it cost before and now."""

    name: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Sources:
    """The readers that a digest asks."""

    spend: SpendReader
    costs: CostsReader
    budgets: BudgetsReader
    findings: FindingsReader
    places: Sequence[Place]


def compose(sources: Sources, window: Window, most: int, now: datetime) -> Digest | None:
    """The digest of some whole days; None while their bill is not there."""
    after = _asked(sources.spend, window, now)
    if after is None:
        return None
    back = timedelta(days=7)
    before = _asked(sources.spend, Window(window.start - back, window.end - back), now)
    movers = _movers(before, after)[:most] if before is not None else []
    shown = [each for each in movers if abs(each.change) >= _LEAST]
    lines = [
        *_month(sources, now),
        *_moved(shown),
        *_budgets(sources.budgets, now),
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
    return str(usd.quantize(_LEAST))


def _title(window: Window, after: SpendAnswer, before: SpendAnswer | None) -> str:
    """``Spend of 2026-11-15 to 2026-11-21: 412.30 USD, 12 % more than the week before``."""
    first, last = window.start.date(), window.end.date() - timedelta(days=1)
    days = f"{first}" if first == last else f"{first} to {last}"
    told = f"Spend of {days}: {after.total:,.2f} USD"
    if before is None or before.total <= 0:
        return told
    what = "the same day a week before" if first == last else "the week before"
    return f"{told}, {_compared(before.total, after.total)} {what}"


def _compared(before: Decimal, after: Decimal) -> str:
    share = (after - before) * 100 / before
    if abs(share) < Decimal("0.5"):
        return "as much as"
    return f"{abs(share):.0f} % {'more' if share > 0 else 'less'} than"


def _movers(before: SpendAnswer, after: SpendAnswer) -> list[Mover]:
    """Services by how much they changed, the largest first."""
    earlier = {row.key[0]: row.total for row in before.rows}
    later = {row.key[0]: row.total for row in after.rows}
    found = [
        Mover(name or "(no service)", earlier.get(name, Decimal(0)), later.get(name, Decimal(0)))
        for name in {*earlier, *later}
    ]
    return sorted(found, key=lambda each: (-abs(each.change), each.name))


def _moved(movers: Sequence[Mover]) -> Iterator[str]:
    for each in movers:
        sign = "+" if each.change > 0 else "−"
        share = f", {sign}{abs(each.change) * 100 / each.before:.0f} %" if each.before > 0 else ""
        told = f"{each.before:,.2f} → {each.after:,.2f} USD"
        yield f"{each.name}: {told} ({sign}{abs(each.change):,.2f}{share})"


def _month(sources: Sources, now: datetime) -> Iterator[str]:
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    answer = _asked(sources.spend, Window(start, now), now)
    if answer is None:
        return
    ahead = sources.costs.forecast(now).value
    expected = f"; {ahead.total.expected:,.2f} USD are expected by its end" if ahead else ""
    yield f"This month so far: {answer.total:,.2f} USD{expected}"


def _budgets(budgets: BudgetsReader, now: datetime) -> Iterator[str]:
    """Budgets that are not in order; one line for all that are."""
    standing = budgets.standing(now).value
    for each in standing:
        if each.health in (Health.CRITICAL, Health.WARNING):
            yield f"Budget {each.budget.name}: {each.said}"
    well = sum(each.health is Health.OK for each in standing)
    if well:
        yield f"{well} of {len(standing)} budgets are in order"


def _saving(sources: Sources, now: datetime) -> Iterator[str]:
    answer = sources.findings.all(sources.places, now, [FindingKind.COST]).value
    if answer.rows:
        count = len(answer.rows)
        what = "finding" if count == 1 else "findings"
        yield f"{count} {what} on cost, {answer.usd:,.2f} USD a month"


def _asked(spend: SpendReader, window: Window, now: datetime) -> SpendAnswer | None:
    """By service; None where the bill does not tell all of the days up to now."""
    question = SpendQuestion(window, group=(SpendDimension.SERVICE,))
    answer = spend.ask(question, now).value
    whole = window.end <= _midnight(now.date() - timedelta(days=1), now)
    incomplete = whole and any(each is None for each in answer.totals)
    return None if answer.why_not or incomplete else answer


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
