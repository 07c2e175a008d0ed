"""Short ways to write the charges of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.demo.spend.charges import Charge, Quantity
from app.demo.spend.tariff import price, usage_type
from app.demo.world.platform import Deployment

LAMBDA = "AWS Lambda"
GATEWAY = "Amazon API Gateway"
SQS, SNS = "Amazon Simple Queue Service", "Amazon Simple Notification Service"
EVENTS = "CloudWatch Events"
DYNAMODB, S3 = "Amazon DynamoDB", "Amazon Simple Storage Service"
RDS = "Amazon Relational Database Service"
EC2, EC2_OTHER = "Amazon Elastic Compute Cloud - Compute", "EC2 - Other"
VPC = "Amazon Virtual Private Cloud"
ELB = "Amazon Elastic Load Balancing"
ECS = "Amazon Elastic Container Service"
CLOUDWATCH, XRAY = "AmazonCloudWatch", "AWS X-Ray"

COMPONENTS: Mapping[str, str] = {
    "posts-api": "api",
    "comments-api": "api",
    "feed-api": "api",
    "blog-api": "api",
    "blog-web": "web",
    "blog-chat": "chat",
    "chat-handler": "chat",
    "search-api": "search",
    "thumbnail": "images",
    "image-resizer": "images",
    "render-audio": "audio",
    "audio-jobs": "audio",
    "moderate-comments": "comments",
    "notify-subscribers": "comments",
    "notifications": "comments",
    "comments": "comments",
    "posts": "api",
    "clicks": "analytics",
    "redirect": "analytics",
    "count-clicks": "analytics",
    "analytics-1": "analytics",
    "search-1": "search",
    "search-2": "search",
    "legacy-import": "imports",
}
"""The value of the tag ``component`` by resource; what is not here has no such tag."""


def line(
    deployment: Deployment,
    service: str,
    key: str,
    unit: str,
    quantity: Quantity,
    *,
    operation: str = "",
    resource: str = "",
    tagged: bool = True,
    **more: Any,
) -> Charge:
    """A charge in the place of a deployment, at list price, with the tags of its resource."""
    region = deployment.place.region
    tags = {"environment": deployment.account.environment} if tagged else {}
    if tagged and resource in COMPONENTS:
        tags["component"] = COMPONENTS[resource]
    return Charge(
        deployment.place,
        service,
        usage_type(key, region),
        operation,
        unit,
        price(key, region),
        quantity,
        tags=tags,
        resource=resource,
        **more,
    )
