"""S3: buckets that keep everything for ever, or all of it in the dearest class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped, unread
from alerts.findings.facts import NO_COST, Cost, Facts
from app.model.ids import Resource
from app.model.sizes import billed_gb

_S3 = "Amazon Simple Storage Service"
_STANDARD = "StandardStorage"
_USAGE = {
    _STANDARD: "TimedStorage-ByteHrs",
    "StandardIAStorage": "TimedStorage-SIA-ByteHrs",
    "OneZoneIAStorage": "TimedStorage-ZIA-ByteHrs",
    "GlacierInstantRetrievalStorage": "TimedStorage-GIR-ByteHrs",
    "GlacierStorage": "TimedStorage-GlacierByteHrs",
    "DeepArchiveStorage": "TimedStorage-GDA-ByteHrs",
    "IntelligentTieringFAStorage": "TimedStorage-INT-FA-ByteHrs",
    "IntelligentTieringIAStorage": "TimedStorage-INT-IA-ByteHrs",
    "IntelligentTieringAIAStorage": "TimedStorage-INT-AIA-ByteHrs",
}
"""CloudWatch's StorageType, and what the bill calls it."""

_LIFE_CYCLE, _VERSIONS = "s3:GetLifecycleConfiguration", "s3:GetBucketVersioning"
_UPLOADS = "s3:ListBucketMultipartUploads"
_LARGE, _SMALL = 1024, 1
_A_DAY = 100
_STALE = timedelta(days=7)
_MONTH_DAYS = 30


def _no_life_cycle(facts: Facts) -> Iterator[Outcome]:
    """Without a rule S3 keeps, and bills, every object for ever."""
    buckets = facts.listed("s3", "bucket")
    for bucket, stored, told in zip(buckets, *_stored(facts, buckets), strict=True):
        if (blind := unread(bucket, _LIFE_CYCLE)) is not None:
            yield blind
        elif _rules(bucket) or (stored and sum(stored.values()) < _SMALL):
            yield fine(bucket)
        else:
            words = f"; {sum(stored.values()):,.1f} GB are stored" if stored else ""
            evidence: dict[str, Any] = {"life-cycle rules": 0, **_sizes(stored, told)}
            if stored:
                evidence["the amount is for"] = "all that is stored; a rule saves a part of it"
            else:
                evidence[NO_AMOUNT] = "CloudWatch has told no size of it in 7 days"
            yield found(
                bucket, f"no rule ever removes or moves an object{words}", evidence,
                _cost(facts, stored),
            )  # fmt: skip


def _all_standard(facts: Facts) -> Iterator[Outcome]:
    """More than a terabyte, and all of it in the dearest class."""
    buckets = facts.listed("s3", "bucket")
    for bucket, stored, told in zip(buckets, *_stored(facts, buckets), strict=True):
        standard = stored.get(_STANDARD, Decimal(0))
        if not stored:
            yield skipped(bucket, "CloudWatch has told no size of it in 7 days")
        elif standard <= _LARGE or sum(stored.values()) - standard > standard / 100:
            yield fine(bucket)
        else:
            now = facts.cost(_USAGE[_STANDARD], standard, "GB-month in Standard", _S3)
            then = facts.cost(_USAGE["StandardIAStorage"], standard, "GB-month in Standard-IA", _S3)
            saved = None if now.usd is None or then.usd is None else now.usd - then.usd
            why = "at most, all of it in Standard-IA and none of it read"
            evidence = {**_sizes(stored, told), "the amount is for": why}
            yield found(
                bucket, f"{standard:,.0f} GB are stored, all of it in the standard class",
                evidence, Cost(saved, (*now.prices, *then.prices)),
            )  # fmt: skip


def _downloads(facts: Facts) -> Iterator[Outcome]:
    """What leaves S3 for the internet is billed by the GB."""
    buckets = facts.listed("s3", "bucket")
    read = facts.use(buckets, "BytesDownloaded")
    asked = facts.use(buckets, "AllRequests")
    for row, bucket in enumerate(buckets):
        a_day = billed_gb(read.total(row)) / 7
        if not asked.known(row):
            yield skipped(bucket, "it has no request metrics")
        elif a_day <= _A_DAY:
            yield fine(bucket)
        else:
            evidence = {
                "GB a day": round(float(a_day), 1),
                "the amount is for": "all of it to the internet; within the Region it is free",
            }
            cost = facts.cost("DataTransfer-Out-Bytes", a_day * _MONTH_DAYS, "GB to the internet")
            yield found(bucket, f"{a_day:,.0f} GB a day were read from it", evidence, cost)


