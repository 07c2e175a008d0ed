"""Which log groups stand in a place: what AWS says of each, and where its lines come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from app.demo.logs.audit import trail_lines
from app.demo.logs.containers import container_lines
from app.demo.logs.databases import database_lines
from app.demo.logs.functions import function_lines
from app.demo.logs.gateway import access_lines, execution_lines
from app.demo.logs.network import DOMAIN, dns_lines, flow_lines
from app.demo.world.blog import AMERICA, EUROPE
from app.demo.world.platform import Deployment
from app.demo.world.sheet import Sheet

Write = Callable[[Sheet], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after its time a line usually arrives, in milliseconds."""

    least: int = 350
    most: int = 3_000


SERVICE, VENDED, TRAIL = Delay(), Delay(70_000, 330_000), Delay(100_000, 280_000)


@dataclass(frozen=True, slots=True)
class Group:
    """One log group; ``write`` gives the lines of a sheet of an hour, None writes nothing.

    ``metric_filters`` have the members of PutMetricFilter, ``subscriptions`` those of
    PutSubscriptionFilter.
    """

    name: str
    write: Write | None = None
    retention: int | None = None
    kind: str = "STANDARD"
    delay: Delay = SERVICE
    tags: Mapping[str, str] = field(default_factory=dict)
    metric_filters: tuple[Mapping[str, object], ...] = ()
    subscriptions: tuple[Mapping[str, object], ...] = ()


def groups_of(deployment: Deployment) -> Mapping[str, Group]:
    """Every group of a place by name."""
    found = {group.name: group for group in _all(deployment)}
    return dict(sorted(found.items()))


def _all(deployment: Deployment) -> Iterator[Group]:
    tags = deployment.tags
    for function in deployment.functions:
        yield Group(
            f"/aws/lambda/{function.name}",
            partial(function_lines, function=function),
            # Nobody ever set the retention of those that Lambda made by itself.
            retention=14 if function.alias else None,
            tags={**tags, "service": function.name},
            metric_filters=_on_function(function.name),
        )
    yield from _of_apis(deployment)
    for container in deployment.containers:
        yield Group(
            f"/ecs/{container.cluster}/{container.name}",
            partial(container_lines, container=container),
            30,
            tags={**tags, "service": container.name},
        )
    for database in deployment.databases:
        name = f"/aws/rds/instance/{database.name}/postgresql"
        yield Group(name, partial(database_lines, database=database), 7, tags=tags)
    yield Group(
        "/aws/vpc/flow-logs",
        flow_lines,
        7,
        delay=VENDED,
        tags=tags,
        subscriptions=(_to_firehose(deployment),),
    )
    if deployment.place.region == EUROPE:
        yield Group(
            "aws-cloudtrail-logs",
            trail_lines,
            delay=TRAIL,
            tags=tags,
            metric_filters=(_filter("refused-calls", _REFUSED, "Security", "RefusedCalls"),),
        )
        yield Group("/aws/codebuild/blog-build", retention=30, kind="INFREQUENT_ACCESS", tags=tags)
    if deployment.place.region == AMERICA:
        yield Group(f"/aws/route53/{DOMAIN}", dns_lines, 30, delay=VENDED, tags=tags)


def _of_apis(deployment: Deployment) -> Iterator[Group]:
    for api in deployment.apis:
        yield Group(
            f"/aws/apigateway/{api.name}/access",
            partial(access_lines, api=api),
            14,
            tags=deployment.tags,
            metric_filters=_on_access(api.name),
        )
        if api.protocol == "REST":
            name = f"API-Gateway-Execution-Logs_{api.id}/{api.stage}"
            yield Group(name, partial(execution_lines, api=api), tags=deployment.tags)


_REFUSED = '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
_REPORT = '[kind=REPORT, label, id, name, lasts, unit="ms", ...]'


def _filter(
    name: str, pattern: str, namespace: str, metric: str, **more: object
) -> dict[str, object]:
    transformation = {
        "metricName": metric,
        "metricNamespace": f"Blog/{namespace}",
        "metricValue": "1",
        **more,
    }
    return {
        "filterName": name,
        "filterPattern": pattern,
        "metricTransformations": [transformation],
    }


def _on_function(name: str) -> tuple[Mapping[str, object], ...]:
    if name == "posts-api":
        return (
            _filter("posts-errors", "?ERROR ?Traceback", "Logs", "PostErrors", defaultValue=0.0),
        )
    if name == "legacy-import":
        return (
            _filter("import-time", _REPORT, "Logs", "ImportTime", metricValue="$lasts",
                    unit="Milliseconds"),
        )  # fmt: skip
    return ()


def _on_access(name: str) -> tuple[Mapping[str, object], ...]:
    if name != "blog-api":
        return ()
    by_path = {"Path": "$.resourcePath"}
    return (
        _filter(
            "broken-answers", "{ $.status >= 500 }", "Logs", "BrokenAnswers", dimensions=by_path
        ),
    )


def _to_firehose(deployment: Deployment) -> Mapping[str, object]:
    return {
        "filterName": "archive",
        "filterPattern": "",
        "destinationArn": deployment.arn("firehose", "deliverystream/flow-archive"),
        "roleArn": f"arn:aws:iam::{deployment.account.id}:role/logs-to-firehose",
        "distribution": "ByLogStream",
    }
