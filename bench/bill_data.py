"""A Cost and Usage Report 2.0 of ten million hourly lines with resources and tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from app.model.time import Window

START = datetime(2026, 10, 1, tzinfo=UTC)
MONTH = Window(START, datetime(2026, 11, 1, tzinfo=UTC))
RESOURCES, ACCOUNTS, FILES = 14_000, 40, 10
HOURS = 744
CODES = ("AmazonEC2", "AmazonS3", "AWSLambda", "AmazonRDS", "AmazonDynamoDB", "AmazonVPC")
KINDS = 60
TAGS = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


def resources() -> pl.DataFrame:
    """What is the same in every hour of a resource."""
    chance = np.random.default_rng(3)
    number = np.arange(RESOURCES)
    code = number % len(CODES)
    kind = chance.integers(0, KINDS, RESOURCES)
    account = [f"{200_000_000_000 + n % ACCOUNTS}" for n in number]
    return pl.DataFrame(
        {
            "line_item_usage_account_id": account,
            "line_item_product_code": [CODES[n] for n in code],
            "line_item_usage_type": [
                f"EUC1-Usage:{CODES[c][-3:]}.{k}" for c, k in zip(code, kind, strict=True)
            ],
            "line_item_operation": [f"Operation{n % 9}" for n in number],
            "line_item_resource_id": [
                f"arn:aws:made:eu-central-1:{a}:up/{n:032x}"
                for a, n in zip(account, number, strict=True)
            ],
            "resource_tags": pl.Series(
                [
                    [
                        {"key": "user_team", "value": f"team-{n % 30}"},
                        {"key": "user_environment", "value": "production" if n % 3 else "staging"},
                        {"key": "user_name", "value": f"name-{n}"},
                    ][: n % 4]
                    for n in number
                ],
                dtype=TAGS,
            ),
            "level": chance.lognormal(-6, 2, RESOURCES),
        }
    )


def write(folder: Path) -> int:
    """Write the report with its manifest; how many lines."""
    data = folder / "data" / "BILLING_PERIOD=2026-10"
    data.mkdir(parents=True)
    known, names, lines = resources(), [], 0
    for number in range(FILES):
        some = _lines(known, number)
        name = f"report-{number + 1:05d}.snappy.parquet"
        some.write_parquet(data / name, compression="snappy", row_group_size=250_000)
        names.append(f'"s3://bills/export/data/BILLING_PERIOD=2026-10/{name}"')
        lines += some.height
    metadata = folder / "metadata" / "BILLING_PERIOD=2026-10"
    metadata.mkdir(parents=True)
    (metadata / "report-Manifest.json").write_text(f'{{"dataFiles": [{", ".join(names)}]}}')
    return lines


def _lines(known: pl.DataFrame, number: int) -> pl.DataFrame:
    """A tenth of the hours of every resource."""
    hours = range(number * HOURS // FILES, (number + 1) * HOURS // FILES)
    chance = np.random.default_rng(number)
    order = chance.permutation(np.tile(np.arange(RESOURCES), len(hours)))
    hour = np.repeat(np.array(hours), RESOURCES)
    start = pl.Series([START], dtype=pl.Datetime("ms")).dt.epoch("ms")[0] + hour * 3_600_000
    usage = chance.uniform(0.5, 1.5, len(order))
    cost = known["level"].to_numpy()[order] * usage
    at = pl.Series(start).cast(pl.Datetime("ms"))
    return known.drop("level")[order].with_columns(
        pl.lit("100000000000").alias("bill_payer_account_id"),
        pl.lit("").alias("bill_invoice_id"),
        pl.lit("USD").alias("line_item_currency_code"),
        pl.lit("Usage").alias("line_item_line_item_type"),
        pl.lit("eu-central-1").alias("product_region_code"),
        pl.lit("Hrs").alias("pricing_unit"),
        pl.Series("line_item_usage_start_date", at),
        pl.Series("line_item_usage_end_date", at + timedelta(hours=1)),
        pl.Series("line_item_usage_amount", usage),
        pl.Series("line_item_unblended_cost", cost),
        pl.Series("identity_line_item_id", chance.integers(0, 2**62, len(order))).cast(pl.String),
        pl.lit(0.0).alias("reservation_effective_cost"),
        pl.lit(0.0).alias("savings_plan_savings_plan_effective_cost"),
    )
