"""Answers that moto does not give, or gives wrongly.

``instead`` answers whole operations that moto lacks; ``amended`` corrects
members of moto's answers from the world: what is running, waiting or healthy
at this moment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from app.demo.answer import Answer
from app.demo.call import Call
from app.demo.plane.creation import creation_time
from app.demo.world.containers import running, unhealthy
from app.demo.world.functions import ACCOUNT_LIMIT
from app.demo.world.noise import Floats
from app.demo.world.platform import Container, Deployment
from app.demo.world.queues import depth
from app.demo.world.sheet import Sheet
from app.demo.world.world import World

Json = dict[str, object]
_CODE_BYTES = 80_530_636_800
_ITEM_BYTES, _IMAGE_BYTES = 412, 231_400_000
_ARCHIVED_BYTES, _ARCHIVED_EVENTS = 40_803_000_000, 27_400_000
_MOTO_INITIATED, _INITIATED = b"2010-11-10T20:48:33.000Z", b"2026-02-17T03:12:09.000Z"
_HEALTHY = "<State>healthy</State>"
_UNHEALTHY = (
    "<State>unhealthy</State><Reason>Target.FailedHealthChecks</Reason>"
    "<Description>Health checks failed with these codes: [503]</Description>"
)


class Overlays:
    """Corrections of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._instead: dict[tuple[str, str], Callable[[Call], Json]] = {
            ("lambda", "GetAccountSettings"): self._account_settings,
            ("dynamodb", "DescribeLimits"): self._table_limits,
        }
        self._amend: dict[tuple[str, str], Callable[[Call, Json, datetime], None]] = {
            ("sqs", "GetQueueAttributes"): self._queue_attributes,
            ("lambda", "ListFunctions"): self._functions,
            ("lambda", "GetFunction"): self._function,
            ("lambda", "GetFunctionConfiguration"): self._configuration,
            ("dynamodb", "DescribeTable"): self._table,
            ("ecs", "DescribeServices"): self._services,
            ("ecr", "DescribeImages"): self._images,
            ("events", "ListArchives"): self._archives,
            ("codepipeline", "ListPipelines"): self._pipelines,
            ("ecs", "DescribeClusters"): self._clusters,
        }

    def instead(self, call: Call, _now: datetime) -> Answer | None:
        """Our whole answer, or None to ask moto."""
        answer = self._instead.get((call.api, call.operation))
        if answer is None or call.place not in self._world.deployments:
            return None
        body = json.dumps(answer(call)).encode()
        return Answer(200, "application/x-amz-json-1.0", body)

    def amended(self, call: Call, given: Answer, now: datetime) -> Answer:
        """moto's answer, corrected where the world knows better."""
        if given.status != 200 or call.place not in self._world.deployments:
            return given
        if (call.api, call.operation) == ("elbv2", "DescribeTargetHealth"):
            return replace(given, body=self._target_health(call, given.body, now))
        if (call.api, call.operation) == ("s3", "ListMultipartUploads"):
            return replace(given, body=given.body.replace(_MOTO_INITIATED, _INITIATED))
        amend = self._amend.get((call.api, call.operation))
        if amend is None:
            return given
        answer: Json = json.loads(given.body)
        amend(call, answer, now)
        return replace(given, body=json.dumps(answer).encode())

    def _deployment(self, call: Call) -> Deployment:
        return self._world.deployments[call.place]

    def _account_settings(self, call: Call) -> Json:
        functions = self._deployment(call).functions
        reserved = sum(f.reserved or 0 for f in functions)
        return {
            "AccountLimit": {
                "TotalCodeSize": _CODE_BYTES,
                "CodeSizeUnzipped": 262_144_000,
                "CodeSizeZipped": 52_428_800,
                "ConcurrentExecutions": ACCOUNT_LIMIT,
                "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - reserved,
            },
            "AccountUsage": {
                "TotalCodeSize": 3_400_000 * len(functions),
                "FunctionCount": len(functions),
            },
        }

    def _table_limits(self, _call: Call) -> Json:
        return {
            "AccountMaxReadCapacityUnits": 80_000,
            "AccountMaxWriteCapacityUnits": 80_000,
            "TableMaxReadCapacityUnits": 40_000,
            "TableMaxWriteCapacityUnits": 40_000,
        }

    def _functions(self, call: Call, answer: Json, now: datetime) -> None:
        for described in _dicts(answer.get("Functions")):
            self._configuration(call, described, now)

    def _function(self, call: Call, answer: Json, now: datetime) -> None:
        described = answer.get("Configuration")
        if isinstance(described, dict):
            self._configuration(call, described, now)

    def _configuration(self, call: Call, answer: Json, _now: datetime) -> None:
        """Where a function leaves the events it gave up; moto keeps no such thing."""
        name = answer.get("FunctionName")
        deployment = self._deployment(call)
        found = next((q for q in deployment.queues if name and q.failures_of == name), None)
        if found is not None:
            answer["DeadLetterConfig"] = {"TargetArn": deployment.arn("sqs", found.name)}

    def _queue_attributes(self, call: Call, answer: Json, now: datetime) -> None:
        name = str(json.loads(call.body).get("QueueUrl", "")).rpartition("/")[2]
        queue = next((q for q in self._deployment(call).queues if q.name == name), None)
        attributes = answer.get("Attributes")
        if queue is None or not isinstance(attributes, dict):
            return
        visible, in_flight = depth(self._sheet(call, now), queue)
        for key, values in (
            ("ApproximateNumberOfMessages", visible),
            ("ApproximateNumberOfMessagesNotVisible", in_flight),
        ):
            if key in attributes:
                attributes[key] = str(self._at(call, values, now))

    def _table(self, call: Call, answer: Json, _now: datetime) -> None:
        described = answer.get("Table")
        if not isinstance(described, dict):
            return
        items = {t.name: t.items for t in self._deployment(call).tables}
        number = items.get(str(described.get("TableName")))
        if number is not None:
            described |= {"ItemCount": number, "TableSizeBytes": number * _ITEM_BYTES}

    def _images(self, _call: Call, answer: Json, _now: datetime) -> None:
        for described in _dicts(answer.get("imageDetails")):
            described["imageSizeInBytes"] = _IMAGE_BYTES

    def _archives(self, _call: Call, answer: Json, _now: datetime) -> None:
        for described in _dicts(answer.get("Archives")):
            described |= {"SizeBytes": _ARCHIVED_BYTES, "EventCount": _ARCHIVED_EVENTS}

    def _pipelines(self, _call: Call, answer: Json, _now: datetime) -> None:
        for described in _dicts(answer.get("pipelines")):
            made = creation_time(str(described.get("name"))).timestamp()
            described |= {"pipelineType": "V1", "created": made}

    def _services(self, call: Call, answer: Json, now: datetime) -> None:
        for described in _dicts(answer.get("services")):
            container = self._container(call, str(described.get("serviceName")))
            if container is None:
                continue
            tasks = self._at(call, running(self._sheet(call, now), container), now)
            counts = {"runningCount": tasks, "pendingCount": container.desired - tasks}
            described |= counts
            for deployment in _dicts(described.get("deployments")):
                deployment |= counts | {"rolloutState": "COMPLETED"}
                deployment["rolloutStateReason"] = (
                    f"ECS deployment {deployment.get('id')} completed."
                )

    def _clusters(self, call: Call, answer: Json, now: datetime) -> None:
        for described in _dicts(answer.get("clusters")):
            members = [
                c
                for c in self._deployment(call).containers
                if c.cluster == described.get("clusterName")
            ]
            tasks = [self._at(call, running(self._sheet(call, now), c), now) for c in members]
            described |= {
                "runningTasksCount": sum(tasks),
                "pendingTasksCount": sum(c.desired for c in members) - sum(tasks),
                "activeServicesCount": len(members),
            }

    def _target_health(self, call: Call, body: bytes, now: datetime) -> bytes:
        """The last of the targets are the sick ones, and those whose tasks are gone."""
        arn = call.form.get("TargetGroupArn", "")
        found = [b for b in self._deployment(call).balancers if arn.endswith(b.group_suffix)]
        if not found:
            return body
        container, sheet = (
            self._deployment(call).container(found[0].service),
            self._sheet(call, now),
        )
        well = running(sheet, container) - unhealthy(sheet, container)
        left = iter(range(self._at(call, well, now)))
        text = re.sub(
            _HEALTHY, lambda _: _UNHEALTHY if next(left, None) is None else _HEALTHY, body.decode()
        )
        return text.encode()

    def _container(self, call: Call, name: str) -> Container | None:
        return next((c for c in self._deployment(call).containers if c.name == name), None)

    def _sheet(self, call: Call, now: datetime) -> Sheet:
        minute = int(now.timestamp()) // 60
        return self._world.sheet(call.place, minute, minute + 1)

    def _at(self, call: Call, values: Floats, now: datetime) -> int:
        return int(values[int(now.timestamp()) // 60 - self._sheet(call, now).start])


def _dicts(value: object) -> Iterator[Json]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
