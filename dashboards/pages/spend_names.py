"""How values of the bill's dimensions are called: services in short, accounts by their names."""

from __future__ import annotations

from app.model.spend import CostCategory, Dimension, SpendDimension, Tag
from app.read import Reads

_SHORT = {
    "Amazon Elastic Compute Cloud - Compute": "EC2 instances",
    "EC2 - Other": "EC2 other",
    "Amazon Simple Storage Service": "S3",
    "Amazon Simple Queue Service": "SQS",
    "Amazon Simple Notification Service": "SNS",
    "Amazon Relational Database Service": "RDS",
    "Amazon Virtual Private Cloud": "VPC",
    "Amazon Elastic Load Balancing": "Elastic Load Balancing",
    "Amazon Elastic Container Service": "ECS",
    "Amazon EC2 Container Registry (ECR)": "ECR",
    "AWS Key Management Service": "KMS",
    "AmazonCloudWatch": "CloudWatch",
    "Savings Plans for AWS Compute usage": "Compute Savings Plans",
    "Savings Plans for AWS Machine Learning": "Machine Learning Savings Plans",
    "Savings Plans for AWS Database usage": "Database Savings Plans",
}
"""Names that people never say in full; of any other the maker's name is left out."""


def short(service: str) -> str:
    """A service of the bill as people call it; the full name belongs on hover."""
    if service in _SHORT:
        return _SHORT[service]
    for maker in ("Amazon ", "AWS "):
        service = service.removeprefix(maker)
    return service


_UNITS = {
    "Lambda-GB-Second": "GB-seconds",
    "GB-Second": "GB-seconds",
    "GB-Mo": "GB-months",
    "Request": "requests",
    "Requests": "requests",
    "Alarms": "alarms",
    "Metrics": "metrics",
    "Traces": "traces",
    "Minutes": "minutes",
    "Hrs": "hours",
    "Count": "",
}


def unit_words(unit: str) -> str:
    """A unit of the bill as people write it; one that is not known stays as it is."""
    return _UNITS.get(unit, unit)


def value_words(dimension: Dimension, value: str, reads: Reads) -> str:
    """A value of a dimension in words; AWS's empty one is named too."""
    if isinstance(dimension, Tag):
        return value or "(untagged)"
    if isinstance(dimension, CostCategory):
        return value or "(uncategorised)"
    if not value:
        return f"(no {dimension.value.lower().replace('_', ' ')})"
    if dimension is SpendDimension.SERVICE:
        return short(value)
    if dimension is SpendDimension.LINKED_ACCOUNT:
        return dict(reads.accounts).get(value, value)
    return value
