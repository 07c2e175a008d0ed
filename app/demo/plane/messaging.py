"""Queues, topics and rules in moto."""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from app.demo.plane.creation import creation_time, tag_list
from app.demo.world.platform import Deployment, Queue, Rule

_RETENTION_S, _DEAD_LETTER_RETENTION_S = 345_600, 1_209_600


def build_queues(deployment: Deployment) -> None:
    """Every queue, dead-letter queues first, with redrive policies on both sides."""
    backend: Any = sqs_backends[deployment.place.account][deployment.place.region]
    for queue in sorted(deployment.queues, key=lambda q: bool(q.dead_letter)):
        made = backend.create_queue(
            queue.name, dict(deployment.tags), **_attributes(deployment, queue)
        )
        made.created_timestamp = made.last_modified_timestamp = creation_time(
            queue.name
        ).timestamp()


def _attributes(deployment: Deployment, queue: Queue) -> dict[str, str]:
    is_dead = queue.dead_letters_of or queue.failures_of
    kept = _DEAD_LETTER_RETENTION_S if is_dead else _RETENTION_S
    attributes = {
        "VisibilityTimeout": str(queue.visibility),
        "MessageRetentionPeriod": str(kept),
        "ReceiveMessageWaitTimeSeconds": "20",
        "SqsManagedSseEnabled": "true",
    }
    if queue.dead_letter:
        policy = {
            "deadLetterTargetArn": deployment.arn("sqs", queue.dead_letter),
            "maxReceiveCount": queue.max_receive,
        }
        attributes["RedrivePolicy"] = json.dumps(policy)
    if queue.dead_letters_of:
        allowed = [deployment.arn("sqs", queue.dead_letters_of)]
        policy = {"redrivePermission": "byQueue", "sourceQueueArns": allowed}
        attributes["RedriveAllowPolicy"] = json.dumps(policy)
    return attributes


def build_topics(deployment: Deployment) -> None:
    """Every topic; the one for alarms is where a dashboard may publish."""
    backend: Any = sns_backends[deployment.place.account][deployment.place.region]
    for topic in deployment.topics:
        backend.create_topic(topic, tags=tag_list(deployment.tags))


def build_rules(deployment: Deployment) -> None:
    """Every bus and rule, with what it targets."""
    backend: Any = events_backends[deployment.place.account][deployment.place.region]
    for bus in dict.fromkeys(rule.bus for rule in deployment.rules):
        if bus != "default":
            backend.create_event_bus(bus, tags=tag_list(deployment.tags))
    for rule in deployment.rules:
        made = backend.put_rule(
            rule.name,
            event_bus_arn=rule.bus,
            event_pattern=None if rule.every_minutes else _pattern(rule),
            scheduled_expression=_schedule(rule),
            state="ENABLED",
            tags=tag_list(deployment.tags),
        )
        made.put_targets(_targets(deployment, rule))


def _pattern(rule: Rule) -> str:
    return json.dumps({"source": [f"blog.{rule.source}"], "detail-type": [rule.name]})


def _schedule(rule: Rule) -> str | None:
    if not rule.every_minutes:
        return None
    if rule.every_minutes == 1:
        return "rate(1 minute)"
    return f"rate({rule.every_minutes} minutes)"


def _targets(deployment: Deployment, rule: Rule) -> list[dict[str, str]]:
    functions = [f.name for f in deployment.functions if f.source == f"rule:{rule.name}"]
    queues = [q.name for q in deployment.queues if q.rule == rule.name]
    return [
        {"Id": f"function-{name}", "Arn": deployment.arn("lambda", f"function:{name}")}
        for name in functions
    ] + [{"Id": f"queue-{name}", "Arn": deployment.arn("sqs", name)} for name in queues]
