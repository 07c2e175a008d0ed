"""The log history of the pretend AWS, through real boto3 clients."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest
from botocore.exceptions import ClientError

from app.demo.faults import Fault, FaultKind
from app.demo.logs.book import STRETCH_MS, LogBook
from app.demo.logs.written import WrittenLogs
from app.demo.world.flows import work
from app.demo.world.incidents import Kind
from app.demo.world.world import World
from app.model.time import epoch_ms
from app.query.emf import parse
from app.query.log_filter import matches
from tests.demo.conftest import AMERICA, HOME, NOW

POSTS = "/aws/lambda/posts-api"
ACCESS = "/aws/apigateway/blog-api/access"
HOUR = timedelta(hours=1)


def events(logs: Any, name: str = POSTS, **more: Any) -> list[dict[str, Any]]:
    """All pages, by hand: botocore's paginator stops at a repeated token."""
    asked = {
        "logGroupName": name,
        "startTime": epoch_ms(NOW - HOUR),
        "endTime": epoch_ms(NOW),
        **more,
    }
    found, token = [], {}
    while True:
        answer = logs.filter_log_events(**asked, **token)
        found += answer["events"]
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [event["eventId"] for event in found]


def pages(call: Any, member: str, **asked: Any) -> list[list[dict[str, Any]]]:
    found, token = [], {}
    while True:
        answer = call(**asked, **token)
        found.append(answer[member])
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


def test_groups_are_listed_by_name_a_few_a_page(aws, client):
    found = pages(client("logs").describe_log_groups, "logGroups", limit=10)
    names = [group["logGroupName"] for page in found for group in page]
    assert [len(page) for page in found[:-1]] == [10] * (len(found) - 1)
    assert names == sorted(set(names))
    assert {POSTS, ACCESS, "/ecs/blog/web", "aws-cloudtrail-logs"} <= set(names)


def test_groups_are_found_by_prefix_or_by_pattern_but_not_both(aws, client):
    logs = client("logs")
    by_prefix = logs.describe_log_groups(logGroupNamePrefix="/ecs/")["logGroups"]
    by_pattern = logs.describe_log_groups(logGroupNamePattern="Gateway")["logGroups"]
    assert [g["logGroupName"] for g in by_prefix] == ["/ecs/blog/web", "/ecs/blog/worker"]
    assert [g["logGroupName"].partition("_")[0] for g in by_pattern] == [
        "API-Gateway-Execution-Logs"
    ]
    with pytest.raises(ClientError, match="mutually exclusive"):
        logs.describe_log_groups(logGroupNamePrefix="a", logGroupNamePattern="b")


def test_a_group_without_retention_says_none(aws, client):
    found = client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    kept = {g["logGroupName"].rpartition("/")[2]: g.get("retentionInDays") for g in found}
    assert (kept["posts-api"], kept["thumbnail"]) == (14, None)


def test_tags_and_filters_of_a_group_are_told(aws, client):
    logs = client("logs")
    [group] = logs.describe_log_groups(logGroupNamePrefix=POSTS)["logGroups"]
    tags = logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
    [put] = logs.describe_metric_filters(logGroupName=POSTS)["metricFilters"]
    flows = logs.describe_subscription_filters(logGroupName="/aws/vpc/flow-logs")
    assert tags["service"] == "posts-api"
    assert (put["filterName"], put["filterPattern"]) == ("posts-errors", "?ERROR ?Traceback")
    assert group["metricFilterCount"] == 1
    assert [s["filterName"] for s in flows["subscriptionFilters"]] == ["archive"]
    by_metric = logs.describe_metric_filters(metricNamespace="Blog/Logs", metricName="PostErrors")
    assert by_metric["metricFilters"] == [put]


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_together_hold_every_event_once_in_order(aws, client, newest_first):
    logs = client("logs")
    whole = events(logs)
    found = events(logs, limit=700, startFromHead=not newest_first)
    times = [event["timestamp"] for event in found]
    assert len(ids(found)) == len(set(ids(found))) > 2_000
    assert ids(found) == (ids(whole)[::-1] if newest_first else ids(whole))
    assert times == sorted(times, reverse=newest_first)


def test_a_page_holds_a_megabyte_at_most(aws, client):
    start = epoch_ms(NOW - 12 * HOUR)
    answer = client("logs").filter_log_events(logGroupName=POSTS, startTime=start)
    size = sum(len(event["message"].encode()) for event in answer["events"])
    assert len(answer["events"]) < 10_000
    assert 500_000 < size < 1_048_576
    assert "nextToken" in answer


@pytest.mark.parametrize("kind", [FaultKind.EMPTY_PAGES, FaultKind.REPEATED_TOKENS])
def test_hollow_pages_hide_nothing(aws, client, kind):
    logs = client("logs")
    whole = ids(events(logs))
    aws.faults.add(Fault(kind, api="logs"))
    assert ids(events(logs, limit=500)) == whole


