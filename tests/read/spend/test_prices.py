from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.read.spend.price_check import outdated
from app.read.spend.price_units import ratio
from app.read.spend.prices import Price, PriceBook, PriceSource, Tier
from app.read.spend.seed import seed_prices
from app.read.spend.usage_types import in_region, split

SEED = PriceBook(seed_prices())


def price(
    usage_type: str = "NatGateway-Bytes",
    region: str = "eu-central-1",
    source: PriceSource = PriceSource.LEARNED,
    usd: str = "0.04",
    as_of: date = date(2026, 11, 20),
    service: str = "EC2 - Other",
) -> Price:
    tiers = (Tier(Decimal(0), Decimal(usd)),)
    return Price(usage_type, region, "GB", tiers, source, as_of, service)


@pytest.mark.parametrize(
    ("usage_type", "region", "bare"),
    [
        ("EUC1-BoxUsage:t3.micro", "eu-central-1", "BoxUsage:t3.micro"),
        ("EU-NatGateway-Hours", "eu-west-1", "NatGateway-Hours"),
        ("BoxUsage:t3.micro", "", "BoxUsage:t3.micro"),
        ("Lambda-GB-Second", "", "Lambda-GB-Second"),
        ("eu-central-1-KMS-Keys", "eu-central-1", "KMS-Keys"),
        ("Global-HostedZone", "global", "HostedZone"),
        ("USW2-USE1-AWS-Out-Bytes", "us-west-2", "USE1-AWS-Out-Bytes"),
    ],
)
def test_a_prefix_of_a_usage_type_is_its_region(usage_type, region, bare):
    assert split(usage_type) == (region, bare)


def test_a_usage_type_of_a_region_is_named_as_its_bill_does():
    assert in_region("NatGateway-Hours", "eu-west-1") == "EU-NatGateway-Hours"
    assert in_region("NatGateway-Hours", "us-east-1") == "NatGateway-Hours"


def test_the_best_source_wins_and_of_one_source_the_newest():
    older, newer = price(usd="0.05", as_of=date(2026, 10, 1)), price(usd="0.04")
    listed = price(source=PriceSource.LISTED, usd="0.052", as_of=date(2026, 11, 26))
    book = SEED.beside([older, listed, newer])
    words = {"what": "NAT gateway traffic"}
    assert book.price("NatGateway-Bytes", "eu-central-1") == replace(newer, **words)
    assert SEED.beside([listed]).price("EUC1-NatGateway-Bytes") == replace(listed, **words)


def test_a_learned_price_holds_only_in_its_region_and_a_shipped_one_says_which_is_its_own():
    found = SEED.beside([price()]).price("NatGateway-Bytes", "eu-west-1")
    assert found is not None
    assert found.source is PriceSource.SEED
    assert found.said == (
        "list price of us-east-1 shipped with Watchdeck (Amazon VPC pricing, 2026-04-01); "
        "that of eu-west-1 may differ"
    )
    at_home = SEED.price("NatGateway-Bytes", "us-east-1")
    assert at_home is not None
    assert not at_home.asked


@pytest.mark.parametrize(
    ("usage_type", "service", "said"),
    [
        ("VendedLog-Bytes", "AmazonCloudWatch", "us-east-1 … 2026-04-01); not checked"),
        (
            "TimedStorage-ByteHrs",
            "Amazon Simple Storage Service",
            "us-east-1 … 2026-04-01); only its first tier is checked",
        ),
        ("DNS-Queries", "Amazon Route 53", "every Region … 2026-04-01)"),
        ("WriteRequestUnits", "Amazon DynamoDB", "us-east-1 … 2026-07-31)"),
    ],
)
def test_a_shipped_price_tells_its_own_page_date_and_doubt(usage_type, service, said):
    found = SEED.price(usage_type, service=service)
    assert found is not None
    where, rest = said.split(" … ")
    assert found.said.startswith(f"list price of {where} shipped with Watchdeck (")
    assert found.said.endswith(rest)


def test_a_price_of_all_regions_is_not_said_to_differ():
    found = SEED.price("HostedZone", "eu-central-1", "Amazon Route 53")
    assert found is not None
    assert (found.asked, found.region) == ("", "")


def test_transfer_is_tiered_beyond_what_is_free():
    found = SEED.price("DataTransfer-Out-Bytes", service="AWS Data Transfer")
    assert found is not None
    assert found.cost(100, with_free=True) == 0
    assert found.cost(100 + 10_240, with_free=True) == Decimal("921.6")  # 10 TB at 0.09
    learned = price("DataTransfer-Out-Bytes", "us-east-1", service="AWS Data Transfer")
    kept = SEED.beside([learned]).price("DataTransfer-Out-Bytes", "us-east-1", "AWS Data Transfer")
    assert kept is not None
    assert (kept.free, kept.beyond) == (100, True)


