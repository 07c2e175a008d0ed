"""List prices from the Price List API, once a month and free.

Only of what the bill teaches no rate of its own for: usage that cost nothing, as in a free
allowance, and what findings compare with, such as gp3 where there is gp2. A usage type can
stand for several products (operating systems, engines). Where those differ in price and
nothing on the bill says which is meant, there is no list price.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.aws import Aws
from app.model.errors import AwsError
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.spend import FactKind, SpendDimension, SpendFacts
from app.model.time import Window
from app.read.spend import SpendQuestion, SpendReader
from app.read.spend.usage_types import HOME, in_region, split
from app.store import Store
from collectors.asking import is_refused
from collectors.spend_asking import COLLECTOR

LOOK_BACK = timedelta(days=35)
MOST = 200
"""Usage types that are asked for in one round."""

COMPARED: tuple[tuple[str, str], ...] = (
    ("EC2 - Other", "EBS:VolumeUsage.gp3"),
    ("EC2 - Other", "EBS:SnapshotUsage"),
    ("EC2 - Other", "NatGateway-Hours"),
    ("EC2 - Other", "NatGateway-Bytes"),
    ("Amazon Virtual Private Cloud", "PublicIPv4:IdleAddress"),
    ("Amazon Elastic Load Balancing", "LoadBalancerUsage"),
    ("AWS Lambda", "Lambda-GB-Second-ARM"),
    ("Amazon API Gateway", "ApiGatewayHttpRequest"),
    ("Amazon DynamoDB", "ReadRequestUnits"),
    ("Amazon DynamoDB", "WriteRequestUnits"),
    ("Amazon Simple Storage Service", "TimedStorage-SIA-ByteHrs"),
    ("AmazonCloudWatch", "DataProcessing-Bytes"),
    ("AmazonCloudWatch", "TimedStorage-ByteHrs"),
)
"""What findings and estimates ask for, in each Region that the bill names."""

SERVICE_CODES: Mapping[str, str] = {
    "AWS CloudTrail": "AWSCloudTrail",
    "AWS CodePipeline": "AWSCodePipeline",
    "AWS Data Transfer": "AWSDataTransfer",
    "AWS Key Management Service": "awskms",
    "AWS Lambda": "AWSLambda",
    "AWS Secrets Manager": "AWSSecretsManager",
    "AWS Step Functions": "AmazonStates",
    "AWS WAF": "awswaf",
    "AWS X-Ray": "AWSXRay",
    "Amazon API Gateway": "AmazonApiGateway",
    "Amazon CloudFront": "AmazonCloudFront",
    "Amazon DynamoDB": "AmazonDynamoDB",
    "Amazon EC2 Container Registry (ECR)": "AmazonECR",
    "Amazon ElastiCache": "AmazonElastiCache",
    "Amazon Elastic Compute Cloud - Compute": "AmazonEC2",
    "Amazon Elastic Container Service": "AmazonECS",
    "Amazon Elastic File System": "AmazonEFS",
    "Amazon Elastic Load Balancing": "AWSELB",
    "Amazon Kinesis": "AmazonKinesis",
    "Amazon Kinesis Firehose": "AmazonKinesisFirehose",
    "Amazon Relational Database Service": "AmazonRDS",
    "Amazon Route 53": "AmazonRoute53",
    "Amazon Simple Notification Service": "AmazonSNS",
    "Amazon Simple Queue Service": "AWSQueueService",
    "Amazon Simple Storage Service": "AmazonS3",
    "Amazon Virtual Private Cloud": "AmazonVPC",
    "AmazonCloudWatch": "AmazonCloudWatch",
    "CloudWatch Events": "AWSEvents",
    "CodeBuild": "CodeBuild",
    "EC2 - Other": "AmazonEC2",
}
"""The Price List's code of a service by its name on the bill; others are not looked up."""

_MEANT = {
    "operatingSystem": ("Linux", "NA"),
    "preInstalledSw": ("NA",),
    "tenancy": ("Shared", "NA"),
    "capacitystatus": ("Used", "NA"),
}
"""What a plain usage type of EC2 stands for, where a product tells the attribute."""

