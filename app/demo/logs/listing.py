"""Groups with their tags and filters, and what callers may make themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from app.demo.logs.book import LogBook
from app.demo.logs.groups import Group
from app.demo.logs.requested import MOST_EVENTS, group_of, invalid, name_of, paged, whole
from app.demo.plane.creation import creation_time
from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, items, mapping, text
from app.demo.world.noise import stream_of
from app.model.ids import Place
from app.model.time import epoch_ms
from app.query.log_filter import PatternError, compiled

_OLDEST_MS, _NEWEST_MS = 14 * 86_400_000, 2 * 3_600_000


def describe_log_groups(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    """At most 50 groups a page, by name."""
    prefix, pattern = (
        text(request.get(name)) for name in ("logGroupNamePrefix", "logGroupNamePattern")
    )
    if prefix and pattern:
        raise invalid("logGroupNamePrefix and logGroupNamePattern are mutually exclusive.")
    kind = text(request.get("logGroupClass"))
    chosen = {name_of(text(each)) for each in items(request.get("logGroupIdentifiers"))}
    found = [
        group
        for name, group in book.groups(place).items()
        if name.startswith(prefix)
        and pattern in name
        and (not kind or group.kind == kind)
        and (not chosen or name in chosen)
    ]
    page, token = paged(found, request)
    answer: dict[str, object] = {"logGroups": [_described(place, group) for group in page]}
    return _with_token(answer, token)


def _described(place: Place, group: Group) -> dict[str, object]:
    arn = _arn(place, group.name)
    described: dict[str, object] = {
        "logGroupName": group.name,
        "creationTime": epoch_ms(creation_time(group.name)),
        "metricFilterCount": len(group.metric_filters),
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": stream_of(group.name) % 4_000_000_000 if group.write else 0,
        "logGroupClass": group.kind,
    }
    if group.retention is not None:
        described["retentionInDays"] = group.retention
    return described


def _arn(place: Place, name: str) -> str:
    return f"arn:aws:logs:{place.region}:{place.account}:log-group:{name}"


def tags_of(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    """ListTagsForResource."""
    group = book.groups(place).get(name_of(text(request.get("resourceArn"))))
    if group is None:
        raise Refused("ResourceNotFoundException", "The specified resource does not exist.")
    return {"tags": dict(group.tags)}


def describe_metric_filters(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    """Filters of one group, or of one metric, or all."""
    metric, namespace = (text(request.get(n)) for n in ("metricName", "metricNamespace"))
    if bool(metric) != bool(namespace):
        raise invalid("metricName and metricNamespace must be given together.")
    one = [group_of(book, place, request)] if request.get("logGroupName") else None
    prefix = text(request.get("filterNamePrefix"))
    found = [
        {
            "creationTime": epoch_ms(creation_time(f"{group.name}/{put['filterName']}")),
            **put,
            "logGroupName": group.name,
        }
        for group in one or book.groups(place).values()
        for put in group.metric_filters
        if str(put["filterName"]).startswith(prefix)
        and (not metric or _feeds(put, namespace, metric))
    ]
    page, token = paged(found, request)
    return _with_token({"metricFilters": list(page)}, token)


def _feeds(put: Request, namespace: str, metric: str) -> bool:
    names = [mapping(t) for t in items(put.get("metricTransformations"))]
    wanted = (namespace, metric)
    return any((t.get("metricNamespace"), t.get("metricName")) == wanted for t in names)


def describe_subscription_filters(
    book: LogBook, place: Place, request: Request
) -> dict[str, object]:
    """Where the events of a group go."""
    group = group_of(book, place, request)
    made = epoch_ms(creation_time(f"{group.name}/subscription"))
    found = [
        {**put, "logGroupName": group.name, "creationTime": made} for put in group.subscriptions
    ]
    page, token = paged(found, request)
    return _with_token({"subscriptionFilters": list(page)}, token)


def create_log_group(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    name = text(request.get("logGroupName"))
    if not name:
        raise invalid("logGroupName must not be empty.")
    if name in book.groups(place):
        raise Refused("ResourceAlreadyExistsException", "The specified log group already exists")
    kind = text(request.get("logGroupClass")) or "STANDARD"
    tags = {str(k): str(v) for k, v in mapping(request.get("tags")).items()}
    book.written.create(place, Group(name, kind=kind, tags=tags))
    return {}


def delete_log_group(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    if not book.written.delete(place, group_of(book, place, request).name):
        raise invalid("Only log groups that callers made themselves can be deleted here.")
    return {}


def create_log_stream(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    """Streams come with their first event; this only checks the group."""
    group_of(book, place, request)
    return {}


def put_retention_policy(book: LogBook, place: Place, request: Request) -> dict[str, object]:
    group = group_of(book, place, request)
    book.written.create(place, replace(group, retention=whole(request, "retentionInDays", 1, 1)))
    return {}


def put_metric_filter(
    book: LogBook, place: Place, request: Request, now_ms: int
) -> dict[str, object]:
    group = group_of(book, place, request)
    pattern = text(request.get("filterPattern"))
    try:
        compiled(pattern)
    except PatternError as error:
        raise invalid(f"Invalid filter pattern: {error.message}") from None
    put = {
        "filterName": text(request.get("filterName")),
        "filterPattern": pattern,
        "metricTransformations": items(request.get("metricTransformations")),
        "creationTime": now_ms,
    }
    book.written.add_filter(place, group, put)
    return {}


def put_log_events(book: LogBook, place: Place, request: Request, now_ms: int) -> dict[str, object]:
    """Keep the events that are neither too old nor too new."""
    group = group_of(book, place, request)
    given = [mapping(event) for event in items(request.get("logEvents"))]
    if not 1 <= len(given) <= MOST_EVENTS:
        raise invalid(f"A batch holds 1 to {MOST_EVENTS} log events.")
    events = [(whole(event, "timestamp", 0), text(event.get("message"))) for event in given]
    if any(later[0] < before[0] for before, later in pairwise(events)):
        raise invalid("Log events in a single request must be in chronological order.")
    kept = [e for e in events if now_ms - _OLDEST_MS <= e[0] <= now_ms + _NEWEST_MS]
    book.written.put(place, group.name, text(request.get("logStreamName")), kept, now_ms)
    answer: dict[str, object] = {"nextSequenceToken": "0"}
    if len(kept) < len(events):
        too_old = sum(e[0] < now_ms - _OLDEST_MS for e in events)
        answer["rejectedLogEventsInfo"] = {"tooOldLogEventEndIndex": too_old}
    return answer


def _with_token(answer: dict[str, object], token: str) -> dict[str, object]:
    return {**answer, "nextToken": token} if token else answer
