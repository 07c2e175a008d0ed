"""What is made of the bill honours accounts and Regions that are chosen, or says why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from app.model.readings import Look
from app.model.spend import SpendDimension, SpendSource, Tag
from app.read.spend import SpendFilter
from app.read.spend.scoped import BY_PREFIX
from app.read.spend.today import BY_COUNTERS, Basis
from tests.support.shelf import AWAY, HOME, NOW, Shelf, function, of
from tests.support.spend import CUTS, Charge, day, days, fill, statement, statements, steady

READ = day("2026-11-24") + timedelta(hours=7)
BILLED = days("2026-11-10", "2026-11-25")
WHOLE = days("2026-11-10", "2026-11-23")
LAMBDA = "AWS Lambda"
PROD = (SpendFilter(SpendDimension.LINKED_ACCOUNT, (HOME.account,)),)
STAGING = (SpendFilter(SpendDimension.LINKED_ACCOUNT, (AWAY.account,)),)
FRANKFURT = (SpendFilter(SpendDimension.REGION, ("eu-central-1",)),)
VIRGINIA = (SpendFilter(SpendDimension.REGION, ("us-east-1",)),)
NAT = {"service": "EC2 - Other", "unit": "Hrs"}
OF_BOTH = [
    *steady(WHOLE, {LAMBDA: "0.24"}, usage_type="EUC1-Request", unit="Requests", quantity=2400),
    *steady(
        WHOLE,
        {LAMBDA: "0.12"},
        usage_type="Request",
        unit="Requests",
        quantity=1200,
        account=AWAY.account,
        region="us-east-1",
    ),
    *steady(WHOLE, {"EC2 - Other": "1.2"}, usage_type="EUC1-NatGateway-Hours"),
    *steady(
        WHOLE,
        {"EC2 - Other": "2.4"},
        usage_type="NatGateway-Hours",
        account=AWAY.account,
        region="us-east-1",
    ),
]
UNTOLD = (
    "Spend by service and usage type and account together is not collected: Cost Explorer gives "
    "two dimensions at a time; import a Cost and Usage Report or FOCUS export, which tells "
    "everything."
)


def told(shelf: Shelf, charges: Sequence[Charge], source: SpendSource = SpendSource.CE) -> None:
    """The bill as Cost Explorer tells it, or as line items."""
    if source is SpendSource.CE:
        fill(shelf.store, shelf.lease, statements(charges, BILLED, READ, CUTS), NOW)
        return
    fill(shelf.store, shelf.lease, [statement(charges, BILLED, READ, source=source)], NOW)


def counted(shelf: Shelf) -> None:
    """100 invocations an hour in one account, 50 in the other, twice as many today."""
    for place, line in ((HOME, "100+0x239 200+0x11"), (AWAY, "50+0x239 100+0x11")):
        shelf.put(of(function("f", place), "Invocations"), line, period=3600)
        shelf.cover("AWS/Lambda", timedelta(hours=24 * 12), place=place)


@pytest.mark.parametrize(
    ("where", "expected"),
    [(FRANKFURT, {"EUC1-NatGateway-Hours"}), (VIRGINIA, {"NatGateway-Hours"})],
)
def test_regions_are_those_that_usage_types_name_where_no_cut_tells_both(
    shelf: Shelf, where: tuple[SpendFilter, ...], expected: set[str]
) -> None:
    told(shelf, OF_BOTH)
    found = shelf.reads.costs.idle(NOW, where)
    assert {line.usage_type for line in found.value.lines} == expected
    assert found.said == BY_PREFIX
    assert found.value.share == pytest.approx({1: 1.2 / 1.44, 0: 2.4 / 2.52}[where is FRANKFURT])


def test_an_account_that_a_cut_does_not_tell_is_not_the_whole_bill(shelf: Shelf) -> None:
    told(shelf, OF_BOTH)
    found = shelf.reads.costs.idle(NOW, PROD)
    assert (found.look, found.value.lines) == (Look.NOT_COLLECTED, ())
    assert found.said == UNTOLD


def test_line_items_tell_accounts_and_regions_together(shelf: Shelf) -> None:
    told(shelf, OF_BOTH, SpendSource.CUR)
    found = shelf.reads.costs.idle(NOW, (*STAGING, *VIRGINIA))
    assert [line.usage_type for line in found.value.lines] == ["NatGateway-Hours"]
    assert found.said == ""
    none = shelf.reads.costs.idle(NOW, (*PROD, *VIRGINIA))
    assert none.value.lines == ()


def test_today_of_an_account_is_its_counters_at_the_rates_of_the_whole_bill(shelf: Shelf) -> None:
    told(shelf, OF_BOTH)
    counted(shelf)
    reading = shelf.reads.costs.today(NOW, STAGING)
    found = reading.value
    assert found is not None
    (line,) = found.lines
    assert (line.usage_type, line.usd, line.usual) == ("Request", Decimal("0.12"), Decimal("0.12"))
    assert line.basis is Basis.METRIC
    assert found.usual == Decimal("2.52")
    assert found.covered_share == pytest.approx(0.12 / 2.52)
    assert reading.said == f"{BY_COUNTERS} {UNTOLD}"


def test_today_of_an_account_whose_line_items_are_told_has_its_hours_too(shelf: Shelf) -> None:
    told(shelf, OF_BOTH, SpendSource.CUR)
    counted(shelf)
    found = shelf.reads.costs.today(NOW, STAGING).value
    assert found is not None
    assert [(line.usage_type, line.usd) for line in found.lines] == [
        ("NatGateway-Hours", Decimal("1.200000")),
        ("Request", Decimal("0.120000")),
    ]


def test_today_of_a_region_is_without_the_others(shelf: Shelf) -> None:
    told(shelf, OF_BOTH)
    counted(shelf)
    found = shelf.reads.costs.today(NOW, FRANKFURT).value
    assert found is not None
    assert {line.region for line in found.lines} == {"eu-central-1"}
    assert found.usual == Decimal("1.44")


def test_anomalies_are_those_of_the_account_and_say_what_is_not_told_of_them(shelf: Shelf) -> None:
    whole = days("2026-10-10", "2026-11-23")
    charges = [
        *steady(whole, {"AmazonS3": "10"}),
        *steady(whole, {"AmazonS3": "20"}, account=AWAY.account),
        Charge("2026-11-20", "60", "AmazonS3", account=AWAY.account),
    ]
    window = days("2026-10-10", "2026-11-25")
    fill(shelf.store, shelf.lease, statements(charges, window, READ, CUTS), NOW)
    asked = days("2026-11-15", "2026-11-25")
    assert shelf.reads.costs.anomalies(asked, NOW, PROD).value == ()
    found = shelf.reads.costs.anomalies(asked, NOW, STAGING)
    (one,) = found.value
    assert (one.key, one.actual, one.causes) == (("AmazonS3",), Decimal(80), ())
    assert found.said == f"Causes are not told: {UNTOLD}"


def test_tags_of_an_account_are_told_by_line_items_alone(shelf: Shelf) -> None:
    charges = [
        Charge("2026-11-12", "3", tags={"team": "blue"}),
        Charge("2026-11-12", "5", account=AWAY.account),
    ]
    cuts = (*CUTS, (SpendDimension.SERVICE, Tag("team")))
    fill(shelf.store, shelf.lease, statements(charges, BILLED, READ, cuts), NOW)
    untold = shelf.reads.costs.tag_coverage(BILLED, NOW, STAGING)
    assert (untold.look, untold.value) == (Look.NOT_COLLECTED, ())
    assert "tag `team` and account together is not collected" in untold.said
    told(shelf, charges, SpendSource.CUR)
    (found,) = shelf.reads.costs.tag_coverage(BILLED, NOW, STAGING).value
    assert (found.tagged, found.untagged) == (Decimal(0), Decimal(5))


def test_unit_cost_and_watching_are_of_what_is_chosen(shelf: Shelf) -> None:
    watching = steady(
        WHOLE, {"AmazonCloudWatch": "1"}, usage_type="EUC1-DataProcessing-Bytes", unit="GB"
    )
    told(shelf, [*OF_BOTH, *watching])
    counted(shelf)
    week = days("2026-11-16", "2026-11-23")
    (unit,) = shelf.reads.costs.unit_costs(week, NOW, STAGING).value
    assert (unit.usd, unit.count) == (Decimal("0.84"), 50 * 24 * 7)
    assert shelf.reads.costs.observability(week, NOW, FRANKFURT).value.total == Decimal(7)
    assert shelf.reads.costs.observability(week, NOW, VIRGINIA).value.total == Decimal(0)
