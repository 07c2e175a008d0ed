"""Lines of CloudTrail: who asked AWS for what, a few a minute, some of them refused."""

from __future__ import annotations

import numpy as np
import polars as pl

from app.demo.logs.requests import minute_of, rows_of
from app.demo.logs.text import Draws, chosen, filled, stamped
from app.demo.world.sheet import Sheet

_CALLS = 3.0
_EVENTS = (
    ("ec2.amazonaws.com", "DescribeInstances", "true"),
    ("monitoring.amazonaws.com", "GetMetricData", "true"),
    ("s3.amazonaws.com", "GetBucketAcl", "true"),
    ("kms.amazonaws.com", "Decrypt", "true"),
    ("sts.amazonaws.com", "AssumeRole", "true"),
    ("lambda.amazonaws.com", "UpdateFunctionConfiguration20150331v2", "false"),
    ("iam.amazonaws.com", "ListRoles", "true"),
)
_PEOPLE = ("anna", "ben", "carol", "deploy")
_EVENT = (
    '{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:'
    '<<who>>","arn":"arn:aws:sts::<<account>>:assumed-role/team/<<who>>","accountId":"<<account>>",'
    '"sessionContext":{"attributes":{"mfaAuthenticated":"<<mfa>>"}}},"eventTime":"<<time>>",'
    '"eventSource":"<<source>>","eventName":"<<name>>","awsRegion":"<<region>>",'
    '"sourceIPAddress":"<<ip>>","userAgent":"aws-cli/2.31.0","requestParameters":null,'
    '"responseElements":null,<<refusal>>"requestID":"<<request>>","eventID":"<<event>>",'
    '"readOnly":<<reads>>,"eventType":"AwsApiCall","managementEvent":true,'
    '"recipientAccountId":"<<account>>","eventCategory":"Management"}'
)


def trail_lines(sheet: Sheet) -> pl.DataFrame:
    """Every event of an hour."""
    account, region = sheet.deployment.account.id, sheet.deployment.place.region
    counts = sheet.count("trail", _CALLS * np.sqrt(np.maximum(sheet.demand, 0.01)))
    numbers, _ = rows_of(sheet, [counts.astype(np.int64)])
    draws = Draws(sheet.draws("logs/trail", numbers))
    which = draws.below("event", len(_EVENTS))
    address = pl.DataFrame({"b": draws.below("ip", 250)})
    refused = draws.uniform("refused") < 0.04
    rows = pl.DataFrame(
        {
            "at": minute_of(numbers) * 60_000 + draws.below("at", 60) * 1000,
            "mark": draws.rows,
            "account": pl.Series([account] * len(numbers), dtype=pl.String),
            "region": pl.Series([region] * len(numbers), dtype=pl.String),
            "who": draws.pick("who", _PEOPLE),
            "mfa": draws.pick("mfa", ("true", "true", "false")),
            "source": chosen([s for s, _, _ in _EVENTS], which),
            "name": chosen([n for _, n, _ in _EVENTS], which),
            "reads": chosen([r for _, _, r in _EVENTS], which),
            "ip": address.select(filled("203.0.113.<<b>>").alias("text"))["text"],
            "refused": refused,
            "request": draws.uuid("request"),
            "event": draws.uuid("event"),
        }
    ).with_columns(
        time=stamped("at", "%Y-%m-%dT%H:%M:%SZ"),
        refusal=pl.when("refused")
        .then(
            filled(
                '"errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::<<account>>:'
                'assumed-role/team/<<who>> is not authorized to perform: <<name>>",'
            )
        )
        .otherwise(pl.lit("")),
    )
    return rows.select(
        "at",
        pl.lit(f"{account}_CloudTrail_{region}").alias("stream"),
        filled(_EVENT).alias("message"),
        "mark",
        pl.lit(500, dtype=pl.Int64).alias("part"),
    )
