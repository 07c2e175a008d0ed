"""The IAM action that an operation needs, and which Region answers for an API.

Most actions are ``client:Operation``; the tables here hold the exceptions, from
AWS's "Service Authorization Reference".
"""

from __future__ import annotations

PREFIXES = {
    "apigatewayv2": "apigateway",
    "application-autoscaling": "application-autoscaling",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}
"""botocore's client name to IAM's service prefix, where they differ."""

ACTIONS = {
    ("budgets", "DescribeBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "ListBucketMetricsConfigurations"): "s3:GetMetricsConfiguration",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListMultipartUploads"): "s3:ListBucketMultipartUploads",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("sns", "PublishBatch"): "sns:Publish",
}
"""Operations whose action has another name than the operation."""

GLOBAL_APIS = frozenset(
    {
        "account",
        "billingconductor",
        "budgets",
        "ce",
        "cloudfront",
        "cost-optimization-hub",
        "cur",
        "freetier",
        "health",
        "iam",
        "organizations",
        "pricing",
        "route53",
        "savingsplans",
        "shield",
        "support",
        "trustedadvisor",
    }
)
"""APIs that only the home Region of a partition answers."""

_HOMES = {"cn-": "cn-northwest-1", "us-gov-": "us-gov-west-1", "us-iso-": "us-iso-east-1"}


def iam_action(api: str, operation: str) -> str:
    """The action a policy must allow for ``operation``, as in ``cloudwatch:GetMetricData``."""
    if api in ("apigateway", "apigatewayv2"):
        return "apigateway:GET"
    return ACTIONS.get((api, operation)) or f"{PREFIXES.get(api, api)}:{operation}"


def home_region(region: str) -> str:
    """The Region that answers for global services in the partition of ``region``."""
    for prefix, home in _HOMES.items():
        if region.startswith(prefix):
            return home
    return "us-east-1"


def partition(region: str) -> str:
    """The first part of every ARN in ``region``: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    for prefix, name in {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso"}.items():
        if region.startswith(prefix):
            return name
    return "aws"


def answering_region(api: str, region: str) -> str:
    """The Region to ask: ``region`` itself, or the partition's home for a global API."""
    return home_region(region) if api in GLOBAL_APIS else region
