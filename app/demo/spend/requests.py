"""What people's requests cost: Lambda, API Gateway, queues, topics, events, tables, buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.demo.spend.charges import Charge
from app.demo.spend.days import MINUTES, Days
from app.demo.spend.lines import DYNAMODB, EVENTS, GATEWAY, LAMBDA, S3, SNS, SQS, line
from app.demo.world.noise import Floats
from app.demo.world.platform import Api, Bucket, Deployment, Function, Queue, Table
from app.model.sizes import BYTES_A_GB

_API_KEYS = {
    "REST": "ApiGatewayRequest",
    "HTTP": "ApiGatewayHttpRequest",
    "WEBSOCKET": "ApiGatewayMessage",
}
_ITEM_GB = 412 / BYTES_A_GB


def charges(deployment: Deployment) -> Iterator[Charge]:
    """All charges of a deployment that grow with its requests."""
    for function in deployment.functions:
        yield from _function(deployment, function)
    for api in deployment.apis:
        yield from _api(deployment, api)
    for queue in deployment.queues:
        yield _queue(deployment, queue)
    for table in deployment.tables:
        yield from _table(deployment, table)
    for bucket in deployment.buckets:
        yield from _bucket(deployment, bucket)
    if deployment.topics:
        yield line(
            deployment, SNS, "SNS:Requests-Tier1", "Requests", _per_minute(3.0), operation="Publish"
        )
    if deployment.rules:
        events = sum(_beats(rule.every_minutes) for rule in deployment.rules) + 40.0
        yield line(
            deployment,
            EVENTS,
            "Event-64K-Chunks",
            "64K-Chunks",
            _per_minute(events),
            operation="PutEvents",
            tagged=False,
        )


def invocations_a_minute(deployment: Deployment, function: Function) -> float:
    """At usual demand in production; what a schedule starts does not depend on demand."""
    kind, _, name = function.source.partition(":")
    if kind == "routes":
        routes = [r for api in deployment.apis for r in api.routes if r.function == function.name]
        return sum(route.rate for route in routes)
    if kind == "queue":
        return messages_a_minute(deployment, deployment.queue(name)) / function.batch
    if kind == "bucket":
        return deployment.buckets[0].uploads
    if kind == "stream":
        return _writes_a_minute(deployment, deployment.table(name)) / function.batch
    return _matched(deployment, name)


def messages_a_minute(deployment: Deployment, queue: Queue) -> float:
    return _matched(deployment, queue.rule) if queue.rule else queue.rate


def _matched(deployment: Deployment, name: str) -> float:
    rule = deployment.rule(name)
    if rule.every_minutes:
        return _beats(rule.every_minutes)
    routes = [r for api in deployment.apis for r in api.routes if r.function == rule.source]
    changing = [r for r in routes if r.method != "GET"] or routes
    return sum(route.rate for route in changing) * rule.share


def _beats(every_minutes: int) -> float:
    return 1.0 / every_minutes if every_minutes else 0.0


def _function(deployment: Deployment, function: Function) -> Iterator[Charge]:
    rate = invocations_a_minute(deployment, function)
    on_schedule = (
        function.source.startswith("rule:")
        and deployment.rule(function.source.removeprefix("rule:")).every_minutes
    )
    if on_schedule:
        tries = 12.0 if function.errors >= 1.0 else 1.0
        requests = _steady(rate * tries * MINUTES, function.name)
    else:
        requests = _per_minute(rate)
    # The mean of a skewed duration lies above its median.
    gb_seconds = function.milliseconds * 1.12 / 1000.0 * function.memory / 1024.0
    yield line(
        deployment,
        LAMBDA,
        "Lambda-GB-Second",
        "Lambda-GB-Second",
        lambda days: requests(days) * gb_seconds,
        operation="Invoke",
        resource=function.name,
    )
    yield line(
        deployment,
        LAMBDA,
        "Request",
        "Request",
        requests,
        operation="Invoke",
        resource=function.name,
    )


def _api(deployment: Deployment, api: Api) -> Iterator[Charge]:
    rate = sum(route.rate for route in api.routes)
    unit = "Messages" if api.protocol == "WEBSOCKET" else "Requests"
    yield line(
        deployment, GATEWAY, _API_KEYS[api.protocol], unit, _per_minute(rate),
        operation="ApiGatewayRequest", resource=api.name,
    )  # fmt: skip
    if api.protocol == "WEBSOCKET":
        yield line(
            deployment, GATEWAY, "ApiGatewayMinute", "Minutes", _per_minute(85.0),
            operation="ApiGatewayMinute", resource=api.name,
        )  # fmt: skip


def _queue(deployment: Deployment, queue: Queue) -> Charge:
    """Each message is sent, received and deleted; pollers ask an idle queue as well."""
    messages = 3.0 * messages_a_minute(deployment, queue)

    def quantity(days: Days) -> Floats:
        asked: Floats = messages * days.busy + 5.0 * 3.0 * MINUTES
        return asked

    return line(
        deployment, SQS, "Requests-RBP", "Requests", quantity,
        operation="Receive", resource=queue.name,
    )  # fmt: skip


def _writes_a_minute(deployment: Deployment, table: Table) -> float:
    rates = (
        per * invocations_a_minute(deployment, deployment.function(name))
        for name, per in table.writers
    )
    return sum(rates)


def _table(deployment: Deployment, table: Table) -> Iterator[Charge]:
    def told(key: str, unit: str, quantity: Callable[[Days], Floats], operation: str) -> Charge:
        return line(
            deployment, DYNAMODB, key, unit, quantity, operation=operation, resource=table.name
        )

    if table.provisioned is None:
        reads = sum(
            per * invocations_a_minute(deployment, deployment.function(name))
            for name, per in table.readers
        )
        writes = _writes_a_minute(deployment, table)
        yield told("ReadRequestUnits", "ReadRequestUnits", _per_minute(reads * 0.5), "GetItem")
        yield told("WriteRequestUnits", "WriteRequestUnits", _per_minute(writes), "PutItem")
    else:
        read, write = table.provisioned
        yield told(
            "ReadCapacityUnit-Hrs",
            "ReadCapacityUnit-Hrs",
            _level(24.0 * read),
            "CommittedThroughput",
        )
        yield told(
            "WriteCapacityUnit-Hrs",
            "WriteCapacityUnit-Hrs",
            _level(24.0 * write),
            "CommittedThroughput",
        )
    held = table.items * _ITEM_GB
    yield told(
        "DDB:TimedStorage-ByteHrs", "GB-Mo", lambda days: days.monthly(held), "StandardStorage"
    )


def _bucket(deployment: Deployment, bucket: Bucket) -> Iterator[Charge]:
    def held(days: Days) -> Floats:
        stored: Floats = (
            bucket.stored(days.numbers.astype(float), days.scale) / days.calendar.month_lengths
        )
        return stored

    for key, unit, quantity, operation in (
        ("S3:TimedStorage-ByteHrs", "GB-Mo", held, "StandardStorage"),
        ("S3:Requests-Tier1", "Requests", _per_minute(bucket.uploads * 2.0), "PutObject"),
        ("S3:Requests-Tier2", "Requests", _per_minute(bucket.uploads * 9.0), "GetObject"),
    ):
        yield line(
            deployment, S3, key, unit, quantity,
            operation=operation, resource="thumbnail" if bucket.uploads else "",
        )  # fmt: skip
        if not bucket.uploads:
            return


def _per_minute(rate: float) -> Callable[[Days], Floats]:
    return lambda days: rate * days.busy


def _steady(value: float, name: str) -> Callable[[Days], Floats]:
    return lambda days: days.wobbling(name, value, 0.001)


def _level(value: float) -> Callable[[Days], Floats]:
    return lambda days: days.level(value)
