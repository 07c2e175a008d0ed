from __future__ import annotations

from decimal import Decimal

import pytest

from app.read.spend.against import Against
from app.read.spend.capacity import gb_seconds
from app.read.spend.estimators import ESTIMATORS, estimate
from app.read.spend.memory import MemoryRun, compare_memory
from app.read.spend.prices import PriceBook
from app.read.spend.seed import seed_prices

BOOK = PriceBook(seed_prices())


def test_lambda_is_billed_by_memory_times_time_after_the_free_part():
    assert gb_seconds(10_000_000, 200, 512) == Decimal("1000000")
    found = estimate(
        BOOK, "lambda", {"invocations": 10_000_000, "average_ms": 200, "memory_mb": 512}
    )
    assert [line.free for line in found.lines] == [Decimal(1_000_000), Decimal(400_000)]
    assert found.total == Decimal("11.80002")  # 9 M x 0.2 a M + 600,000 x 0.0000166667


def test_more_memory_that_shortens_the_run_can_cost_less():
    """A million of 1 s at 0.5 GB and of 0.4 s at 1 GB, with 0.20 USD for the requests."""
    found = compare_memory(BOOK, MemoryRun(512, 1000), MemoryRun(1024, 400))
    assert (found.before.usd, found.after.usd) == (Decimal("8.5334"), Decimal("6.8667"))
    assert found.is_cheaper
    assert found.said == ("512 → 1024 MB: 1000 → 400 ms, 8.5334 → 6.8667 USD a million (-20 %)")
    assert found.after.price.page == "AWS Lambda Pricing"


def test_more_memory_that_hardly_helps_costs_more_and_arm_less():
    before, after = MemoryRun(512, 1000), MemoryRun(1024, 900)
    found = compare_memory(BOOK, before, after)
    assert not found.is_cheaper
    assert found.faster == pytest.approx(0.1)
    arm = compare_memory(BOOK, before, after, arm=True)
    assert arm.before.usd == Decimal("6.8667")  # 500,000 GB-s at 0.0000133334


@pytest.mark.parametrize(
    ("kind", "given", "usd"),
    [
        ("s3", {"stored_gb": 100, "puts": 1000, "gets": 10_000}, "2.309"),
        ("s3", {"stored_gb": 60_000}, "1371.2"),  # 50 TB at 0.023, the rest at 0.022
        ("s3", {"standard_ia_gb": 100, "standard_ia_puts": 1000, "one_zone_ia_gb": 10}, "1.36"),
        ("s3", {"glacier_gb": 1000, "deep_archive_gb": 1000, "select_scanned_gb": 10}, "4.61"),
        ("s3", {"intelligent_infrequent_gb": 1000, "intelligent_objects": 100_000}, "12.75"),
        ("sns", {"requests": 3_000_000, "http": 200_000, "emails": 101_000}, "3.06"),
        ("api_rest", {"requests": 400_000_000}, "1353.10"),  # 333 M at 3.50, 67 M at 2.80
        ("api_http", {"requests": 400_000_000}, "390"),  # 300 M at 1.00, 100 M at 0.90
        ("api_websocket", {"messages": 1_000_000, "minutes": 1_000_000}, "1.25"),
        ("api_rest", {"cache_hours": 100}, "2"),
        (
            "dynamodb_on_demand",
            {"read_units": 10**7, "write_units": 10**6, "stored_gb": 125},
            "26.875",
        ),
        (
            "dynamodb_provisioned",
            {"read_unit_hours": 30 * 730, "write_unit_hours": 20_000},
            "1.339",
        ),
        ("route53", {"zones": 30, "queries": 1_000_000, "health_checks": 1}, "13.90"),
        (
            "route53",
            {"queries": 2 * 10**9, "geo_queries": 10**6, "latency_queries": 10**6},
            "601.3",
        ),
        ("cloudfront", {"out_gb": 2048, "requests": 11_000_000}, "88.04"),
        ("cloudfront", {"out_gb": 1024 + 10240 + 100, "functions": 3 * 10**6}, "878.5"),
        ("codepipeline", {"pipelines": 3}, "2"),
        ("codebuild", {"minutes": 1100}, "5"),
        ("nat", {"hours": 730, "gb": 1000}, "77.85"),
        ("alb", {"hours": 730, "lcu_hours": 1000}, "24.425"),
        ("nlb", {"hours": 730, "lcu_hours": 1000}, "22.425"),
        ("transfer", {"out_gb": 100 + 10240 + 1000, "zones_gb": 100}, "1007.6"),
        ("logs", {"ingested_gb": 105, "stored_gb": 105, "scanned_gb": 1005}, "58"),
        ("logs", {"vended_gb": 10_340, "infrequent_gb": 10}, "5147.5"),
        ("eventbridge", {"events": 2_000_000}, "2"),
        ("eventbridge", {"archived_gb": 200, "archiving_gb": 100}, "14.6"),
        ("metrics", {"alarms": 7, "dashboards": 5}, "6.7"),
        ("metrics", {"requests": 2_000_000, "metric_requests": 1000, "fast_alarms": 2}, "10.61"),
        ("xray", {"recorded": 1_100_000, "read": 3_000_000}, "6"),
        ("fargate", {"vcpu_hours": 730, "gb_hours": 1460}, "36.0401"),
        ("fargate_arm", {"vcpu_hours": 1000}, "32.38"),
        ("ebs", {"gp3_gb": 100, "gp3_iops": 1000, "gp2_gb": 10, "snapshot_gb": 20}, "15"),
        ("kms", {"keys": 2, "requests": 30_000}, "2.03"),
        ("secrets", {"secrets": 3, "requests": 10_000}, "1.25"),
        ("step_functions", {"transitions": 14_000}, "0.25"),
        ("step_functions", {"express_requests": 10**6, "express_gb_seconds": 3_700_000}, "61.845"),
        ("kinesis", {"shard_hours": 730, "put_units": 10**9}, "24.95"),
        ("kinesis", {"on_demand_hours": 730, "on_demand_in_gb": 100}, "37.2"),
        ("ec2:t3.micro", {"hours": 744}, "7.7376"),
        ("rds:db.t3.large", {"hours": 730, "gp3_gb": 100, "backup_gb": 10}, "111.73"),
        ("rds:db.t3.large", {"multi_az_hours": 730}, "198.56"),
        ("elasticache:cache.t4g.micro", {"hours": 100}, "1.6"),
        ("lambda_provisioned", {"concurrency": 2, "hours": 100, "memory_mb": 1024}, "3.000024"),
    ],
)
def test_a_month_costs(kind, given, usd):
    assert estimate(BOOK, kind, given).total == Decimal(usd)


