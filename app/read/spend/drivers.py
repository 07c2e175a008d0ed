"""Which counters of CloudWatch drive which usage types of the bill.

The rate from one to the other is learnt from days that have both, so a counter needs only
to go with the usage type, not to equal it: the milliseconds of a function drive its
GB-seconds as long as its memory stays. ``factor`` turns the counter into the unit of the
bill for when there is no such day yet; None where it cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.model.sizes import BYTES_A_GB
from app.read.spend.metered import Driver

GB = 1.0 / BYTES_A_GB

INVOCATIONS = Driver("AWS/Lambda", ("Invocations",), (("FunctionName",),))
DURATION = Driver("AWS/Lambda", ("Duration",), (("FunctionName",),))
QUEUE_REQUESTS = Driver(
    "AWS/SQS",
    (
        "NumberOfMessagesSent",
        "NumberOfMessagesReceived",
        "NumberOfMessagesDeleted",
        "NumberOfEmptyReceives",
    ),
    (("QueueName",),),
)
MESSAGES = Driver("AWS/SQS", ("NumberOfMessagesSent",), (("QueueName",),))
PUBLISHED = Driver("AWS/SNS", ("NumberOfMessagesPublished",), (("TopicName",),))
REST = Driver("AWS/ApiGateway", ("Count",), (("ApiName", "Stage"), ("ApiName",)))
HTTP = Driver("AWS/ApiGateway", ("Count",), (("ApiId", "Stage"), ("ApiId",)))
WEBSOCKET = Driver("AWS/ApiGateway", ("MessageCount",), (("ApiId", "Stage"), ("ApiId",)))
READS = Driver("AWS/DynamoDB", ("ConsumedReadCapacityUnits",), (("TableName",),))
WRITES = Driver("AWS/DynamoDB", ("ConsumedWriteCapacityUnits",), (("TableName",),))
LCUS = Driver("AWS/ApplicationELB", ("ConsumedLCUs",), (("LoadBalancer",),))
BALANCED = Driver("AWS/ApplicationELB", ("RequestCount",), (("LoadBalancer",),))
NAT = Driver(
    "AWS/NATGateway", ("BytesOutToDestination", "BytesInFromDestination"), (("NatGatewayId",),)
)
LOGGED = Driver("AWS/Logs", ("IncomingBytes",), (("LogGroupName",),))


@dataclass(frozen=True, slots=True)
class Drive:
    """A counter, and the units of the bill that one of it is."""

    driver: Driver
    factor: float | None = 1.0


_LAMBDA = "AWS Lambda"
_SQS = "Amazon Simple Queue Service"
_API = "Amazon API Gateway"
_DYNAMODB = "Amazon DynamoDB"

DRIVES: Mapping[tuple[str, str], Drive] = {
    (_LAMBDA, "Request"): Drive(INVOCATIONS),
    (_LAMBDA, "Request-ARM"): Drive(INVOCATIONS),
    (_LAMBDA, "Lambda-GB-Second"): Drive(DURATION, None),
    (_LAMBDA, "Lambda-GB-Second-ARM"): Drive(DURATION, None),
    (_SQS, "Requests-Tier1"): Drive(QUEUE_REQUESTS),
    (_SQS, "Requests-RBP"): Drive(QUEUE_REQUESTS),
    (_SQS, "Requests-FIFO-Tier1"): Drive(QUEUE_REQUESTS, None),
    ("Amazon Simple Notification Service", "Requests-Tier1"): Drive(PUBLISHED),
    (_API, "ApiGatewayRequest"): Drive(REST),
    (_API, "ApiGatewayHttpRequest"): Drive(HTTP),
    (_API, "ApiGatewayMessage"): Drive(WEBSOCKET),
    (_DYNAMODB, "ReadRequestUnits"): Drive(READS),
    (_DYNAMODB, "WriteRequestUnits"): Drive(WRITES),
    ("Amazon Elastic Load Balancing", "LCUUsage"): Drive(LCUS, None),
    ("EC2 - Other", "NatGateway-Bytes"): Drive(NAT, GB),
    ("AmazonCloudWatch", "DataProcessing-Bytes"): Drive(LOGGED, GB),
}
"""By the words of the bill: service, and usage type without Region."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a service does for its money; ``many`` of ``what`` are one unit."""

    service: str
    what: str
    drivers: tuple[Driver, ...]
    many: int = 1000


UNITS: tuple[Unit, ...] = (
    Unit("lambda", "invocations", (INVOCATIONS,)),
    Unit("apigateway", "requests", (REST, HTTP, WEBSOCKET)),
    Unit("alb", "requests", (BALANCED,)),
    Unit("sqs", "messages", (MESSAGES,)),
    Unit("dynamodb", "request units", (READS, WRITES)),
)
"""By the service of the catalogue."""
