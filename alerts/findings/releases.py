"""Builds, pipelines and images: what is built without need, and what nobody takes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped, unread
from alerts.findings.facts import Facts
from alerts.findings.functions import WEEKS_A_MONTH
from app.model.ids import Resource
from app.model.sizes import billed_gb

_ECR = "Amazon EC2 Container Registry (ECR)"
_IMAGES, _RULES = "ecr:DescribeImages", "ecr:GetLifecyclePolicy"
_RUNS = "codepipeline:ListPipelineExecutions"
_UNUSED = timedelta(days=60)


def _no_life_cycle(facts: Facts) -> Iterator[Outcome]:
    """Each push leaves the image before it behind, untagged, for ever."""
    for repository in facts.listed("ecs", "repository"):
        known = repository.configuration
        if (blind := unread(repository, _RULES) or unread(repository, _IMAGES)) is not None:
            yield blind
        elif known.get("hasLifecycle") or not known.get("images"):
            yield fine(repository)
        else:
            evidence, size = _images(repository), billed_gb(float(known.get("imageBytes") or 0))
            cost = facts.cost("TimedStorage-ByteHrs", size, "GB-month of images", _ECR)
            yield found(
                repository, f"no rule ever removes an image; {known['images']} are stored",
                {**evidence, "the amount is for": f"all that is stored; {_SHARED}"}, cost,
            )  # fmt: skip


def _untagged(facts: Facts) -> Iterator[Outcome]:
    """An image without a tag can only be fetched by its digest; it is what a push left behind."""
    for repository in facts.listed("ecs", "repository"):
        known = repository.configuration
        if (blind := unread(repository, _IMAGES)) is not None:
            yield blind
        elif not known.get("untaggedImages"):
            yield fine(repository)
        else:
            size = billed_gb(float(known.get("untaggedBytes") or 0))
            cost = facts.cost("TimedStorage-ByteHrs", size, "GB-month of images", _ECR)
            yield found(
                repository, f"{known['untaggedImages']} images have no tag any more",
                {**_images(repository), "the amount is for": f"at most; {_SHARED}"}, cost,
            )  # fmt: skip


_SHARED = "layers that images share are stored once"


def _images(repository: Resource) -> dict[str, Any]:
    known = repository.configuration
    more = " or more" if known.get("imagesMore") else ""
    return {
        "images": f"{known.get('images')}{more}",
        "GB": round(float(billed_gb(float(known.get("imageBytes") or 0))), 2),
        "untagged": known.get("untaggedImages"),
    }


def _pipelines(facts: Facts) -> Iterator[Outcome]:
    """A pipeline of type V1 is billed by the month; one of type V2 only while it runs."""
    for pipeline in facts.listed("codebuild", "pipeline"):
        known = pipeline.configuration
        last, made = (_when(known.get(name)) for name in ("lastRun", "created"))
        since = last or made
        if (blind := unread(pipeline, _RUNS)) is not None:
            yield blind
        elif since is None:
            yield skipped(pipeline, "AWS did not say when it was made")
        elif known.get("pipelineType", "V1") != "V1" or facts.now - since < _UNUSED:
            yield fine(pipeline)
        else:
            evidence = {"last run": last.date().isoformat() if last else "never", "type": "V1"}
            words = f"since {last:%Y-%m-%d}" if last else f"since it was made on {since:%Y-%m-%d}"
            cost = facts.cost("activePipeline", 1, "pipeline a month", "AWS CodePipeline")
            yield found(pipeline, f"has not run {words}", evidence, cost)


def _no_cache(facts: Facts) -> Iterator[Outcome]:
    """Without a cache each build fetches everything anew, by the minute."""
    projects = facts.listed("codebuild", "project")
    times = facts.use(projects, "Duration")
    for row, project in enumerate(projects):
        minutes = Decimal(str(times.total(row))) / 60
        if str(project.configuration.get("cache") or "NO_CACHE") != "NO_CACHE":
            yield fine(project)
        elif not minutes:
            yield skipped(project, "nothing was built in 7 days")
        else:
            evidence = {
                "build minutes in 7 days": round(float(minutes), 1),
                "until": facts.last(7).end.date().isoformat(),
                "build minutes a month": round(float(minutes * WEEKS_A_MONTH)),
                NO_AMOUNT: "how much of a build a cache saves is known only once there is one",
            }
            yield found(project, "builds without a cache", evidence)


def _when(told: object) -> datetime | None:
    return datetime.fromisoformat(str(told)) if told else None


RULES = (
    Rule(
        cost_check(
            "ECR-01",
            "Image repository without a life cycle",
            "low",
            "Write a life-cycle policy that removes untagged and old images.",
            "ecs",
        ),
        _no_life_cycle,
    ),
    Rule(
        cost_check(
            "ECR-04",
            "Images without a tag",
            "low",
            "Delete them; a life-cycle policy on untagged images does it from then on.",
            "ecs",
        ),
        _untagged,
    ),
    Rule(
        cost_check(
            "CIC-07",
            "Builds without a cache",
            "low",
            "Switch on a local or S3 cache for dependencies and layers.",
            "codebuild",
        ),
        _no_cache,
    ),
    Rule(
        cost_check(
            "CIC-11",
            "Pipeline that nobody uses",
            "low",
            "Delete it, or make it one of type V2, which is billed by the minute.",
            "codebuild",
        ),
        _pipelines,
    ),
)