def test_ephemeral_storage_of_functions_is_billed_above_512_mb():
    given = {"invocations": 10**6, "average_ms": 1000, "memory_mb": 1024}
    plain = estimate(BOOK, "lambda", {**given, "ephemeral_mb": 512})
    more = estimate(BOOK, "lambda", {**given, "ephemeral_mb": 10_752})
    assert more.total - plain.total == Decimal("0.309")  # 10 M GB-s at 0.0000000309


def test_tiers_of_functions_count_the_free_part():
    """6 G GB-seconds at 0.0000166667 and one at 0.000015; 400,000 and a request are free."""
    given = {"invocations": 7 * 10**6, "average_ms": 10**6, "memory_mb": 1024}
    found = estimate(BOOK, "lambda", given)
    assert found.total == Decimal("115000.2") - Decimal("6.66668") + Decimal("1.2")


def test_every_line_tells_the_page_and_the_date_of_its_price():
    (line,) = estimate(BOOK, "ec2:t3.micro", {"hours": 744}, "eu-central-1").lines
    assert line.price.said == (
        "list price of us-east-1 shipped with Watchdeck "
        "(Amazon EC2 On-Demand Pricing, 2026-04-01); that of eu-central-1 may differ"
    )


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("dynamodb_provisioned", "read_unit_hours", "capacity is reserved by the hour"),
        ("dynamodb_on_demand", "read_units", ""),
        ("rds:db.t3.large", "hours", "runs by the hour, used or not"),
        ("nat", "hours", "runs by the hour, used or not"),
        ("nat", "gb", ""),
        ("alb", "hours", "runs by the hour, used or not"),
        ("codepipeline", "pipelines", "is billed a month for being there"),
        ("kinesis", "on_demand_hours", "runs by the hour, used or not"),
        ("lambda", "invocations", ""),
    ],
)
def test_what_costs_when_idle_is_marked(kind, name, why):
    (line,) = estimate(BOOK, kind, {name: 10**7}).lines
    assert line.when_idle == why


def test_every_part_of_every_estimator_has_a_shipped_price():
    for each in ESTIMATORS.values():
        found = estimate(BOOK, each.kind, dict.fromkeys(each.takes, 10**10))
        assert found.unpriced == ()
        assert len(found.lines) == len(each.parts)


def test_what_has_no_price_is_named_and_not_counted_as_nothing():
    found = estimate(PriceBook(), "nat", {"hours": 730})
    assert (found.unpriced, found.lines) == (("NatGateway-Hours",), ())


def test_unknown_quantities_are_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="sqs has no quantity messages; it takes requests"):
        estimate(BOOK, "sqs", {"messages": 1})
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="requests: a quantity is 0 or more"):
            estimate(BOOK, "sqs", {"requests": wrong})
    for kind in ("teleport", "ec2:", "lightsail:nano"):
        with pytest.raises(ValueError, match=f"there is no estimator {kind}; known are lambda"):
            estimate(BOOK, kind, {})


def test_a_budget_without_a_forecast_passes_no_forecast_threshold():
    budget = Against(Decimal(50), Decimal(60), None)
    assert budget.forecast_percent is None
    assert not budget.is_over(Decimal(80), forecasted=True)
    assert budget.is_over(Decimal(80), forecasted=False)