def _unfinished(facts: Facts) -> Iterator[Outcome]:
    """Parts of an upload that never ended are stored and billed, and no listing shows them."""
    for bucket in facts.listed("s3", "bucket"):
        told = bucket.configuration.get("UnfinishedSince") or ()
        old = sorted(at for at in told if facts.now - datetime.fromisoformat(at) > _STALE)
        blind = unread(bucket, _UPLOADS) or (unread(bucket, _LIFE_CYCLE) if old else None)
        if blind is not None:
            yield blind
        elif not old or any("AbortIncompleteMultipartUpload" in rule for rule in _rules(bucket)):
            yield fine(bucket)
        else:
            evidence = {
                "uploads": bucket.configuration.get("UnfinishedUploads"),
                "begun": f"{old[0][:10]} to {old[-1][:10]}",
                "looked at": f"the first {len(told)}",
                NO_AMOUNT: "S3 tells their size only upload by upload",
            }
            words = "an upload" if len(old) == 1 else f"{len(old)} uploads"
            yield found(
                bucket, f"{words} begun over 7 days ago never ended (the oldest on {old[0][:10]}), "
                "and no rule removes the parts", evidence,
            )  # fmt: skip


def _old_versions(facts: Facts) -> Iterator[Outcome]:
    """Each version of an object is billed like an object."""
    for bucket in facts.listed("s3", "bucket"):
        versions = bucket.configuration.get("Versioning")
        blind = unread(bucket, _VERSIONS) or (unread(bucket, _LIFE_CYCLE) if versions else None)
        if blind is not None:
            yield blind
        elif not versions or any("NoncurrentVersionExpiration" in rule for rule in _rules(bucket)):
            yield fine(bucket)
        else:
            evidence = {
                "versioning": versions,
                NO_AMOUNT: "CloudWatch tells the size of a bucket with all versions together",
            }
            yield found(bucket, "keeps every old version of every object for ever", evidence)


def _stored(
    facts: Facts, buckets: Sequence[Resource]
) -> tuple[list[dict[str, Decimal]], list[str]]:
    """What each bucket holds, in GB by class, and of which day; empty where nothing was told."""
    parts = facts.parted(buckets, "BucketSizeBytes", "StorageType", "Average")
    newest = [{kind: use.newest(0) for kind, use in each.items()} for each in parts]
    sizes = [{k: billed_gb(v) for k, v in each.items() if not isnan(v)} for each in newest]
    return sizes, [max((use.told(0) for use in each.values()), default="") for each in parts]


def _sizes(stored: Mapping[str, Decimal], told: str) -> dict[str, Any]:
    sizes = {f"{kind} (GB)": round(float(size), 2) for kind, size in sorted(stored.items())}
    return {**sizes, "size of": told} if sizes else {}


def _cost(facts: Facts, stored: Mapping[str, Decimal]) -> Cost:
    costs = [
        facts.cost(_USAGE[kind], size, f"GB-month in {kind.removesuffix('Storage')}", _S3)
        for kind, size in sorted(stored.items())
        if kind in _USAGE
    ]
    return sum(costs, NO_COST)


def _rules(bucket: Resource) -> list[Mapping[str, Any]]:
    """The rules of its life cycle that are switched on."""
    rules = bucket.configuration.get("LifecycleRules") or ()
    return [rule for rule in rules if rule.get("Status") == "Enabled"]


def _check(id_: str, title: str, severity: str, advice: str, look: Any) -> Rule:
    return Rule(cost_check(id_, title, severity, advice, "s3"), look)


RULES = (
    _check(
        "S3-03",
        "Bucket without a life cycle",
        "low",
        "Write a rule that moves what is seldom read and removes what nobody needs.",
        _no_life_cycle,
    ),
    _check(
        "S3-06",
        "Large bucket, all in the standard class",
        "info",
        "Let a life-cycle rule move what is seldom read, or use Intelligent-Tiering.",
        _all_standard,
    ),
    _check(
        "S3-10",
        "Much is downloaded from a bucket",
        "low",
        "Put CloudFront in front: it caches, and the way from S3 to it is free.",
        _downloads,
    ),
    _check(
        "S3-13",
        "Uploads that never ended",
        "info",
        "Add a life-cycle rule with AbortIncompleteMultipartUpload after 7 days.",
        _unfinished,
    ),
    _check(
        "S3-16",
        "Old versions are kept for ever",
        "low",
        "Add a life-cycle rule with NoncurrentVersionExpiration.",
        _old_versions,
    ),
)
