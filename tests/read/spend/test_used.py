"""Spend joined with metrics and logs: today before the bill, unit cost, what watching costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.model.ids import SeriesKey
from app.model.logs import LogGroup, LogGroupKey
from app.model.readings import Look
from app.model.spend import SpendDimension
from app.read.spend.observing import Arrived, observability
from app.read.spend.prices import PriceBook
from app.read.spend.question import SpendAnswer, SpendQuestion
from app.read.spend.seed import seed_prices
from app.read.spend.today import Basis
from tests.support.shelf import AWAY, HOME, NOW, Shelf, function, of, queue
from tests.support.spend import CUTS, Charge, day, days, fill, statements

READ = day("2026-11-24") + timedelta(hours=7)
BILLED = days("2026-11-10", "2026-11-25")
WEEK = days("2026-11-16", "2026-11-23")
LAMBDA = "AWS Lambda"
REQUESTS = {"service": LAMBDA, "usage_type": "EUC1-Request", "unit": "Requests"}


def bill(shelf: Shelf, charges: Sequence[Charge]) -> None:
    fill(shelf.store, shelf.lease, statements(charges, BILLED, READ, CUTS), NOW)


def every_day(usd: str, **more) -> list[Charge]:
    starts = (BILLED.start + timedelta(days=n) for n in range(13))
    return [Charge(start.date().isoformat(), usd, **more) for start in starts]


def invoked(shelf: Shelf, line: str, *, hours_covered: float = 24 * 12, name: str = "f") -> None:
    """Invocations by the hour up to noon of the 24th."""
    shelf.put(of(function(name), "Invocations"), line, period=3600)
    shelf.cover("AWS/Lambda", timedelta(hours=hours_covered))


def lambda_bill(quantity: float = 2400) -> list[Charge]:
    return every_day("0.24", quantity=quantity, **REQUESTS)


def test_today_is_the_rate_of_billed_days_times_the_counter(shelf: Shelf) -> None:
    bill(
        shelf,
        [
            *lambda_bill(),
            *every_day("1.2", service="EC2 - Other", usage_type="EUC1-NatGateway-Hours"),
            *every_day("5", service="AWS Support (Business)", usage_type="Dollar", unit="USD"),
        ],
    )
    invoked(shelf, "100+0x239 200+0x11")  # ten days of 2,400, then twice as many
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert [(line.usage_type, line.usd, line.basis) for line in found.lines] == [
        ("EUC1-NatGateway-Hours", Decimal("0.600000"), Basis.HOURS),
        ("EUC1-Request", Decimal("0.240000"), Basis.METRIC),
    ]
    assert found.lines[1].said == "rate of 7 billed days times today's metric"
    assert (found.usd, found.usual) == (Decimal("0.840000"), Decimal("6.44"))
    assert found.covered_share == pytest.approx(1.44 / 6.44)
    assert found.measured_share == pytest.approx(0.24 / 6.44)
    assert found.usual_so_far == pytest.approx(Decimal("0.72"), abs=Decimal("0.001"))


def test_what_is_charged_once_a_month_is_no_part_of_a_day(shelf: Shelf) -> None:
    zone = {"service": "Amazon Route 53", "usage_type": "HostedZone"}
    bill(shelf, [*lambda_bill(), Charge("2026-11-22", "0.50", **zone)])
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert found.lines == ()


def test_an_hour_that_is_not_answered_yet_is_not_an_hour_of_nothing(shelf: Shelf) -> None:
    bill(shelf, lambda_bill())
    at_eleven = NOW - timedelta(hours=1)
    shelf.put(of(function("f"), "Invocations"), "100+0x239 200+0x10", period=3600, end=at_eleven)
    shelf.cover("AWS/Lambda", timedelta(days=12), end=at_eleven)
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert found.lines[0].usd == Decimal("0.240000")


def test_without_days_that_have_both_the_price_of_a_unit_is_used(shelf: Shelf) -> None:
    bill(shelf, lambda_bill(quantity=24_000))
    invoked(shelf, "200+0x11", hours_covered=12)
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert found.lines[0].usd == Decimal("0.024000")  # 2,400 at 0.00001
    assert found.lines[0].said == "rate learnt from Cost Explorer, 2026-11-22"


def test_a_counter_that_two_usage_types_share_is_split_as_they_were_billed(shelf: Shelf) -> None:
    """2,400 invocations by noon, a quarter on Arm at half the price."""
    arm = REQUESTS | {"usage_type": "EUC1-Request-ARM"}
    bill(shelf, [
        *every_day("0.30", quantity=3_000, **REQUESTS),
        *every_day("0.05", quantity=1_000, **arm),
    ])  # fmt: skip
    invoked(shelf, "200+0x11", hours_covered=12)
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert {line.usage_type: line.usd for line in found.lines} == {
        "EUC1-Request": Decimal("0.180000"),  # three quarters of 2,400 at 0.0001
        "EUC1-Request-ARM": Decimal("0.030000"),
    }


def test_usage_that_nobody_counts_is_left_out_and_the_share_says_so(shelf: Shelf) -> None:
    bill(shelf, lambda_bill())
    found = shelf.reads.costs.today(NOW).value
    assert found is not None
    assert (found.lines, found.covered_share) == ((), 0.0)


def test_today_of_a_bill_that_was_never_read_is_not_nothing(shelf: Shelf) -> None:
    reading = shelf.reads.costs.today(NOW)
    assert (reading.value, reading.look) == (None, Look.NOT_COLLECTED)


def test_a_thousand_invocations_cost_what_the_bill_says_over_what_was_counted(shelf: Shelf) -> None:
    bill(shelf, lambda_bill())
    invoked(shelf, "100+0x251")
    (found,) = shelf.reads.costs.unit_costs(WEEK, NOW).value
    assert (found.service, found.unit) == ("lambda", "1,000 invocations")
    assert (found.usd, found.count) == (Decimal("1.68"), 16_800)
    assert found.per_unit == Decimal("0.1")
    assert [one.day for one in found.days][::6] == [date(2026, 11, 16), date(2026, 11, 22)]
    assert found.change == pytest.approx(0.0)


def test_days_that_were_not_answered_whole_do_not_count(shelf: Shelf) -> None:
    bill(shelf, lambda_bill())
    invoked(shelf, "100+0x251", hours_covered=12 + 24 * 3 + 6)  # from 18:00 on the 20th
    (found,) = shelf.reads.costs.unit_costs(WEEK, NOW).value
    assert [one.day.day for one in found.days] == [21, 22]
    assert found.per_unit == Decimal("0.1")


def test_only_accounts_whose_metrics_are_collected_are_divided(shelf: Shelf) -> None:
    foreign = [Charge(c.at, "100", account="999999999999", **REQUESTS) for c in lambda_bill()]
    bill(shelf, [*lambda_bill(), *foreign])
    invoked(shelf, "100+0x251")
    (found,) = shelf.reads.costs.unit_costs(WEEK, NOW).value
    assert found.per_unit == Decimal("0.1")


ELSEWHERE = {"region": "ap-south-1", **REQUESTS, "usage_type": "APS3-Request"}


@pytest.mark.parametrize(
    ("cuts", "foreign", "per_unit", "said"),
    [
        pytest.param(CUTS, [ELSEWHERE], "0.1", "", id="one account: by Region"),
        pytest.param(
            CUTS, [{"account": "999999999999", **REQUESTS}], "0.1", "", id="one Region: by account"
        ),
        pytest.param(
            CUTS,
            [ELSEWHERE, {"account": "999999999999", **REQUESTS}],
            "0.2",
            "Regions whose metrics are not collected are in it: "
            "the bill does not tell them apart",
            id="Cost Explorer tells one of both",
        ),
        pytest.param(
            [()],
            [
                ELSEWHERE,
                {"account": "999999999999", **REQUESTS},
                {"account": AWAY.account, **REQUESTS},
            ],
            "0.1",
            "",
            id="line items tell both, and the Regions of each account",
        ),
        pytest.param(
            [(SpendDimension.SERVICE,)],
            [ELSEWHERE],
            "0.2",
            "Accounts whose metrics are not collected are in it: "
            "the bill does not tell them apart",
            id="a bill that tells neither",
        ),
    ],
)  # fmt: skip
def test_only_what_was_counted_is_divided(shelf: Shelf, cuts, foreign, per_unit, said) -> None:
    """The same charge of 0.24 USD a day, where nobody counted invocations."""
    more = [Charge(c.at, "0.24", **other) for other in foreign for c in lambda_bill()]
    told = statements([*lambda_bill(), *more], BILLED, READ, cuts)
    fill(shelf.store, shelf.lease, told, NOW)
    invoked(shelf, "100+0x251")
    reading = shelf.reads.costs.unit_costs(WEEK, NOW)
    (found,) = reading.value
    assert (found.per_unit, reading.said) == (Decimal(per_unit), said)


def test_an_hour_that_is_missing_makes_a_day_no_whole_one(shelf: Shelf) -> None:
    bill(shelf, lambda_bill())
    invoked(shelf, "100+0x251", hours_covered=12 + 24 * 4 - 1)  # from 01:00 on the 20th
    (found,) = shelf.reads.costs.unit_costs(WEEK, NOW).value
    assert [one.day.day for one in found.days] == [21, 22]


def test_each_place_counts_by_the_finest_dimensions_that_it_has(shelf: Shelf) -> None:
    """One place publishes its API by stage, the other only as a whole."""
    api = {"service": "Amazon API Gateway", "unit": "Requests"}
    bill(
        shelf,
        [
            *every_day("0.24", usage_type="EUC1-ApiGatewayRequest", **api),
            *every_day("0.24", usage_type="ApiGatewayRequest", account=AWAY.account,
                       region=AWAY.region, **api),
        ],
    )  # fmt: skip
    staged = {"ApiName": "blog", "Stage": "prod"}
    series = [
        SeriesKey.of(HOME, "AWS/ApiGateway", "Count", staged),
        SeriesKey.of(HOME, "AWS/ApiGateway", "Count", {"ApiName": "blog"}),
        SeriesKey.of(AWAY, "AWS/ApiGateway", "Count", {"ApiName": "blog"}),
    ]
    for key in series:
        shelf.put(key, "100+0x251", period=3600)
    for place in (HOME, AWAY):
        shelf.cover("AWS/ApiGateway", timedelta(days=12), place=place)
    found = {one.service: one for one in shelf.reads.costs.unit_costs(WEEK, NOW).value}
    assert found["apigateway"].count == 7 * 4800
    assert found["apigateway"].per_unit == Decimal("0.1")


def test_messages_of_several_queues_are_added_up_and_other_dimensions_left_out(
    shelf: Shelf,
) -> None:
    sqs = "Amazon Simple Queue Service"
    bill(shelf, every_day("0.48", service=sqs, usage_type="EUC1-Requests-RBP", unit="Requests"))
    for name in ("a", "b"):
        shelf.put(of(queue(name), "NumberOfMessagesSent"), "50+0x251", period=3600)
    everything = SeriesKey.of(HOME, "AWS/SQS", "NumberOfMessagesSent", {})
    shelf.put(everything, "100+0x251", period=3600)
    shelf.cover("AWS/SQS", timedelta(days=12))
    (found,) = shelf.reads.costs.unit_costs(WEEK, NOW).value
    assert found.per_unit == Decimal("0.2")


CLOUDWATCH = {"service": "AmazonCloudWatch"}
WATCHING = [
    *every_day("1", usage_type="EUC1-DataProcessing-Bytes", unit="GB", quantity=2, **CLOUDWATCH),
    *every_day("0.2", usage_type="EUC1-TimedStorage-ByteHrs", unit="GB-Mo", **CLOUDWATCH),
    *every_day("0.5", usage_type="CW:MetricMonitorUsage", unit="Metrics", **CLOUDWATCH),
    *every_day("0.3", usage_type="EUC1-XRay-TracesStored", service="AWS X-Ray", unit="Traces"),
    *every_day("8", service="AmazonEC2"),
]
API, WEB = LogGroupKey(HOME, "/aws/lambda/api"), LogGroupKey(HOME, "/ecs/web")


def test_watching_is_told_by_kind_with_its_share_of_the_bill(shelf: Shelf) -> None:
    bill(shelf, WATCHING)
    found = shelf.reads.costs.observability(WEEK, NOW).value
    assert [(kind.title, kind.usd) for kind in found.kinds] == [
        ("Log ingestion", Decimal(7)),
        ("Custom metrics", Decimal("3.5")),
        ("Traces", Decimal("2.1")),
        ("Log storage", Decimal("1.4")),
    ]
    assert (found.total, found.share_of_bill) == (Decimal(14), 0.2)


def test_log_groups_are_told_by_the_bytes_that_cloudwatch_counted(shelf: Shelf) -> None:
    bill(shelf, WATCHING)
    gb_an_hour = 2**30 / 24
    incoming = SeriesKey.of(HOME, "AWS/Logs", "IncomingBytes", {"LogGroupName": API.name})
    shelf.put(incoming, f"{gb_an_hour}+0x251", period=3600)
    shelf.cover("AWS/Logs", timedelta(days=12))
    found = shelf.reads.costs.observability(WEEK, NOW).value
    (group,) = found.log_groups
    assert (group.key, group.usd.quantize(Decimal("0.01"))) == (API, Decimal("3.50"))
    assert group.share == pytest.approx(0.5)  # 1 of 2 GB a day
    assert found.unexplained.quantize(Decimal("0.01")) == Decimal("3.50")
    assert found.bytes_from == "AWS/Logs IncomingBytes"


def test_custom_metrics_are_told_by_namespace(shelf: Shelf) -> None:
    keys = [SeriesKey.of(HOME, "Shop", "Orders", {"n": str(n)}) for n in range(3)]
    keys += [SeriesKey.of(AWAY, "Blog", "Posts", {})]
    keys += [of(function("f"), "Invocations")]
    keys += [SeriesKey.of(HOME, "Watchdeck/Spend", "Forecast", {})]  # made here, never charged
    for key in keys:
        shelf.put(key, "1")
    bill(shelf, every_day("8", service="AmazonEC2"))
    found = shelf.reads.costs.observability(WEEK, NOW).value
    assert [(n.namespace, n.metrics, n.usd_per_month) for n in found.namespaces] == [
        ("Shop", 3, Decimal("0.90")),
        ("Blog", 1, Decimal("0.30")),
    ]


def test_stored_bytes_cost_a_month_and_a_group_that_is_gone_stores_nothing_more() -> None:
    groups = [
        LogGroup(API, "arn:api", stored_bytes=100 * 2**30),
        LogGroup(WEB, "arn:web", stored_bytes=50 * 2**30, retention_days=30, gone=NOW),
    ]
    answer = SpendAnswer(SpendQuestion(WEEK))
    book = PriceBook(seed_prices())
    found = observability(answer, Arrived({WEB: 2.0**30}, "x"), groups, {}, book)
    assert [(g.key, g.usd, g.stored_usd_per_month) for g in found.log_groups] == [
        (WEB, Decimal("0.50"), Decimal("0.00")),
        (API, Decimal(0), Decimal("3.00")),
    ]


def test_what_arrives_for_infrequent_access_costs_half() -> None:
    groups = [LogGroup(API, "arn:api"), LogGroup(WEB, "arn:web", log_class="INFREQUENT_ACCESS")]
    arrived = Arrived({API: 2.0**30, WEB: 2.0**30}, "x")
    book = PriceBook(seed_prices())
    found = observability(SpendAnswer(SpendQuestion(WEEK)), arrived, groups, {}, book)
    assert [(g.key, g.usd) for g in found.log_groups] == [
        (API, Decimal("0.50")),
        (WEB, Decimal("0.25")),
    ]
