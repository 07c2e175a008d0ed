"""What the columns of a Cost and Usage Report mean; names as in CUR 2.0.

The amortized amount is the one of AWS's own queries: the effective cost where a
commitment covers usage, the unused part of a commitment on its fee, and nothing
for what was paid at once.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.model.spend import SpendSource
from collectors.bill_values import Meaning, is_empty, text, units

TYPE = "line_item_line_item_type"
CODE = "line_item_product_code"
PERIOD = ("line_item_usage_start_date", "line_item_usage_end_date")
QUANTITY = ("line_item_usage_amount",)
BILLED = "line_item_unblended_cost"
NET = "line_item_net_unblended_cost"
TEXTS: Mapping[str, tuple[str, ...]] = {
    "account": ("line_item_usage_account_id",),
    "usage_type": ("line_item_usage_type",),
    "region": ("product_region_code", "product_region"),
    "record_type": (TYPE,),
    "operation": ("line_item_operation",),
    "resource": ("line_item_resource_id",),
    "unit": ("pricing_unit",),
}
_AMOUNTS = (
    BILLED,
    NET,
    "reservation_effective_cost",
    "reservation_net_effective_cost",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "reservation_net_unused_recurring_fee",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
)
_ARN = "reservation_reservation_a_r_n"
NAME = "product_product_name"
INVOICE = "bill_invoice_id"
COLUMNS = frozenset(
    (
        *PERIOD,
        "bill_payer_account_id",
        "line_item_currency_code",
        CODE,
        NAME,
        INVOICE,
        _ARN,
        *QUANTITY,
        *_AMOUNTS,
        *(name for names in TEXTS.values() for name in names),
    )
)

_COMPUTE = "BoxUsage|SpotUsage|HeavyUsage|DedicatedUsage|HostUsage|UnusedBox|UnusedDed|Reservation"
_EC2 = "Amazon Elastic Compute Cloud"


def is_tag(name: str) -> bool:
    """Whether a column holds tags or cost categories."""
    return name.startswith(("resource_tags", "cost_category"))


def amounts(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The four amounts in units; net ones only where the report has them."""
    unblended = units(frame, BILLED)
    found = {"unblended": unblended, "amortized": _amortized(frame, unblended, "")}
    if NET not in frame.columns:
        none = pl.lit(None, pl.Int64)
        return found | {"net_unblended": none, "net_amortized": none}
    # Empty where no discount applies.
    net = pl.when(is_empty(frame, NET)).then(unblended).otherwise(units(frame, NET))
    return found | {"net_unblended": net, "net_amortized": _amortized(frame, net, "net_")}


def estimated(frame: pl.DataFrame) -> pl.Expr:
    """Until there is an invoice, amounts may change."""
    return is_empty(frame, INVOICE)


def service(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.Expr:
    """The service as Cost Explorer calls it; ``names`` are of codes that are not known here."""
    code = text(frame, [CODE])
    known = code.replace(SERVICES | dict(names))
    if NAME in frame.columns:
        told = text(frame, [NAME])
        known = pl.when(told != "").then(told).otherwise(known)
    split = (
        pl.when(text(frame, TEXTS["usage_type"]).str.contains(_COMPUTE))
        .then(pl.lit(f"{_EC2} - Compute"))
        .otherwise(pl.lit("EC2 - Other"))
    )
    return (
        pl.when(text(frame, [TYPE]) == "Tax")
        .then(pl.lit("Tax"))
        .when(known == _EC2)
        .then(split)
        .otherwise(known)
    )


def _amortized(frame: pl.DataFrame, paid: pl.Expr, net: str) -> pl.Expr:
    """What is paid, spread over what it is for."""
    kind = text(frame, [TYPE])
    unused = units(
        frame, f"reservation_{net}unused_amortized_upfront_fee_for_billing_period"
    ) + units(frame, f"reservation_{net}unused_recurring_fee")
    commitment = units(frame, "savings_plan_total_commitment_to_date") - units(
        frame, "savings_plan_used_commitment"
    )
    return (
        pl.when(kind == "SavingsPlanCoveredUsage")
        .then(units(frame, f"savings_plan_{net}savings_plan_effective_cost"))
        .when(kind == "SavingsPlanRecurringFee")
        .then(commitment)
        .when(kind.is_in(["SavingsPlanNegation", "SavingsPlanUpfrontFee"]))
        .then(0)
        .when(kind == "DiscountedUsage")
        .then(units(frame, f"reservation_{net}effective_cost"))
        .when(kind == "RIFee")
        .then(unused)
        .when((kind == "Fee") & (text(frame, [_ARN]) != ""))
        .then(0)
        .otherwise(paid)
    )


SERVICES: dict[str, str] = {
    "AmazonEC2": _EC2,
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonRDS": "Amazon Relational Database Service",
    "AWSLambda": "AWS Lambda",
    "AmazonDynamoDB": "Amazon DynamoDB",
    "AmazonCloudWatch": "AmazonCloudWatch",
    "AmazonVPC": "Amazon Virtual Private Cloud",
    "AWSELB": "Amazon Elastic Load Balancing",
    "AWSQueueService": "Amazon Simple Queue Service",
    "AmazonSNS": "Amazon Simple Notification Service",
    "AmazonSES": "Amazon Simple Email Service",
    "AmazonApiGateway": "Amazon API Gateway",
    "AmazonECS": "Amazon Elastic Container Service",
    "AmazonEKS": "Amazon Elastic Container Service for Kubernetes",
    "AmazonECR": "Amazon EC2 Container Registry (ECR)",
    "AmazonCloudFront": "Amazon CloudFront",
    "AmazonRoute53": "Amazon Route 53",
    "awskms": "AWS Key Management Service",
    "AWSSecretsManager": "AWS Secrets Manager",
    "AWSCloudTrail": "AWS CloudTrail",
    "AWSConfig": "AWS Config",
    "AmazonGuardDuty": "Amazon GuardDuty",
    "AWSXRay": "AWS X-Ray",
    "AWSEvents": "CloudWatch Events",
    "AmazonKinesis": "Amazon Kinesis",
    "AmazonKinesisFirehose": "Amazon Kinesis Firehose",
    "AmazonEFS": "Amazon Elastic File System",
    "AmazonElastiCache": "Amazon ElastiCache",
    "AmazonES": "Amazon OpenSearch Service",
    "AmazonRedshift": "Amazon Redshift",
    "AmazonAthena": "Amazon Athena",
    "AWSGlue": "AWS Glue",
    "AmazonStates": "AWS Step Functions",
    "CodeBuild": "CodeBuild",
    "AWSCodePipeline": "AWS CodePipeline",
    "AWSCostExplorer": "AWS Cost Explorer",
    "AmazonBedrock": "Amazon Bedrock",
    "AmazonSageMaker": "Amazon SageMaker",
    "AmazonCognito": "Amazon Cognito",
    "awswaf": "AWS WAF",
    "AWSBackup": "AWS Backup",
    "AmazonMSK": "Amazon Managed Streaming for Apache Kafka",
    "AmazonMQ": "Amazon MQ",
    "AWSSystemsManager": "AWS Systems Manager",
    "AWSDataTransfer": "AWS Data Transfer",
}
"""Codes of products and what Cost Explorer calls the service."""

CUR = Meaning(
    source=SpendSource.CUR,
    columns=COLUMNS,
    period=PERIOD,
    payer="bill_payer_account_id",
    currency="line_item_currency_code",
    quantity=QUANTITY,
    texts=TEXTS,
    is_tag=is_tag,
    amounts=amounts,
    invoice=INVOICE,
    estimated=estimated,
    service=service,
)
