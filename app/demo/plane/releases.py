"""What builds and releases the blog, and what is around it: images, builds, names, archives."""

from __future__ import annotations

import json
from typing import Any

from moto.codebuild.models import codebuild_backends
from moto.codepipeline.models import CodePipeline, codepipeline_backends
from moto.ecr.models import Image, ecr_backends
from moto.events.models import events_backends
from moto.route53.models import route53_backends
from moto.sns.models import sns_backends

from app.demo.plane.creation import creation_time, tag_list
from app.demo.world.platform import Deployment, Project, hex_id

_MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)
_UNTAGGED = 9
NEWS = "blog-news"
ARCHIVE = "blog-all-events"


def build_images(deployment: Deployment) -> None:
    """A repository for each container service; that of the worker has no life cycle."""
    backend: Any = ecr_backends[deployment.place.account][deployment.place.region]
    for container in deployment.containers:
        name = f"blog/{container.name}"
        made = backend.create_repository(
            name, None, None, None, "MUTABLE", tag_list(deployment.tags)
        )
        made.created_at = creation_time(name).isoformat()
        kept = container.name == "web"
        if kept:
            backend.put_lifecycle_policy(None, name, _POLICY)
        tags = ["2026.11", *([None] * (0 if kept else _UNTAGGED))]
        made.images += [_image(deployment, name, number, tag) for number, tag in enumerate(tags)]


def _image(deployment: Deployment, name: str, number: int, tag: str | None) -> Any:
    digest = f"sha256:{hex_id(name, str(number), length=64)}"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": _MEDIA_TYPE, "digest": digest})
    made: Any = Image(deployment.place.account, tag or "", manifest, name, _MEDIA_TYPE, digest)
    made.image_tags = [tag] if tag else []
    return made


def build_projects(deployment: Deployment) -> None:
    """Projects, a pipeline that runs and one that nobody has run since it was made."""
    account, region = deployment.place.account, deployment.place.region
    if not deployment.projects:
        return
    backend: Any = codebuild_backends[account][region]
    for project in deployment.projects:
        _project(deployment, backend, project)
    pipelines: Any = codepipeline_backends[account][region]
    for name in ("blog-release", "blog-import-2025"):
        told = {"name": name, "roleArn": f"arn:aws:iam::{account}:role/blog", "version": 1}
        pipelines.pipelines[name] = CodePipeline(account, region, {**told, "stages": []})
    pipelines.start_pipeline_execution("blog-release", None)


def _project(deployment: Deployment, backend: Any, project: Project) -> None:
    backend.create_project(
        project.name,
        "",
        {"type": "GITHUB", "location": "https://github.com/example/blog"},
        {"type": "NO_ARTIFACTS"},
        {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
         "computeType": "BUILD_GENERAL1_SMALL"},
        f"arn:aws:iam::{deployment.place.account}:role/blog",
        tag_list(deployment.tags, "key", "value"),
        {"type": project.cache},
        None, None, None, None, None,
    )  # fmt: skip


def build_zones(deployment: Deployment) -> None:
    """Hosted zones under the ids that the world gave them."""
    backend: Any = route53_backends[deployment.place.account]["aws"]
    for zone in deployment.zones:
        made = backend.create_hosted_zone(zone.name, private_zone=False)
        del backend.zones[made.resource_id]
        made.resource_id = zone.id
        backend.zones[zone.id] = made


def build_archives(deployment: Deployment) -> None:
    """Every event of the blog's bus is kept, for ever."""
    if not deployment.containers:
        return
    place = deployment.place
    backend: Any = events_backends[place.account][place.region]
    bus = deployment.arn("events", "event-bus/blog")
    made = backend.create_archive(ARCHIVE, bus, "for replays", None, None)
    made.creation_time = creation_time(ARCHIVE).timestamp()


def build_subscriptions(deployment: Deployment) -> None:
    """The news go to one address of a mailing list."""
    backend: Any = sns_backends[deployment.place.account][deployment.place.region]
    if NEWS in deployment.topics:
        backend.subscribe(deployment.arn("sns", NEWS), "news@blog.example.com", "email")