def test_a_throttle_is_called_as_by_the_service(aws, client):
    aws.faults.add(Fault(FaultKind.THROTTLE, api="logs", times=1))
    with pytest.raises(ClientError, match="ThrottlingException"):
        events(client("logs"))


def test_an_event_cannot_be_read_before_it_has_arrived(aws, client):
    logs = client("logs")
    before = events(logs, "/aws/vpc/flow-logs")
    assert all(event["ingestionTime"] <= epoch_ms(NOW) for event in before)
    aws.clock.set(NOW + timedelta(minutes=10))
    after = events(logs, "/aws/vpc/flow-logs")
    late = set(ids(after)) - set(ids(before))
    assert set(ids(before)) < set(ids(after))
    assert len(late) > 30


def test_a_planted_delay_hides_the_newest_events(aws, client):
    logs = client("logs")
    whole = events(logs)
    aws.faults.add(Fault(FaultKind.LATE, api="logs", seconds=600))
    border = epoch_ms(NOW) - 600_000
    assert ids(events(logs)) == [e["eventId"] for e in whole if e["ingestionTime"] <= border]


def test_a_filter_pattern_is_the_language_of_cloudwatch(aws, client):
    logs = client("logs")
    pattern = "{ $.posts > 30 && $.user_id = user_1* }"
    found = events(logs, filterPattern=pattern)
    assert ids(found) == [e["eventId"] for e in events(logs) if matches(pattern, e["message"])]
    assert len(found) > 10
    with pytest.raises(ClientError, match="Invalid filter pattern"):
        events(logs, filterPattern="{ $.a == 1 }")


def test_streams_can_be_chosen(aws, client):
    logs = client("logs")
    stream = events(logs)[0]["logStreamName"]
    of_one = events(logs, logStreamNames=[stream])
    assert {event["logStreamName"] for event in of_one} == {stream}
    assert ids(events(logs, logStreamNamePrefix=stream)) == ids(of_one)


def test_a_group_that_is_not_standard_cannot_be_read(aws, client):
    with pytest.raises(ClientError, match="class INFREQUENT_ACCESS"):
        events(client("logs"), "/aws/codebuild/blog-build")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events(client("logs"), "/none")


def test_newest_first_needs_a_start_from_2024_on(aws, client):
    with pytest.raises(ClientError, match="2024-01-01"):
        events(client("logs"), startTime=0, startFromHead=False)


def test_a_stream_ends_where_the_token_sent_comes_back(aws, client):
    logs = client("logs")
    stream = events(logs)[0]["logStreamName"]
    asked = {
        "logGroupName": POSTS,
        "logStreamName": stream,
        "startTime": epoch_ms(NOW - HOUR),
        "startFromHead": True,
        "limit": 50,
    }
    found, token = [], ""
    while True:
        answer = logs.get_log_events(**asked, **({"nextToken": token} if token else {}))
        found += answer["events"]
        if answer["nextForwardToken"] == token:
            break
        token = answer["nextForwardToken"]
    one = [e for e in events(logs) if e["logStreamName"] == stream]
    assert [e["message"] for e in found] == [e["message"] for e in one]
    newest = logs.get_log_events(**asked | {"startFromHead": False})["events"]
    assert newest == found[-50:]


def test_streams_are_listed_with_their_newest_event_first(aws, client):
    asked = {"logGroupName": POSTS, "orderBy": "LastEventTime", "descending": True}
    found = client("logs").describe_log_streams(**asked)["logStreams"]
    times = [stream["lastEventTimestamp"] for stream in found]
    assert times == sorted(times, reverse=True)
    assert NOW - timedelta(minutes=10) < datetime.fromtimestamp(times[0] / 1000, UTC) <= NOW


