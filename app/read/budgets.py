"""Budgets of one's own and of AWS, and how they stand: the same for pages, alarms and digests.

AWS's own are told as AWS told them last; one's own are worked out from the stored bill.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from app.config import AccountSettings, BudgetSettings, MoneySettings
from app.model.budgets import (
    Budget,
    BudgetStanding,
    Of,
    Period,
    Source,
    Threshold,
    ThresholdStanding,
    share,
)
from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.spend import FactKind, SpendDimension, SpendFact, Tag
from app.model.states import AlarmState, Health
from app.model.time import Window
from app.read.books import Books
from app.read.spend import CostsReader, SpendFilter, SpendQuestion, SpendReader
from app.read.spend.outlook import Period as Ahead

_PERIODS = {
    "DAILY": Period.DAY,
    "MONTHLY": Period.MONTH,
    "QUARTERLY": Period.QUARTER,
    "ANNUALLY": Period.YEAR,
}
_KINDS = ("COST", "USAGE")
_DAY = timedelta(days=1)

STALE = timedelta(hours=12)
"""AWS works budgets out up to three times a day, so a new period is not told at once."""


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What is spent and expected; ``why_not`` where nothing is known.

    ``missing`` days of the period, before one whose bill is known, have no bill.
    """

    actual: Decimal | None = None
    forecast: Decimal | None = None
    read_at: datetime | None = None
    why_not: str = ""
    missing: int = 0