Content = dict[str, Any]


def prices(aws: Aws, store: Store, place: Place, now: datetime) -> Batch:
    """The list prices that the bill does not tell, as one set of facts.

    Without permission there are none, and those that are shipped do: no failure of the bill.
    """
    wanted = _wanted(store, now)
    found: dict[str, Content] = {}
    for service, usage_type in wanted[:MOST]:
        try:
            content = _asked(aws, place, service, usage_type)
        except AwsError as error:
            if not is_refused(error):
                raise
            return Batch(notes=[error.message])
        if content is not None:
            own = {"service": service, "usage_type": usage_type}
            found[f"{service}|{usage_type}"] = {**own, **content}
    more = f"list prices of {MOST} usage types were read, of {len(wanted)}"
    return Batch(
        spend_facts=[SpendFacts(FactKind.PRICE, place.account, now, found)],
        notes=[more] if len(wanted) > MOST else [],
    )


def _asked(aws: Aws, place: Place, service: str, usage_type: str) -> Content | None:
    params = {
        "ServiceCode": SERVICE_CODES[service],
        "Filters": [{"Type": "TERM_MATCH", "Field": "usagetype", "Value": usage_type}],
        "FormatVersion": "aws_v1",
        "MaxResults": 100,
    }
    pages = aws.pages(place, "pricing", "GetProducts", params, collector=COLLECTOR)
    products = [json.loads(text) for page in pages for text in page.get("PriceList") or ()]
    return None if pages.cut else price_of(products)


def price_of(products: Sequence[Mapping[str, Any]]) -> Content | None:
    """Unit and tiers that all products agree on; None where they do not."""
    meant = [each for each in products if _is_meant(each)]
    told = [content for each in meant for content in _on_demand(each)]
    if not told or any(each["tiers"] != told[0]["tiers"] for each in told):
        return None
    return told[0]


def _wanted(store: Store, now: datetime) -> list[tuple[str, str]]:
    """Services and usage types, by the words of the bill."""
    pair = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
    window = Window(now - LOOK_BACK, now)
    question = SpendQuestion(window, group=pair, quantities=True)
    rows = SpendReader(store).ask(question, now).value.rows
    without = [
        (row.key[0], row.key[1])
        for row in rows
        if row.total <= 0 and row.quantity > 0 and row.key[0] in SERVICE_CODES
    ]
    regions = sorted({split(row.key[1])[0] or HOME for row in rows if row.key[0] in SERVICE_CODES})
    compared = [
        (service, in_region(bare, region)) for region in regions for service, bare in COMPARED
    ]
    return list(dict.fromkeys((*without, *compared)))


def _is_meant(product: Mapping[str, Any]) -> bool:
    attributes = (product.get("product") or {}).get("attributes") or {}
    return all(attributes.get(name, "NA") in values for name, values in _MEANT.items())


def _on_demand(product: Mapping[str, Any]) -> Iterator[Content]:
    attributes = (product.get("product") or {}).get("attributes") or {}
    for term in ((product.get("terms") or {}).get("OnDemand") or {}).values():
        dimensions = list((term.get("priceDimensions") or {}).values())
        tiers = sorted((t for t in map(_tier, dimensions) if t is not None), key=_start)
        if tiers and Decimal(tiers[0][0]) == 0 and len(tiers) == len(dimensions):
            yield {
                "unit": str(dimensions[0].get("unit") or ""),
                "tiers": tiers,
                "what": str(attributes.get("groupDescription") or attributes.get("group") or ""),
            }


def _tier(dimension: Mapping[str, Any]) -> list[str] | None:
    """Where a tier begins and what a unit costs in it, both as text; None in other currencies."""
    usd = (dimension.get("pricePerUnit") or {}).get("USD")
    try:
        return [str(Decimal(str(dimension.get("beginRange") or 0))), str(Decimal(str(usd)))]
    except InvalidOperation:
        return None


def _start(tier: Sequence[str]) -> Decimal:
    return Decimal(tier[0])
