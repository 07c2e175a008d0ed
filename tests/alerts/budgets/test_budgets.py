"""Budgets: how they stand, their alarms over series of the bill, one message a crossing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.budgets import SpendSeries, batch, definitions
from alerts.delivery import deliver
from alerts.engine import Engine
from alerts.message import Names, Notice
from alerts.notifiers import console
from app.config import AlarmSettings, BudgetSettings, MoneySettings
from app.config.notifications import ConsoleSettings
from app.model.alarms import DeliveryState, Origin
from app.model.budgets import Budget, BudgetStanding, Of, Period, Source, Threshold
from app.model.ids import Place, SeriesKey
from app.model.spend import FactKind, SpendFacts
from app.model.states import AlarmState, Health
from app.read.books import Books
from app.read.budgets import BudgetsReader, home, ids_of
from tests.support.shelf import HOME, Shelf
from tests.support.spend import PAYER, Charge, days, fill, statements, steady

OK, ALARM = AlarmState.OK, AlarmState.ALARM
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path, NOON)
    yield made
    made.close()


def reader(shelf: Shelf, *budgets: BudgetSettings, **more: object) -> BudgetsReader:
    settings = MoneySettings(budgets=list(budgets), **more)
    books = Books(shelf.store, shelf.catalogue)
    accounts = shelf.settings.accounts
    return BudgetsReader(books, settings, ids_of(accounts), home(accounts), ["ops"])


def billed(shelf: Shelf, charges: Sequence[Charge], read: datetime = NOON) -> None:
    window = days("2026-10-01", read.date().isoformat())
    fill(shelf.store, shelf.lease, statements(charges, window, read), read)


def one(budgets: BudgetsReader, now: datetime = NOON) -> BudgetStanding:
    (found,) = budgets.standing(now).value
    return found


def test_a_budget_of_aws_stands_as_in_the_console(shelf: Shelf) -> None:
    """G-01: budget 50.00, used 17.40, forecast 22.46, told at 80 % of the forecast."""
    content = {
        "name": "blog", "type": "COST", "time_unit": "MONTHLY", "unit": "USD", "limit": "50.0",
        "actual": "17.40", "forecast": "22.46",
        "notifications": [
            {"type": "FORECASTED", "threshold": 80.0, "threshold_type": "PERCENTAGE"},
        ],
    }  # fmt: skip
    told = [SpendFacts(FactKind.BUDGET, PAYER, NOON, {"blog": content})]
    fill(shelf.store, shelf.lease, [], NOON, told)
    row = one(reader(shelf))
    assert (f"{row.actual_share:.2f}", f"{row.forecast_share:.2f}") == ("34.80", "44.92")
    assert row.thresholds[0].amount == Decimal("40.00")
    assert (row.thresholds[0].is_crossed, row.health) == (False, Health.OK)
    assert row.said == "17.40 of 50.00 USD spent (34.80 %), 22.46 expected (44.92 %)"
    assert (row.start, row.end) == (date(2026, 11, 1), date(2026, 12, 1))


def test_a_threshold_in_dollars_becomes_one_in_percent(shelf: Shelf) -> None:
    content = {
        "name": "staging", "type": "COST", "time_unit": "MONTHLY", "limit": "520",
        "actual": "451", "forecast": None,
        "notifications": [
            {"type": "ACTUAL", "threshold": 450.0, "threshold_type": "ABSOLUTE_VALUE"},
        ],
    }  # fmt: skip
    told = [SpendFacts(FactKind.BUDGET, PAYER, NOON, {"staging": content})]
    fill(shelf.store, shelf.lease, [], NOON, told)
    row = one(reader(shelf))
    assert row.thresholds[0].amount == Decimal(450)
    (alarm,) = definitions([row.budget], HOME)
    assert alarm.name == "Budget staging (AWS): 450 of 520 USD spent"
    assert (row.thresholds[0].is_crossed, row.health) == (True, Health.WARNING)
    assert reader(shelf, imported=["blog*"]).budgets() == []


def test_what_aws_told_of_the_last_month_is_not_held_against_this_one(shelf: Shelf) -> None:
    content = {"name": "b", "type": "COST", "time_unit": "MONTHLY", "limit": "50", "actual": "60"}
    told = [SpendFacts(FactKind.BUDGET, PAYER, NOON, {"b": content})]
    fill(shelf.store, shelf.lease, [], NOON, told)
    assert one(reader(shelf)).health is Health.CRITICAL
    row = one(reader(shelf), datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
    assert (row.actual, row.health) == (None, Health.NO_DATA)
    assert row.said == "AWS has not told of this period yet"


def test_an_own_budget_sums_the_bill_of_its_part(shelf: Shelf) -> None:
    """19 whole days of November at 2 USD, of which 1 is of S3; the period ends with 30."""
    billed(shelf, steady(days("2026-10-01", "2026-11-20"), {"AmazonS3": "1", "AmazonEC2": "1"}))
    row = one(reader(shelf, BudgetSettings(name="s3", usd=Decimal(20), services=["AmazonS3"])))
    assert row.actual == Decimal(19)
    assert row.forecast == pytest.approx(Decimal(30), abs=Decimal("0.5"))
    assert [(t.threshold.of, t.is_crossed) for t in row.thresholds] == [
        (Of.ACTUAL, True), (Of.ACTUAL, False), (Of.FORECAST, True),
    ]  # fmt: skip


def test_days_without_a_bill_are_told_instead_of_all_is_well(shelf: Shelf) -> None:
    """The bill is known from 6 November on, and a budget of the quarter begins in October."""
    window = days("2026-11-06", "2026-11-20")
    fill(shelf.store, shelf.lease, statements(steady(window, {"A": "1"}), window, NOON), NOON)
    row = one(reader(shelf, BudgetSettings(name="all", usd=Decimal(500), period="quarter")))
    assert (row.actual, row.health) == (Decimal(14), Health.NO_DATA)
    assert row.said.endswith("; 36 days have no bill, so both are too low")
    row = one(reader(shelf, BudgetSettings(name="all", usd=Decimal(10), period="quarter")))
    assert row.health is Health.CRITICAL


def test_on_the_first_of_a_month_a_budget_tells_what_is_expected(shelf: Shelf) -> None:
    billed(shelf, steady(days("2026-10-01", "2026-11-20"), {"A": "2"}), NOON)
    window, first = days("2026-11-01", "2026-12-01"), datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    fill(shelf.store, shelf.lease, statements(steady(window, {"A": "2"}), window, first), first)
    row = one(reader(shelf, BudgetSettings(name="all", usd=Decimal(100))), first)
    assert (row.actual, row.health) == (None, Health.OK)
    assert row.forecast == pytest.approx(Decimal(62), abs=Decimal(1))
    assert row.said.startswith("nothing of 100.00 USD is billed yet, 62.00 expected (62.00 %)")
    row = one(reader(shelf, BudgetSettings(name="all", usd=Decimal(60))), first)
    assert row.health is Health.WARNING


def test_without_a_bill_a_budget_says_what_to_switch_on(shelf: Shelf) -> None:
    row = one(reader(shelf, BudgetSettings(name="all", usd=Decimal(20))))
    assert (row.actual, row.health) == (None, Health.NO_DATA)
    assert row.said != ""


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period.DAY, "2026-11-20", "2026-11-21"),
        (Period.MONTH, "2026-11-01", "2026-12-01"),
        (Period.QUARTER, "2026-10-01", "2027-01-01"),
        (Period.YEAR, "2026-01-01", "2027-01-01"),
    ],
)
def test_periods_begin_and_end_in_utc(period: Period, start: str, end: str) -> None:
    day = NOON.date()
    assert (period.start(day).isoformat(), period.end(day).isoformat()) == (start, end)


BLOG = Budget("blog", Source.OWN, Decimal(2100), thresholds=(Threshold(Of.ACTUAL, 80.0),))


def test_an_alarm_names_its_budget_and_its_limit() -> None:
    (alarm,) = definitions([BLOG], HOME)
    assert alarm.name == "Budget blog: 80 % of 2100 USD spent"
    assert (alarm.origin, alarm.put["Threshold"]) == (Origin.BUDGET, 80.0)
    assert alarm.put["AlarmDescription"].endswith("Nothing stops spending by itself.")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "everything"),
        ({"SERVICE": ("AmazonS3", "AmazonEC2")}, "service AmazonS3, AmazonEC2"),
        ({"TAG:team": ("blog",), "LINKED_ACCOUNT": ("1",)}, "tag team blog; linked account 1"),
        ({"UsageType": ("BoxUsage",)}, "usage type BoxUsage"),
    ],
)
def test_what_a_budget_counts_is_told_in_words(
    where: dict[str, tuple[str, ...]], expected: str
) -> None:
    assert Budget("b", Source.OWN, Decimal(1), where=where).scope == expected


class Yard:
    """An engine over budgets, and the bill of each day."""

    def __init__(self, shelf: Shelf, *budgets: BudgetSettings) -> None:
        self.shelf, store = shelf, shelf.store
        self.budgets = reader(shelf, *budgets)
        self.series = SpendSeries(store, self.budgets)
        self.restart()

    def restart(self, **settings: object) -> None:
        """A new engine over the same record, as after a restart."""
        wanted = AlarmSettings.model_validate(settings)
        shelf, alarms = self.shelf, self.series.alarms()
        self.engine = Engine(
            shelf.store, shelf.catalogue, wanted, shelf.settings.accounts, budgets=alarms
        )

    def at(self, now: datetime) -> None:
        """Write the points and judge."""
        values = self.series.values(self.shelf.store.spend.version, now)
        points = batch(values, self.budgets.place, now)
        if points is not None:
            self.shelf.store.commit(points, lease=self.shelf.lease, now=now)
        self.engine.tick(now)

    def told(self) -> list[tuple[str, AlarmState]]:
        deliveries = reversed(self.shelf.store.ledger.deliveries())
        return [(f"{d.transition.at:%m-%d}", d.transition.new) for d in deliveries]


def of_aws(yard: Yard, actual: str, expected: str | None, at: datetime) -> None:
    """What AWS tells of a budget of 50 USD, told at 80 % of both; then points and verdicts."""
    notifications = [
        {"type": kind, "threshold": 80.0, "threshold_type": "PERCENTAGE"}
        for kind in ("ACTUAL", "FORECASTED")
    ]
    content = {
        "name": "blog", "type": "COST", "time_unit": "MONTHLY", "unit": "USD", "limit": "50.0",
        "actual": actual, "forecast": expected, "notifications": notifications,
    }  # fmt: skip
    told = [SpendFacts(FactKind.BUDGET, PAYER, at, {"blog": content})]
    fill(yard.shelf.store, yard.shelf.lease, [], at, told)
    yard.at(at)


def test_each_crossing_is_told_once_also_over_restarts(shelf: Shelf) -> None:
    """S-02: the forecast goes from 22.46 to 41; later to 39, and over 40 again."""
    yard = Yard(shelf)
    for at, expected in enumerate(["22.46", "41.00", "41.00", "43.10"]):
        of_aws(yard, "17.40", expected, NOON + at * HOUR)
    assert yard.told() == [("11-20", ALARM)]
    yard.restart()
    of_aws(yard, "17.40", "43.10", NOON + 4 * HOUR)
    assert len(yard.told()) == 1
    of_aws(yard, "17.40", "39.00", NOON + 5 * HOUR)
    yard.restart()
    of_aws(yard, "17.40", "41.00", NOON + 6 * HOUR)
    assert len(yard.told()) == 2
    (row,) = yard.budgets.standing(NOON + 7 * HOUR).value
    assert row.thresholds[1].crossed_at == NOON + 6 * HOUR
    assert row.thresholds[0].crossed_at is None


def test_an_amount_that_trembles_around_its_threshold_crosses_it_once(shelf: Shelf) -> None:
    yard = Yard(shelf)
    for at, expected in enumerate(["39.90", "40.10", "39.95", "40.10", "39.30", "40.20"]):
        of_aws(yard, "17.40", expected, NOON + at * HOUR)
    assert yard.told() == [("11-20", ALARM)]
    states = [t.new for t in shelf.store.ledger.transitions() if "expected" in t.alarm]
    assert states == [ALARM, OK]


def test_an_amount_that_is_corrected_and_grows_again_is_told_again(shelf: Shelf) -> None:
    """10 USD a day: 80 % of 200 USD is passed with the 17th; revised below, and above again."""
    yard = Yard(shelf, BudgetSettings(name="all", usd=Decimal(200), actual=[80], forecast=[]))

    def bill(usd: str, end: str) -> None:
        at = datetime.fromisoformat(f"{end}T12:00:00+00:00")
        billed(shelf, steady(days("2026-10-01", end), {"AmazonEC2": usd}), at)
        yard.at(at)

    bill("10", "2026-11-17")
    assert yard.told() == []
    bill("10", "2026-11-18")
    assert yard.told() == [("11-18", ALARM)]
    bill("8", "2026-11-20")
    bill("10", "2026-11-21")
    states = [t.new for t in reversed(shelf.store.ledger.transitions())]
    assert states == [OK, ALARM, OK, ALARM]
    assert yard.told() == [("11-18", ALARM), ("11-21", ALARM)]


def test_a_new_month_begins_a_budget_anew_though_it_stays_above(shelf: Shelf) -> None:
    yard = Yard(shelf)
    of_aws(yard, "17.40", "41.00", NOON)
    of_aws(yard, "17.40", "41.00", datetime(2026, 12, 1, 0, 5, tzinfo=UTC))  # still November's
    assert yard.told() == [("11-20", ALARM)]
    first = datetime(2026, 12, 1, 12, 5, tzinfo=UTC)
    of_aws(yard, "0.10", "42.00", first)
    assert yard.told() == [("11-20", ALARM)]
    of_aws(yard, "0.10", "42.00", first + timedelta(minutes=5))
    of_aws(yard, "0.10", "42.00", first + timedelta(minutes=10))
    assert yard.told() == [("11-20", ALARM), ("12-01", ALARM)]


def test_the_last_points_of_a_month_are_no_crossing_of_the_next(shelf: Shelf) -> None:
    """Nothing is billed of December yet, and the newest points are those of November."""
    yard = Yard(shelf, BudgetSettings(name="all", usd=Decimal(200), actual=[80], forecast=[]))
    billed(shelf, steady(days("2026-10-01", "2026-12-01"), {"A": "10"}), NOON)
    last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    billed(shelf, steady(days("2026-10-01", "2026-12-01"), {"A": "10"}), last)
    yard.at(last)
    assert yard.told() == [("11-30", ALARM)]
    for minute in range(4):
        yard.engine.tick(datetime(2026, 12, 1, 0, minute, tzinfo=UTC))
    now = datetime(2026, 12, 1, 0, 4, tzinfo=UTC)
    yard.series.values(shelf.store.spend.version, now)
    yard.engine.tick(now)
    assert yard.told() == [("11-30", ALARM)]


def test_the_bill_becomes_series_that_alarms_can_use(shelf: Shelf) -> None:
    yard = Yard(shelf, BudgetSettings(name="all", usd=Decimal(200), actual=[80], forecast=[]))
    billed(shelf, steady(days("2026-10-01", "2026-11-20"), {"AmazonS3": "1", "AmazonEC2": "3"}))
    values = yard.series.values(shelf.store.spend.version, NOON)
    told = {(key.metric, *(v for _, v in key.dimensions)): value for key, value in values.items()}
    assert told["MonthToDate",] == 76.0
    assert told["MonthToDate", "AmazonS3"] == 19.0
    assert told["DailySpend",] == 4.0
    assert told["DailySpend", "AmazonEC2"] == 3.0
    assert told["DailySpend", "BoxUsage:t3.micro"] == 4.0
    assert (told["MonthToDate", PAYER], told["DailySpend", PAYER]) == (76.0, 4.0)
    assert told["Forecast",] == pytest.approx(120.0, abs=2.0)
    assert told["BudgetActualPercent", "all", "own"] == 38.0


def test_a_day_that_was_still_filling_is_no_daily_spend(shelf: Shelf) -> None:
    """Until the 18th is whole, which was read at 05:00 of the 19th, the 17th is the newest day."""
    yard = Yard(shelf)
    charges = steady(days("2026-10-01", "2026-11-18"), {"AmazonS3": "10"})
    charges += steady(days("2026-11-18", "2026-11-19"), {"AmazonS3": "1"})
    read = NOON - 31 * HOUR
    billed(shelf, charges, read)
    values = yard.series.values(shelf.store.spend.version, NOON)
    assert [value for key, value in values.items() if key.metric == "DailySpend"] == [10.0] * 4


def test_spend_reaches_people_through_an_alarm_and_a_composite(shelf: Shelf) -> None:
    """From the bill to the message: EC2 costs 3 USD a day, and the month's budget is 10 USD."""
    yard = Yard(shelf, BudgetSettings(name="all", usd=Decimal(10), actual=[80], forecast=[]))
    place: Place = yard.budgets.place
    dear_day = {
        "AlarmName": "a dear day", "Namespace": "Watchdeck/Spend", "MetricName": "DailySpend",
        "Dimensions": [{"Name": "Service", "Value": "AmazonEC2"}], "Statistic": "Maximum",
        "Period": 300, "EvaluationPeriods": 1, "Threshold": 2.99,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore",
    }  # fmt: skip
    both = 'ALARM("a dear day") AND ALARM("Budget all: 80 % of 10 USD spent")'
    own = {"account": HOME.account, "region": place.region, "channels": ["money"]}
    yard.restart(
        metric=[{**own, **dear_day}],
        others=[{**own, "put": {"AlarmName": "dear", "AlarmRule": both}}],
    )
    billed(shelf, steady(days("2026-10-01", "2026-11-20"), {"AmazonEC2": "3"}))
    yard.at(NOON)
    statuses = shelf.store.ledger.statuses()
    states = {id_.rpartition("/")[2]: (each.state, each.problem) for id_, each in statuses.items()}
    assert states == dict.fromkeys(
        ("a dear day", "Budget all: 80 % of 10 USD spent", "dear"), (ALARM, "")
    )
    quiet = ConsoleSettings(type="console")
    channels = {name: console.make(name, quiet, lambda *_: None) for name in ("ops", "money")}
    sent = deliver(shelf.store.ledger, channels, NOON)
    deliveries = shelf.store.ledger.deliveries()
    assert sent.sent == 3
    assert {d.state for d in deliveries} == {DeliveryState.SENT}
    told = sorted((d.channel, d.transition.alarm.rpartition("/")[2]) for d in deliveries)
    assert told == [
        ("money", "a dear day"), ("money", "dear"), ("ops", "Budget all: 80 % of 10 USD spent"),
    ]  # fmt: skip
    (change,) = shelf.store.ledger.transitions(alarm=f"{place.account}/{place.region}/a dear day")
    definition = next(d for d in shelf.store.ledger.definitions() if d.name == "a dear day")
    notice = Notice.of(change, definition, Names({HOME.account: "prod"}, None))
    assert notice.against == "Maximum DailySpend: 3 (alarm when > 2.99)"


def test_nothing_of_the_bill_is_asked_of_cloudwatch(shelf: Shelf) -> None:
    """The collector of metrics leaves out what alarms on the bill look at."""
    from app.model.watching import inputs
    from collectors.metric_alarms import watched
    from collectors.metric_series import SeriesBook

    (alarm,) = definitions([BLOG], HOME)
    book = SeriesBook(shelf.store, shelf.catalogue, None)
    key = SeriesKey.of(HOME, "Watchdeck/Spend", "BudgetActualPercent", BLOG.dimensions)
    assert [each.key for each in inputs(alarm)] == [key]
    assert watched([alarm], HOME, book) == {}