class BudgetsReader:
    """Answers about budgets; ``place`` is where their alarms stand, ``ids`` those of accounts,
    ``costs`` what forecasts them."""

    def __init__(
        self,
        books: Books,
        settings: MoneySettings,
        ids: Mapping[str, str],
        place: Place,
        default_channels: Sequence[str] = (),
    ) -> None:
        self._books, self.place = books, place
        self._spend, self.costs = SpendReader(books.store), CostsReader(books, ())
        self._settings, self._default = settings, tuple(default_channels)
        self._ids = ids

    def budgets(self) -> list[Budget]:
        """One's own, then those of AWS, each with the channels that hear of it."""
        own = [self._own(each) for each in self._settings.budgets]
        return own + [budget for budget, _ in self._imported()]

    def standing(self, now: datetime) -> Reading[tuple[BudgetStanding, ...]]:
        """How each budget stands; NOTHING where there is none."""
        rows = [self._of_own(self._own(each), now) for each in self._settings.budgets]
        rows += [self._of_aws(budget, fact, now) for budget, fact in self._imported()]
        facts = self._spend.facts(FactKind.BUDGET)
        as_of = max((row.read_at for row in rows if row.read_at), default=facts.as_of)
        look = Look.DATA if rows else facts.look
        return Reading(tuple(rows), look, as_of, facts.problem, facts.since)

    def _own(self, settings: BudgetSettings) -> Budget:
        where = {
            SpendDimension.SERVICE.value: tuple(settings.services),
            SpendDimension.LINKED_ACCOUNT.value: tuple(self._ids[a] for a in settings.accounts),
            **{Tag(key).value: (value,) for key, value in settings.tags.items()},
        }
        thresholds = [Threshold(Of.ACTUAL, float(each)) for each in settings.actual]
        thresholds += [Threshold(Of.FORECAST, float(each)) for each in settings.forecast]
        return Budget(
            name=settings.name,
            source=Source.OWN,
            limit=settings.usd,
            period=Period(settings.period),
            thresholds=tuple(thresholds),
            where={name: values for name, values in where.items() if values},
            severity=settings.severity,
            channels=tuple(settings.channels) or self._default,
        )

    def _imported(self) -> list[tuple[Budget, SpendFact]]:
        channels = tuple(self._settings.imported_channels) or self._default
        found = ((imported(fact, channels), fact) for fact in self._facts())
        return [(budget, fact) for budget, fact in found if budget is not None]

    def _facts(self) -> list[SpendFact]:
        globs = self._settings.imported
        facts = self._spend.facts(FactKind.BUDGET).value if globs else ()
        return [each for each in facts if any(fnmatchcase(each.key, glob) for glob in globs)]

    def _of_own(self, budget: Budget, now: datetime) -> BudgetStanding:
        stamp = (self._books.store.spend.version, now.date())
        amounts = self._books.kept(("budget", budget.id), stamp, lambda: self._amounts(budget, now))
        return self._stands(budget, amounts, _span(budget, now), now)

    def _of_aws(self, budget: Budget, fact: SpendFact, now: datetime) -> BudgetStanding:
        content = fact.content
        amounts = _Amounts(
            _money(content.get("actual")), _money(content.get("forecast")), fact.read_at
        )
        span = _span(budget, now)
        if budget.period is Period.CUSTOM:
            told = _day(content.get("start")), _day(content.get("end"))
            span = (told[0] or span[0], told[1] or span[1])
        if fact.read_at < _told_from(budget.period, span):
            amounts = _Amounts(read_at=fact.read_at, why_not="AWS has not told of this period yet")
        return self._stands(budget, amounts, span, now)

    def _amounts(self, budget: Budget, now: datetime) -> _Amounts:
        """From the bill: up to now with what is still estimated, and the period forecast."""
        start = budget.period.start(now.date())
        where = filters(budget.where)
        window = Window(_midnight(start), _midnight(now.date() + timedelta(days=1)))
        answer = self._spend.ask(SpendQuestion(window, where=where), now).value
        ahead = self.costs.forecast(now, Ahead(budget.period.value), where=where)
        expected = None if ahead.value is None else ahead.value.total.expected
        if answer.why_not:
            return _Amounts(None, expected, ahead.as_of if ahead.value else None, answer.why_not)
        gaps = (gap.length // _DAY for gap in answer.missing if gap.end < window.end)
        return _Amounts(answer.total, expected, answer.read_at, missing=sum(gaps))

    def _stands(
        self, budget: Budget, amounts: _Amounts, span: tuple[date, date], now: datetime
    ) -> BudgetStanding:
        values = {Of.ACTUAL: amounts.actual, Of.FORECAST: amounts.forecast}
        window = Window(min(_midnight(span[0]), now), now)
        thresholds = tuple(
            ThresholdStanding(
                each,
                limit := budget.amount(each),
                (value := values[each.of]) is not None and value > limit,
                self._crossed(budget.alarm_id(each, self.place), window),
            )
            for each in budget.thresholds
        )
        return BudgetStanding(
            budget=budget,
            start=span[0],
            end=span[1],
            actual=amounts.actual,
            forecast=amounts.forecast,
            thresholds=thresholds,
            health=_health(budget, amounts, thresholds),
            said=_said(budget, amounts),
            read_at=amounts.read_at,
        )

    def _crossed(self, alarm: str, window: Window) -> datetime | None:
        """When the alarm of a threshold last rose in the period."""
        changes = self._books.store.ledger.transitions(alarm=alarm, window=window, brief=True)
        return max((each.at for each in changes if each.new is AlarmState.ALARM), default=None)


def home(accounts: Sequence[AccountSettings], payers: Collection[str] = ()) -> Place:
    """Where alarms and series about the bill stand: the paying account, in us-east-1 if read."""
    paying = [a for a in accounts if a.id in payers or a.name in payers]
    account = next(iter(paying or accounts))
    regions = account.regions
    return Place(account.id, "us-east-1" if "us-east-1" in regions else regions[0])


def ids_of(accounts: Sequence[AccountSettings]) -> dict[str, str]:
    """The id of each account by its id and by its name."""
    return {name: account.id for account in accounts for name in (account.id, account.name)}


def imported(fact: SpendFact, channels: tuple[str, ...] = ()) -> Budget | None:
    """A budget of AWS; None for kinds that are no amounts, and where there is no limit."""
    content = fact.content
    limit = _money(content.get("limit"))
    if content.get("type") not in _KINDS or limit is None or limit <= 0:
        return None
    told, filtered = content.get("notifications") or (), content.get("filters") or {}
    return Budget(
        name=str(content.get("name") or fact.key),
        source=Source.AWS,
        limit=limit,
        period=_PERIODS.get(str(content.get("time_unit")), Period.CUSTOM),
        thresholds=tuple(dict.fromkeys(_threshold(each, limit) for each in told)),
        where={str(k): tuple(dict.fromkeys(map(str, v))) for k, v in filtered.items()},
        unit=str(content.get("unit") or "USD"),
        channels=channels,
    )


def filters(where: Mapping[str, tuple[str, ...]]) -> tuple[SpendFilter, ...]:
    """What counts for a budget, as the bill is asked."""
    return tuple(
        SpendFilter(
            Tag(name.removeprefix("TAG:")) if name.startswith("TAG:") else SpendDimension(name),
            values,
        )
        for name, values in where.items()
    )


def _threshold(told: Mapping[str, Any], limit: Decimal) -> Threshold:
    of = Of.FORECAST if told.get("type") == "FORECASTED" else Of.ACTUAL
    value = float(told.get("threshold") or 0)
    if told.get("threshold_type") == "ABSOLUTE_VALUE":
        amount = Decimal(str(told.get("threshold")))
        return Threshold(of, share(amount, limit) or 0.0, amount)
    return Threshold(of, value)


def _span(budget: Budget, now: datetime) -> tuple[date, date]:
    """The first day of the period that runs, and the first one after it."""
    return budget.period.start(now.date()), budget.period.end(now.date())


def _told_from(period: Period, span: tuple[date, date]) -> datetime:
    """From when on AWS tells of a period, and no more of the one before."""
    late = STALE if period is not Period.DAY else STALE / 2
    return _midnight(span[0]) + late


def _health(budget: Budget, amounts: _Amounts, thresholds: Collection[ThresholdStanding]) -> Health:
    """Too much is too much however little is known; all is well only if every day is."""
    if amounts.actual is not None and amounts.actual > budget.limit:
        return Health.CRITICAL
    if any(each.is_crossed for each in thresholds):
        return Health.WARNING
    is_known = amounts.actual is not None or amounts.forecast is not None
    return Health.OK if is_known and not amounts.missing else Health.NO_DATA


def _said(budget: Budget, amounts: _Amounts) -> str:
    """``17.40 of 50.00 USD spent (34.80 %), 22.46 expected (44.92 %)``."""
    if amounts.actual is None and amounts.forecast is None:
        return amounts.why_not or "nothing is known of it"
    told = f"{_spent(budget, amounts.actual)}, {_expected(budget, amounts.forecast)}"
    if not amounts.missing:
        return told
    days = "1 day has" if amounts.missing == 1 else f"{amounts.missing} days have"
    return f"{told}; {days} no bill, so both are too low"


def _spent(budget: Budget, usd: Decimal | None) -> str:
    if usd is None:
        return f"nothing of {budget.limit:,.2f} {budget.unit} is billed yet"
    of = f"{usd:,.2f} of {budget.limit:,.2f} {budget.unit} spent"
    return f"{of} ({share(usd, budget.limit):.2f} %)"


def _expected(budget: Budget, usd: Decimal | None) -> str:
    if usd is None:
        return "nothing is expected yet"
    return f"{usd:,.2f} expected ({share(usd, budget.limit):.2f} %)"


def _money(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _day(value: object) -> date | None:
    return datetime.fromisoformat(str(value)).date() if value else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