def test_what_is_published_of_a_group_is_what_arrived(aws, client):
    start, end = NOW - 3 * HOUR, NOW - HOUR
    answer = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Logs",
        MetricName="IncomingLogEvents",
        Dimensions=[{"Name": "LogGroupName", "Value": "/aws/vpc/flow-logs"}],
        StartTime=start,
        EndTime=end,
        Period=60,
        Statistics=["Sum"],
    )
    told = {p["Timestamp"]: int(p["Sum"]) for p in answer["Datapoints"]}
    arrived = Counter(
        datetime.fromtimestamp(e["ingestionTime"] // 60_000 * 60, UTC)
        for e in events(client("logs"), "/aws/vpc/flow-logs", startTime=epoch_ms(NOW - 5 * HOUR))
    )
    assert len(told) > 100
    assert told == {at: n for at, n in arrived.items() if start <= at < end}


def test_a_request_has_the_same_ids_in_every_group(aws, client):
    logs = client("logs")
    access = [orjson.loads(e["message"]) for e in events(logs, ACCESS)]
    made = next(r for r in access if r["httpMethod"] == "POST" and r["resourcePath"] == "/comments")
    by_id = events(
        logs, "/aws/lambda/comments-api", filterPattern=f'"{made["integrationRequestId"]}"'
    )
    kinds = [e["message"].split()[0] for e in by_id]
    assert [k for k in kinds if k in ("START", "END", "REPORT")] == ["START", "END", "REPORT"]
    assert any(made["xrayTraceId"] in e["message"] for e in by_id)


def test_what_a_request_causes_goes_on_under_its_correlation(aws, client):
    logs = client("logs")

    def told(name: str) -> set[str]:
        found = events(logs, name, filterPattern="{ $.correlation_id = * }")
        return {orjson.loads(e["message"])["correlation_id"] for e in found}

    assert len(told("/aws/lambda/comments-api") & told("/aws/lambda/moderate-comments")) > 20


def test_embedded_metrics_are_valid(aws, client):
    found = [parse(e["message"], default_timestamp=0) for e in events(client("logs"))]
    carrying = [result for result in found if result.kind == "metrics"]
    assert {m.name for r in carrying for m in r.metrics} == {"PostsRead", "HandlerTime"}
    assert not any(result.kind == "invalid" for result in found)


def test_names_are_resolved_where_route_53_logs_can_be(aws, client):
    found = events(client("logs", AMERICA), "/aws/route53/blog.example.com")
    assert all(len(event["message"].split()) == 10 for event in found)
    assert len(found) > 100


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def lines(world: World, name: str, number: int) -> pl.DataFrame:
    return LogBook(world, WrittenLogs()).stretch(HOME, name, number)


STRETCH = epoch_ms(NOW) // STRETCH_MS


def test_two_processes_tell_the_same_lines(world):
    one, two = lines(world, POSTS, STRETCH), lines(World(), POSTS, STRETCH)
    assert one.equals(two)
    assert one["id"].n_unique() == one.height


def test_there_are_errors_in_the_minutes_in_which_the_metric_has_them(world):
    sheet = world.sheet(HOME, STRETCH * 360, (STRETCH + 1) * 360)
    failed = work(sheet, sheet.deployment.function("posts-api")).failed
    ended = pl.col("message").str.contains(r"\[ERROR\]|Task timed out")
    starts = lines(world, POSTS, STRETCH).filter(pl.col("message").str.starts_with("START"))
    broken = lines(world, POSTS, STRETCH).filter(ended)
    assert broken.height >= (failed[:-1] > 0).sum()
    assert broken.height < starts.height / 3


def test_trouble_shows_in_the_lines_as_in_the_metrics(world):
    calm = lines(world, POSTS, STRETCH + 40)
    changed = World()
    changed.provoke(Kind.ERRORS, HOME, (STRETCH + 40) * 360 + 60, 120)
    troubled = lines(changed, POSTS, STRETCH + 40)
    pattern = pl.col("message").str.contains("KeyError: 'author'", literal=True)
    assert troubled.filter(pattern).height > 5 * calm.filter(pattern).height
    gateway = next(n for n in LogBook(changed, WrittenLogs()).groups(HOME) if "Execution" in n)
    assert lines(changed, gateway, STRETCH + 40).height > lines(world, gateway, STRETCH + 40).height


def test_an_hour_has_some_ten_thousand_lines(world):
    book = LogBook(world, WrittenLogs())
    total = sum(
        book.stretch(place, name, STRETCH).height
        for place in world.places
        for name in book.groups(place)
    )
    assert 10_000 < total / 6 < 50_000


def test_a_stack_trace_is_one_event(world):
    found = lines(world, "/ecs/blog/worker", STRETCH)
    traces = found.filter(pl.col("message").str.contains("Caused by"))
    assert traces.height > 0
    assert traces["message"].str.contains("ERROR ", literal=True).all()


def test_put_events_come_back_and_old_ones_are_rejected(aws, client):
    logs = client("logs")
    logs.create_log_group(logGroupName="/own", tags={"team": "a"})
    now, old = epoch_ms(NOW), epoch_ms(NOW - timedelta(days=15))
    answer = logs.put_log_events(
        logGroupName="/own",
        logStreamName="s",
        logEvents=[{"timestamp": old, "message": "old"}, {"timestamp": now - 1, "message": "new"}],
    )
    [event] = events(logs, "/own", startTime=old)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert (event["message"], event["timestamp"], event["ingestionTime"]) == ("new", now - 1, now)
    logs.delete_log_group(logGroupName="/own")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events(logs, "/own")
