"""What each function calls while it works, as shares of its time: one entry for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.demo.world.platform import Deployment


@dataclass(frozen=True, slots=True)
class Step:
    """A call of a function. ``aws`` holds members of the subsegment; ``changing`` steps are
    taken by requests that change something, ``breaks`` is the one that an error comes from."""

    name: str
    share: float
    namespace: str = "aws"
    aws: Mapping[str, str] = field(default_factory=dict)
    changing: bool = False
    breaks: bool = False


def _table(
    operation: str, table: str, share: float, *, changing: bool = False, breaks: bool = False
) -> Step:
    aws = {"operation": operation, "table_name": table}
    return Step("DynamoDB", share, aws=aws, changing=changing, breaks=breaks)


def _publish(share: float) -> Step:
    return Step("Events", share, aws={"operation": "PutEvents"}, changing=True)


def _local(name: str, share: float) -> Step:
    return Step(name, share, namespace="")


def _bucket(operation: str, share: float) -> Step:
    return Step("S3", share, aws={"operation": operation, "bucket_name": "<uploads>"})


PREVIEWS = "previews.blog.example.org"
"""A service of another Region, which is traced as well."""

STEPS: Mapping[str, tuple[Step, ...]] = {
    "posts-api": (
        _table("GetItem", "sessions", 0.12),
        _table("Query", "posts", 0.38),
        _table("PutItem", "posts", 0.2, changing=True),
        _local("render", 0.05),
        _publish(0.1),
        Step(PREVIEWS, 0.05, namespace="remote", changing=True),
    ),
    "comments-api": (
        _table("GetItem", "sessions", 0.14),
        _table("Query", "comments", 0.45, breaks=True),
        _table("PutItem", "comments", 0.18, changing=True),
        _publish(0.1),
    ),
    "search-api": (
        _local("parse", 0.04),
        Step("search-1.blog.internal:9200", 0.7, namespace="remote", breaks=True),
        _local("rank", 0.14),
    ),
    "feed-api": (_table("BatchGetItem", "posts", 0.5), _local("render feed", 0.3)),
    "chat-handler": (
        _table("Query", "ws-connections", 0.4),
        Step(
            "ApiGatewayManagementApi",
            0.35,
            aws={"operation": "PostToConnection"},
            breaks=True,
        ),
    ),
    "publish-events": (Step("SNS", 0.55, aws={"operation": "Publish", "topic_arn": "<topic>"}),),
    "moderate-comments": (
        _table("GetItem", "comments", 0.22, breaks=True),
        Step("Comprehend", 0.6, aws={"operation": "DetectSentiment"}),
    ),
    "notify-subscribers": (
        _local("compose", 0.1),
        Step("email-smtp.eu-central-1.amazonaws.com", 0.75, namespace="remote", breaks=True),
    ),
    "render-audio": (
        Step("Polly", 0.72, aws={"operation": "SynthesizeSpeech"}),
        _bucket("PutObject", 0.16),
    ),
    "feed-stream": (_table("UpdateItem", "posts", 0.6),),
    "thumbnail": (
        _bucket("GetObject", 0.2),
        _local("decode", 0.25),
        _local("scale", 0.25),
        _bucket("PutObject", 0.18),
    ),
    "warm-cache": (_table("Scan", "posts", 0.8),),
    "image-resizer": (_local("resize", 0.8),),
    "redirect": (_table("GetItem", "clicks", 0.5), _publish(0.2)),
    "count-clicks": (_table("BatchWriteItem", "clicks", 0.7, breaks=True),),
}

UNTRACED = ("nightly-report", "legacy-import")
"""Functions without tracing, of which nothing is seen."""


def filled_in(step: Step, deployment: Deployment) -> dict[str, object]:
    """The member ``aws`` of a call, with what depends on the place."""
    if step.namespace != "aws":
        return {}
    given: dict[str, object] = dict(step.aws)
    if given.get("bucket_name") == "<uploads>":
        given["bucket_name"] = deployment.buckets[0].name if deployment.buckets else "uploads"
    if given.get("topic_arn") == "<topic>":
        given["topic_arn"] = deployment.arn("sns", "blog-news")
    resource = given.get("table_name") or given.get("bucket_name") or given.get("topic_arn")
    if resource:
        given["resource_names"] = [resource]
    return given | {"region": deployment.place.region}
