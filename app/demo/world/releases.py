"""Metrics of names and builds: AWS/Route53 (us-east-1 only) and AWS/CodeBuild."""

from __future__ import annotations

from app.demo.world.naming import Published, prefixed
from app.demo.world.platform import Project, Zone
from app.demo.world.samples import count, each_one, skewed
from app.demo.world.sheet import Sheet

ROUTE53, CODEBUILD = "AWS/Route53", "AWS/CodeBuild"


def zone_metrics(sheet: Sheet, zone: Zone) -> Published:
    """Questions for the names of a zone, absent while nobody asks."""
    asked = sheet.count(f"{zone.name}/asked", zone.asked * sheet.demand)
    questions = count(sheet.minutes, asked, absent_when_zero=True)
    return prefixed(ROUTE53, {"HostedZoneId": zone.id}, {"DNSQueries": questions})


def project_metrics(sheet: Sheet, project: Project) -> Published:
    """One point of each metric for each build, when it ends."""
    m = sheet.minutes
    built = sheet.count(f"{project.name}/builds", 0.012 * sheet.demand)
    failed = sheet.thin(f"{project.name}/failed", built, 0.06)
    wobble = sheet.normal(f"{project.name}/time")
    measured = {
        "Builds": each_one(m, built),
        "SucceededBuilds": each_one(m, built - failed),
        "FailedBuilds": each_one(m, failed),
        "Duration": skewed(m, built, sheet.level(60.0 * project.minutes), 0.25, wobble),
        "QueuedDuration": skewed(m, built, sheet.level(2.0), 0.4, wobble),
    }
    return prefixed(CODEBUILD, {"ProjectName": project.name}, measured)
