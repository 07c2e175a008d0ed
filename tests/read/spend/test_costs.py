"""What is made of statements in a store: forecasts, causes, movers, prices, tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from app.config import StoreSettings
from app.model.readings import Look
from app.model.spend import FactKind, SpendDimension, SpendFacts, SpendSource, Tag
from app.model.time import Window
from app.read.books import Books
from app.read.spend import CostsReader
from app.read.spend.anomalies import CauseKind
from app.read.spend.outlook import Period
from app.read.spend.prices import PriceSource
from app.store import Lease, Store, open_store
from tests.support.spend import CUTS, PAYER, Charge, day, days, fill, statement, statements

NOW = day("2026-11-20") + timedelta(hours=12)
READ = day("2026-11-20") + timedelta(hours=7)
D = SpendDimension
TAGGED = (*CUTS, (D.SERVICE, Tag("team")), (D.SERVICE, Tag("stage")))
PAST = Window(day("2026-07-01"), day("2026-11-20"))
S3, EC2, OTHER = "AmazonS3", "AmazonEC2", "EC2 - Other"


@dataclass
class Till:
    store: Store
    lease: Lease

    def add(self, charges: Sequence[Charge], window: Window = PAST, cuts=CUTS) -> None:
        fill(self.store, self.lease, statements(charges, window, READ, cuts), NOW)

    def facts(self, kind: FactKind, **contents) -> None:
        fill(self.store, self.lease, [], NOW, [SpendFacts(kind, PAYER, READ, contents)])

    @property
    def costs(self) -> CostsReader:
        return CostsReader(Books(self.store, load_catalogue()), ())


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    yield Till(store, lease)
    store.close()


def every_day(usd: str, window: Window = PAST, **more) -> list[Charge]:
    count = window.length // timedelta(days=1)
    starts = (window.start + timedelta(days=n) for n in range(count))
    return [Charge(start.date().isoformat(), usd, **more) for start in starts]


def test_days_that_are_not_whole_yet_are_forecast_and_not_taken_for_cheap_ones(till: Till) -> None:
    whole = Window(PAST.start, day("2026-11-19"))
    till.add([*every_day("10", whole), Charge("2026-11-19", "3")])  # read at 7 on the 20th
    reading = till.costs.forecast(NOW)
    assert reading.look is Look.DATA
    found = reading.value
    assert found is not None
    assert found.known_until == date(2026, 11, 19)
    assert (found.actual, found.total.expected) == (Decimal("180.00"), Decimal("300.00"))


def test_the_last_day_of_a_bill_is_not_taken_for_a_cheap_one(till: Till) -> None:
    window = Window(PAST.start, day("2026-11-11"))
    charges = [*every_day("10", Window(PAST.start, day("2026-11-10"))), Charge("2026-11-10", "3")]
    bill = statement(charges, window, NOW, source=SpendSource.CUR)
    fill(till.store, till.lease, [replace(bill, whole_until=day("2026-11-10"))], NOW)
    found = till.costs.forecast(NOW).value
    assert found is not None
    assert found.known_until == date(2026, 11, 10)
    assert found.total.expected == Decimal("300.00")


def test_a_quarter_is_forecast_too(till: Till) -> None:
    till.add(every_day("10"))
    found = till.costs.forecast(NOW, Period.QUARTER).value
    assert found is not None
    assert (found.start, found.end) == (date(2026, 10, 1), date(2027, 1, 1))
    assert found.total.expected == Decimal("920.00")


def test_a_bill_that_nobody_has_read_has_no_forecast_and_says_so(till: Till) -> None:
    reading = till.costs.forecast(NOW)
    assert (reading.value, reading.look) == (None, Look.NOT_COLLECTED)


def test_days_long_ago_alone_are_forecast_from_where_they_end(till: Till) -> None:
    old = days("2026-07-01", "2026-11-10")
    till.add(every_day("10", old), old)
    found = till.costs.forecast(NOW).value
    assert found is not None
    assert found.known_until == date(2026, 11, 10)
    assert found.total.expected == Decimal("300.00")


def test_what_aws_expects_is_told_beside(till: Till) -> None:
    ahead = {
        f"2026-{month}-{n:02}": {
            "metric": "UNBLENDED_COST",
            "day": f"2026-{month}-{n:02}",
            "mean": "11.5",
        }
        for month, n in (("11", 29), ("11", 30), ("12", 1))
    }
    till.facts(FactKind.FORECAST, **ahead)
    found = till.costs.aws_forecast(NOW).value
    assert found is not None
    assert (found.start, found.usd) == (date(2026, 11, 29), Decimal("23.0"))


def test_an_anomaly_names_the_usage_type_and_the_tag_that_cost_it(till: Till) -> None:
    flood = [Charge("2026-11-10", "40", OTHER, "EUC1-NatGateway-Bytes", unit="GB", quantity=800)]
    nat = every_day("2", service=OTHER, usage_type="EUC1-NatGateway-Bytes", unit="GB", quantity=40)
    hours = every_day("1", service=OTHER, usage_type="EUC1-NatGateway-Hours", quantity=24)
    till.add([*nat, *hours, *flood, *every_day("5", service=S3)], cuts=TAGGED)
    reading = till.costs.anomalies(days("2026-11-01", "2026-11-20"), NOW)
    (found,) = reading.value
    assert (found.key, found.day) == ((OTHER,), date(2026, 11, 10))
    assert found.excess == Decimal("40.00")
    assert [(c.key, c.kind) for c in found.causes] == [
        (("EUC1-NatGateway-Bytes",), CauseKind.VOLUME)
    ]
    assert [c.key for c in found.causes[0].of] == [("stage=(untagged)",)]


def test_movers_are_split_into_price_volume_and_mix(till: Till) -> None:
    before, after = days("2026-10-01", "2026-10-11"), days("2026-11-01", "2026-11-11")
    till.add(
        [
            *every_day("2", before, service=EC2, quantity=20),
            *every_day("3.6", after, service=EC2, quantity=30),
            *every_day("1", before, service=S3),
            *every_day("1", after, service=S3),
        ]
    )
    first, second = till.costs.movers(before, after, NOW).value
    assert (first.key, first.effects.volume, first.effects.price) == ((EC2,), 10, 6)
    assert (second.key, second.effects.change) == ((S3,), 0)
    by_type = till.costs.movers(before, after, NOW, D.USAGE_TYPE).value
    assert by_type[0].key == (EC2, "BoxUsage:t3.micro")


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-11-01", "2026-10-25 to 2026-10-31"),
        ("2026-10-27", "2026-10-25 to 2026-10-26"),
        ("2026-10-25", ""),
    ],
)
@pytest.mark.parametrize("by", [D.SERVICE, D.USAGE_TYPE])
def test_days_without_a_bill_did_not_cost_nothing(till: Till, start: str, said: str, by: D) -> None:
    """The same charge every day of what was imported, so nothing ever moved."""
    window = Window(day(start), PAST.end)
    till.add(every_day("10", window), window)
    before, after = days("2026-10-25", "2026-11-01"), days("2026-11-01", "2026-11-08")
    found = till.costs.movers(before, after, NOW, by)
    assert [mover.effects.change for mover in found.value] == ([] if said else [0])
    assert (said in found.said, bool(found.said)) == (True, bool(said))
    later = till.costs.movers(after, before, NOW, by)
    assert (len(later.value), later.look) == (0 if said else 1, Look.DATA)


def test_the_rate_of_the_bill_goes_before_the_list_and_what_was_free_teaches_nothing(
    till: Till,
) -> None:
    till.add(
        [
            *every_day(
                "0.8", service=OTHER, usage_type="EUC1-NatGateway-Bytes", quantity=20, unit="GB"
            ),
            *every_day(
                "0", service="AWS Lambda", usage_type="EUC1-Request", quantity=1000, unit="Requests"
            ),
        ]
    )
    book = till.costs.prices(NOW)
    nat = book.price("NatGateway-Bytes", "eu-central-1")
    assert nat is not None
    assert (nat.usd, nat.source, nat.as_of) == (
        Decimal("0.04"),
        PriceSource.LEARNED,
        date(2026, 11, 18),
    )
    free = book.price("EUC1-Request", service="AWS Lambda")
    assert free is not None
    assert free.source is PriceSource.SEED


def test_what_costs_without_use_is_named_a_month_at_todays_rate(till: Till) -> None:
    till.add(
        [
            *every_day("1.08", service=OTHER, usage_type="EUC1-NatGateway-Hours", quantity=24),
            *every_day(
                "9", service=OTHER, usage_type="EUC1-NatGateway-Bytes", quantity=200, unit="GB"
            ),
        ]
    )
    found = till.costs.idle(NOW).value
    assert [(line.title, line.usd_per_month) for line in found.lines] == [
        ("NAT gateways", Decimal("32.85"))
    ]
    assert found.share == pytest.approx(1.08 / 10.08, abs=0.001)


ZONE, ROUTE53 = "HostedZone", "Amazon Route 53"


@pytest.mark.parametrize(
    ("at", "fees", "usd"),
    [
        pytest.param("2026-11-06", {"10": "0.50", "11": "0.50"}, "0.50", id="days with the fee"),
        pytest.param("2026-11-20", {"10": "0.50", "11": "0.50"}, "0.50", id="days without it"),
        pytest.param("2026-11-06", {"11": "1.00"}, "1.00", id="new this month"),
        pytest.param("2026-11-20", {"10": "1.50", "11": "0.50"}, "1.50", id="the last whole month"),
    ],
)
def test_what_is_charged_once_a_month_costs_that_a_month_on_every_day(
    till: Till, at: str, fees: dict[str, str], usd: str
) -> None:
    zones = [
        Charge(f"2026-{month}-01", fee, ROUTE53, ZONE, quantity=1) for month, fee in fees.items()
    ]
    till.add([*every_day("3", service=OTHER, usage_type="EUC1-NatGateway-Hours"), *zones])
    found = till.costs.idle(day(at) + timedelta(hours=12)).value
    nat, zone = found.lines
    assert (nat.usd_per_month, zone.usd_per_month) == (Decimal("91.25"), Decimal(usd))
    assert found.share == pytest.approx(1.0)


def test_a_month_of_which_half_is_billed_is_not_taken_for_whole(till: Till) -> None:
    """A reservation that is told by the day; the bill begins on 22 October."""
    window = Window(day("2026-10-22"), PAST.end)
    till.add(every_day("1", window, usage_type="HeavyUsage:t3.micro"), window)
    (line,) = till.costs.idle(NOW).value.lines
    assert line.usd_per_month == Decimal("19.00")


def test_each_tag_explains_a_part_of_the_same_bill(till: Till) -> None:
    till.add(
        [
            *every_day("6", service=EC2, tags={"team": "blue", "stage": "prod"}),
            *every_day("3", service=S3, tags={"stage": "prod"}),
            *every_day("1", service=OTHER),
        ],
        cuts=TAGGED,
    )
    stage, team = till.costs.tag_coverage(days("2026-11-01", "2026-11-11"), NOW).value
    assert (stage.key, stage.share, stage.total) == ("stage", 0.9, Decimal(100))
    assert (team.key, team.share, team.total) == ("team", 0.6, Decimal(100))
    assert team.top_untagged == ((S3, Decimal(30)), (OTHER, Decimal(10)))
    assert team.values == (("blue", Decimal(60)),)


def test_free_allowances_come_with_the_fullest_first(till: Till) -> None:
    def allowance(kind: str, actual: float, limit: float) -> dict[str, object]:
        return {
            "service": "AWS Lambda",
            "usage_type": kind,
            "region": "global",
            "actual": actual,
            "forecast": None,
            "limit": limit,
            "unit": "x",
            "description": kind,
            "kind": "Always Free",
        }

    till.facts(
        FactKind.FREE_TIER,
        a=allowance("Request", 100_000.0, 1_000_000.0),
        b=allowance("Lambda-GB-Second", 300_000.0, 400_000.0),
    )
    first, second = till.costs.free_tier(NOW).value
    assert (first.allowance.usage_type, first.share) == ("Lambda-GB-Second", 0.75)
    assert first.cost_over is not None
    assert first.cost_over > 0
    assert (second.share, second.cost_over) == (0.1, Decimal(0))
