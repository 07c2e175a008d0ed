"""A page of the web service as one segment, with the database and the cache inside."""

from __future__ import annotations

from typing import Any

from app.demo.traces.parts import Document, exception, judged, span_id
from app.demo.world.platform import Deployment

Row = dict[str, Any]

_SQL = {
    "url": "jdbc:postgresql://blog-db:5432/blog",
    "sanitized_query": "SELECT id, title, body FROM posts WHERE id = ?",
    "database_type": "PostgreSQL",
    "database_version": "17.4",
    "preparation": "statement",
    "user": "web",
}


def page(trace_id: str, row: Row, deployment: Deployment) -> Document:
    """The document of a page; one that failed waited for the database in vain."""
    broken = row["status"] >= 500
    document = _part(row, "web", 11, (0.0, 1.0)) | _about(row, deployment)
    document |= {"trace_id": trace_id, "subsegments": _inside(row, broken=broken)}
    document |= judged(row["status"])
    return document | ({"cause": _cause(row)} if broken else {})


def _inside(row: Row, *, broken: bool) -> list[Document]:
    query = _part(row, "blog@blog-db", 12, (0.2, 0.97 if broken else 0.62))
    query |= {"namespace": "remote", "sql": _SQL}
    cache = _part(row, "cache", 13, (0.05, 0.15))
    if broken:
        return [cache, query | {"fault": True, "cause": _cause(row)}]
    return [cache, query, _part(row, "render", 14, (0.66, 0.95))]


def _part(row: Row, name: str, number: int, share: tuple[float, float]) -> Document:
    """A document that takes this part of the page's time."""
    start, took = row["at"] / 1000, row["lasts"] / 1000
    first, last = (round(start + each * took, 6) for each in share)
    return {
        "id": span_id(row["mark"], number),
        "name": name,
        "start_time": first,
        "end_time": last,
    }


def _about(row: Row, deployment: Deployment) -> Document:
    zone = f"{deployment.place.region}{'ab'[row['thread'] % 2]}"
    ecs = {
        "container": "web",
        "cluster_arn": deployment.arn("ecs", "cluster/blog"),
        "launch_type": "FARGATE",
    }
    return {
        "origin": "AWS::ECS::Fargate",
        "resource_arn": deployment.arn("ecs", "service/blog/web"),
        "service": {"version": "2026.11", "runtime": "CPython", "runtime_version": "3.13.1"},
        "http": {
            "request": {
                "method": "GET",
                "url": f"https://blog.example.org{row['path']}",
                "user_agent": "Mozilla/5.0",
                "client_ip": f"203.0.113.{row['user'] % 250}",
            },
            "response": {"status": row["status"], "content_length": 18_400},
        },
        "aws": {
            "account_id": deployment.account.id,
            "ecs": ecs,
            "ec2": {"availability_zone": zone},
            "cloudwatch_logs": [{"log_group": "/ecs/blog/web"}],
        },
        "user": f"user_{row['user']}",
        "annotations": {"cached": row["post"] % 3 == 0, "thread": row["thread"]},
    }


def _cause(row: Row) -> Document:
    stack = [{"path": "blog/web.py", "line": 88, "label": "page"}]
    return exception(span_id(row["mark"], 80), "UpstreamTimeout", "upstream timed out", stack)