def test_a_shipped_price_that_aws_lists_otherwise_is_told():
    listed = [
        price(source=PriceSource.LISTED, region="us-east-1", usd="0.05"),
        price("NatGateway-Hours", "us-east-1", PriceSource.LISTED, "0.0460"),  # 2 % more
        price("EBS:VolumeUsage.gp3", "eu-central-1", PriceSource.LISTED, "0.0952"),
    ]
    (found,) = outdated(SEED.beside(listed))
    assert found.share == pytest.approx(1 / 9)
    assert found.said == ("NatGateway-Bytes: 0.045 shipped, 0.05 listed on 2026-11-20 (+11 %)")
    assert outdated(SEED) == ()


def test_the_free_part_and_the_words_of_the_list_stay_with_a_rate_of_the_bill():
    at, lambdas = ("Lambda-GB-Second", "eu-central-1"), "AWS Lambda"
    listed = price(*at, source=PriceSource.LISTED, usd="0.0000167", service=lambdas)
    rate = price(*at, usd="0.0000166667", service=lambdas)
    found = SEED.beside([listed]).beside([rate]).price(*at, lambdas)
    assert found is not None
    assert (found.source, found.what) == (PriceSource.LEARNED, "Lambda duration")
    assert found.cost(400_000, with_free=True) == 0
    assert found.cost(400_000) == Decimal("6.66668")


@pytest.mark.parametrize("source", [PriceSource.LEARNED, PriceSource.LISTED])
def test_throughput_is_priced_by_mebibytes_as_it_is_asked_for(source):
    at = ("EBS:VolumeP-Throughput.gp3", "us-east-1")
    told = replace(price(*at, source=source, usd="40.96"), unit="GiBps-mo")
    found = SEED.beside([told]).price(*at, "EC2 - Other")
    assert found is not None
    assert (found.source, found.usd, found.unit) == (source, Decimal("0.04"), "MiBps-month")
    assert found.cost(125) == 5


def test_a_price_in_a_unit_that_cannot_be_converted_is_not_used():
    at = ("EBS:VolumeUsage.gp3", "us-east-1")
    told = replace(price(*at, usd="0.0001"), unit="GB-Hrs")
    found = SEED.beside([told]).price(*at, "EC2 - Other")
    assert found is not None
    assert found.source is PriceSource.SEED


@pytest.mark.parametrize(
    ("unit", "other", "expected"),
    [
        ("GiBps-mo", "MiBps-month", "1024"),
        ("GB-Mo", "GB-month", "1"),
        ("GB", "GB", "1"),
        ("TB", "GB", "1024"),
        ("Hrs", "hour", "1"),
        ("ReadCapacityUnit-Hrs", "unit-hour", "1"),
        ("ShardHour", "shard-hour", "1"),
        ("LCU-Hrs", "LCU-hour", "1"),
        ("Lambda-GB-Second", "GB-second", "1"),
        ("Second", "GB-second", "1"),
        ("hours", "GB-hour", "1"),
        ("minutes", "minute", "1"),
        ("Hours", "minute", "60"),
        ("Requests", "request", "1"),
        ("Metrics", "metric-month", "1"),
        ("Bytes", "GB", "1/1073741824"),
        ("GB-Hrs", "GB-month", None),
    ],
)
def test_units_of_aws_and_of_the_list(unit, other, expected):
    found = ratio(unit, other)
    over, _, under = (expected or "").partition("/")
    assert found == (Decimal(over) / Decimal(under or 1) if expected else None)


def test_a_name_that_several_services_use_needs_the_service():
    assert SEED.price("Requests-Tier1") is None
    found = SEED.price("Requests-Tier1", service="Amazon Simple Storage Service")
    assert found is not None
    assert found.usd == Decimal("0.000005")


def test_a_service_in_other_words_does_not_hide_a_name_that_is_nobody_elses():
    found = SEED.price("NatGateway-Hours", service="Amazon Virtual Private Cloud")
    assert found is not None
    assert found.usd == Decimal("0.045")


def test_what_nobody_knows_has_no_price():
    assert SEED.price("Quantum-Hours") is None


@pytest.mark.parametrize(
    ("metrics", "usd"),
    [(10_000, "3000"), (250_000, "27000"), (1_000_000, "64500"), (1_500_000, "74500")],
)
def test_custom_metrics_cost_by_tiers(metrics, usd):
    found = SEED.price("CW:MetricMonitorUsage")
    assert found is not None
    assert found.cost(metrics) == Decimal(usd)


def test_every_shipped_price_has_rising_tiers_from_nothing_and_is_there_once():
    named = [(p.service, p.usage_type) for p in SEED.prices]
    assert len(named) == len(set(named))
    for each in SEED.prices:
        starts = [tier.start for tier in each.tiers]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert all(tier.usd > 0 for tier in each.tiers)
        assert each.unit
        assert each.page
