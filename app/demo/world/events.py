"""Metrics of the small services between the others: EventBridge, SNS and S3."""

from __future__ import annotations

import numpy as np

from app.demo.world.flows import matched, uploads
from app.demo.world.naming import Published, prefixed
from app.demo.world.platform import Bucket, Rule
from app.demo.world.samples import Samples, each_one, gauge, skewed, zero_or_one
from app.demo.world.sheet import Sheet
from app.model.sizes import BYTES_A_GB

EVENTS, SNS, S3 = "AWS/Events", "AWS/SNS", "AWS/S3"
FILTER = "EntireBucket"
_DAY = 1440


def rule_metrics(sheet: Sheet, rule: Rule) -> Published:
    """Everything one rule publishes, absent while nothing matches."""
    m, events = sheet.minutes, matched(sheet, rule)
    wobble = sheet.normal(f"{rule.name}/latency")
    measured = {
        "MatchedEvents": each_one(m, events),
        "TriggeredRules": each_one(m, events),
        "Invocations": each_one(m, events),
        "IngestionToInvocationStartLatency": skewed(m, events, sheet.level(48.0), 0.5, wobble),
    }
    under = {"RuleName": rule.name}
    if rule.bus != "default":
        under["EventBusName"] = rule.bus
    return prefixed(EVENTS, under, measured)


def topic_metrics(sheet: Sheet, topic: str) -> Published:
    """Everything one topic publishes."""
    m = sheet.minutes
    sent = sheet.count(f"{topic}/published", 4.0 * sheet.demand)
    measured = {
        "NumberOfMessagesPublished": each_one(m, sent),
        "NumberOfNotificationsDelivered": each_one(m, sent),
        "PublishSize": skewed(m, sent, sheet.level(640.0), 0.4, sheet.normal(topic)),
    }
    return prefixed(SNS, {"TopicName": topic}, measured)


def bucket_metrics(sheet: Sheet, bucket: Bucket) -> Published:
    """Storage once a day, requests each minute (the bucket has a metrics filter)."""
    m, put = sheet.minutes, uploads(sheet, bucket.uploads)
    got = sheet.count(f"{bucket.name}/gets", bucket.uploads * 9.0 * sheet.demand)
    everything, wobble = put + got, sheet.normal(f"{bucket.name}/time")
    refused = sheet.thin(f"{bucket.name}/refused", everything, 0.002)
    measured: dict[str, Samples] = {
        "AllRequests": each_one(m, everything),
        "GetRequests": each_one(m, got),
        "PutRequests": each_one(m, put),
        "4xxErrors": zero_or_one(m, everything, refused),
        "5xxErrors": zero_or_one(m, everything, sheet.level(0.0)),
        "FirstByteLatency": skewed(m, everything, sheet.level(24.0), 0.5, wobble),
        "BytesDownloaded": skewed(m, got, sheet.level(210_000.0), 0.9, wobble),
        "BytesUploaded": skewed(m, put, sheet.level(1_400_000.0), 0.7, wobble),
    }
    filtered = {"BucketName": bucket.name, "FilterId": FILTER}
    requests = prefixed(S3, filtered, measured) if bucket.uploads else {}
    midnight = m % _DAY == 0
    size = np.floor(bucket.stored(m / _DAY, sheet.deployment.scale) * BYTES_A_GB)
    daily = {
        "BucketSizeBytes": ("StandardStorage", size),
        "NumberOfObjects": ("AllStorageTypes", np.floor(size / 1.35e6)),
    }
    for name, (kind, value) in daily.items():
        under = {"BucketName": bucket.name, "StorageType": kind}
        requests |= prefixed(S3, under, {name: gauge(m, value, midnight)})
    return requests
