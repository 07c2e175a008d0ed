from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.demo.world.incidents import Kind
from app.demo.world.samples import Samples
from app.demo.world.world import World
from app.model.ids import Place, SeriesKey
from tests.demo.asking import HOME, STAGING, at, key, minute, told

NOON = at("2026-11-24 12:00")
WEEK = timedelta(days=7)
FINGERPRINT = """
import hashlib
from app.demo.world.world import World
world, digest = World(5), hashlib.sha256()
for place in world.places:
    for series in world.keys(place)[::7]:
        samples = world.samples(series, 29_700_000, 29_700_240)
        for column in (samples.at, samples.number, samples.total, samples.low, samples.high):
            digest.update(column.tobytes())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_two_processes_tell_the_same_to_the_last_bit():
    told = [
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert len(told[0].strip()) == 2 * hashlib.sha256().digest_size


def test_another_seed_is_another_world(world):
    series = key("AWS/Lambda", "Invocations", FunctionName="posts-api")
    one, two = (told(w, series, NOON, NOON + timedelta(hours=1)) for w in (world, World(2)))
    assert (one.total != two.total).any()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_minute_is_told_the_same_whatever_else_is_asked(world, data):
    place = data.draw(st.sampled_from(world.places))
    series = data.draw(st.sampled_from(world.keys(place)))
    first = data.draw(st.integers(29_600_000, 29_700_000))
    length, inner = data.draw(st.integers(10, 900)), data.draw(st.integers(0, 9))
    whole = world.samples(series, first, first + length)
    part = World().samples(series, first + inner, first + 10)
    assert whole is not None
    assert part is not None
    inside = (whole.at >= (first + inner) * 60) & (whole.at < (first + 10) * 60)
    assert (whole.at[inside] == part.at).all()
    for name in ("number", "total", "low", "high"):
        assert (getattr(whole, name)[inside] == getattr(part, name)).all(), (series, name)


def test_every_series_holds_together(world):
    for place in world.places:
        for series in world.keys(place):
            s = told(world, series, NOON - timedelta(hours=6), NOON)
            tolerance = 1e-9 * np.maximum(np.abs(s.high), 1.0)
            assert (s.number > 0).all(), series
            assert (s.low <= s.high + tolerance).all(), series
            if s.shape.value != "summed":
                assert (s.mean >= s.low - tolerance).all(), series
                assert (s.mean <= s.high + tolerance).all(), series


def test_every_series_of_production_had_data_within_two_weeks(world):
    assert [s for s in world.keys(HOME) if not len(told(world, s, NOON - 2 * WEEK, NOON))] == []


def test_a_year_ago_is_told_as_well(world):
    then = NOON - timedelta(days=450)
    series = key("AWS/RDS", "CPUUtilization", DBInstanceIdentifier="blog-db")
    assert len(told(world, series, then, then + timedelta(hours=1))) == 60


def test_every_metric_of_the_catalogue_that_fits_the_platform_is_published(world):
    published = {(k.namespace, k.metric) for p in world.places for k in world.keys(p)}
    named = {
        metric.namespace: [
            (each.namespace, each.name)
            for each in service.metrics
            if not each.needs and (each.namespace, each.name) not in published
        ]
        for service in load_catalogue().services.values()
        for metric in service.metrics
    }
    without = {"AWS/CertificateManager"}  # of which the platform has nothing
    assert without.isdisjoint(namespace for namespace, _ in published)
    missing = sorted({pair for name in named.keys() - without for pair in named[name]})
    assert missing == [
        ("AWS/ApplicationELB", "RejectedConnectionCount"),
        ("AWS/Events", "FailedInvocations"),
        ("AWS/Events", "ThrottledRules"),
        ("AWS/Lambda", "DeadLetterErrors"),
        ("AWS/Lambda", "DestinationDeliveryFailures"),
        ("AWS/Lambda", "RecursiveInvocationsDropped"),
        ("AWS/Route53", "HealthCheckPercentageHealthy"),
        ("AWS/Route53", "HealthCheckStatus"),
        ("AWS/SNS", "NumberOfNotificationsFailed"),
    ]


def test_evenings_are_busier_than_nights_and_weekdays_than_sundays(world):
    series = key("AWS/ApplicationELB", "RequestCount", LoadBalancer=balancer(world))

    def requests(start: datetime) -> float:
        return float(told(world, series, start, start + timedelta(hours=1)).total.sum())

    assert requests(at("2026-11-24 18:00")) > 3 * requests(at("2026-11-24 02:00"))
    sundays = [requests(at("2026-11-01 18:00") + n * WEEK) for n in range(4)]
    mondays = [requests(at("2026-11-02 18:00") + n * WEEK) for n in range(4)]
    assert sum(mondays) > 1.05 * sum(sundays)


def test_containers_are_busy_when_the_balancer_is(world):
    day = NOON - timedelta(days=1), NOON
    arrived = told(
        world, key("AWS/ApplicationELB", "RequestCount", LoadBalancer=balancer(world)), *day
    )
    busy = told(
        world, key("AWS/ECS", "CPUUtilization", ClusterName="blog", ServiceName="web"), *day
    )
    running = told(
        world,
        key("ECS/ContainerInsights", "RunningTaskCount", ClusterName="blog", ServiceName="web"),
        *day,
    )
    assert np.corrcoef(arrived.total, busy.mean * running.total)[0, 1] > 0.9


def test_answers_of_the_balancer_add_up_to_its_requests(world):
    whole = {"LoadBalancer": balancer(world)}
    sums = {
        name: told(world, key("AWS/ApplicationELB", name, **whole), NOON - WEEK, NOON).total.sum()
        for name in (
            "RequestCount",
            "HTTPCode_ELB_5XX_Count",
            "HTTPCode_Target_2XX_Count",
            "HTTPCode_Target_4XX_Count",
            "HTTPCode_Target_5XX_Count",
        )
    }
    assert sums.pop("RequestCount") == sum(sums.values())


def test_the_account_invokes_what_its_functions_invoke(world):
    day = NOON - timedelta(days=1), NOON
    each = [
        told(world, key("AWS/Lambda", "Invocations", FunctionName=f.name), *day).total.sum()
        for f in world.deployments[HOME].functions
    ]
    assert told(world, key("AWS/Lambda", "Invocations"), *day).total.sum() == sum(each)


def test_basic_monitoring_publishes_every_five_minutes(world):
    bastion = next(m for m in world.deployments[HOME].machines if m.name == "bastion")
    samples = told(
        world,
        key("AWS/EC2", "CPUUtilization", InstanceId=bastion.id),
        NOON - timedelta(hours=1),
        NOON,
    )
    assert np.diff(samples.at).tolist() == [300] * 11
    assert samples.number.tolist() == [5.0] * 12


def test_counts_of_errors_are_absent_while_there_are_none(world):
    throttled = key("AWS/DynamoDB", "ThrottledRequests", TableName="comments", Operation="GetItem")
    calm = told(world, throttled, NOON - timedelta(days=1), NOON)
    assert 0 < len(calm) < 120
    assert calm.total.min() > 0


def test_a_queue_that_is_idle_for_six_hours_publishes_nothing(world):
    exports = key("AWS/SQS", "NumberOfMessagesSent", QueueName="exports")
    assert len(told(world, exports, at("2026-11-24 02:00"), at("2026-11-24 10:00"))) == 480
    assert len(told(world, exports, at("2026-11-24 10:00"), at("2026-11-25 02:00"))) == 0


API = ("AWS/ApiGateway", "5XXError", {"ApiName": "blog-api", "Stage": "prod"})
TABLE = {"TableName": "comments", "Operation": "GetItem"}
LATENCY = ("AWS/DynamoDB", "SuccessfulRequestLatency", TABLE)
DURATION = ("AWS/Lambda", "Duration", {"FunctionName": "comments-api"})
SEARCH = ("AWS/EC2", "CPUUtilization", {"InstanceId": "search-1"})
WEB = ("AWS/ECS", "CPUUtilization", {"ClusterName": "blog", "ServiceName": "web"})
ANSWERS = ("AWS/ApplicationELB", "TargetResponseTime", {"LoadBalancer": "blog-web"})


@pytest.mark.parametrize(
    ("kind", "series", "worse"),
    [
        pytest.param(Kind.ERRORS, API, 20, id="errors reach the API"),
        pytest.param(Kind.TABLE, LATENCY, 5, id="the table is slow"),
        pytest.param(Kind.TABLE, DURATION, 3, id="and so is its function"),
        pytest.param(Kind.CPU, SEARCH, 1.5, id="a process runs away"),
        pytest.param(Kind.TASKS, WEB, 2, id="one task does the work of three"),
        pytest.param(Kind.BALANCER, ANSWERS, 5, id="answers take long"),
    ],
)
def test_trouble_shows_in_the_metrics(kind, series, worse):
    world = World()
    namespace, metric, dimensions = series
    calm_until = quiet_moment(world)
    world.provoke(kind, HOME, calm_until, 30)
    start = datetime.fromtimestamp(calm_until * 60, NOON.tzinfo)
    named = key(namespace, metric, **real_names(world, dimensions))
    before = told(world, named, start - timedelta(minutes=20), start)
    during = told(world, named, start + timedelta(minutes=5), start + timedelta(minutes=25))
    assert during.mean.mean() > worse * before.mean.mean()


def test_a_database_nearly_runs_out_of_space_and_is_cleaned_up():
    world = World()
    begin = quiet_moment(world)
    world.provoke(Kind.STORAGE, HOME, begin, 40)
    start = datetime.fromtimestamp(begin * 60, NOON.tzinfo)
    free = told(
        world,
        key("AWS/RDS", "FreeStorageSpace", DBInstanceIdentifier="blog-db"),
        start - timedelta(minutes=5),
        start + timedelta(minutes=45),
    )
    gib = free.total / 2**30
    assert gib[:5].min() > 70
    assert gib[30:44].max() < 10
    assert gib[46] > 70


def quiet_moment(world: World) -> int:
    """A minute of the day with no trouble from an hour before to an hour after."""
    begin = minute(NOON - timedelta(hours=4))
    return next(
        m for m in range(begin, begin + 20_000) if not world.incidents.between(HOME, m - 60, m + 60)
    )


def real_names(world: World, dimensions: dict[str, str]) -> dict[str, str]:
    machines = {m.name: m.id for m in world.deployments[HOME].machines}
    balancers = {b.name: b.suffix for b in world.deployments[HOME].balancers}
    return {name: (machines | balancers).get(value, value) for name, value in dimensions.items()}


def balancer(world: World) -> str:
    return world.deployments[HOME].balancers[0].suffix


def test_at_any_moment_something_that_an_alarm_catches_is_wrong(world):
    draws = np.random.default_rng(11).integers(0, 14 * 1440, 200)
    calm = [
        moment
        for moment in (NOON - timedelta(minutes=int(minutes)) for minutes in draws)
        if not letters_lie(world, HOME, moment) and not importer_fails(world, moment)
    ]
    assert calm == []


def test_production_itself_is_in_trouble_at_nearly_any_moment(world):
    draws = np.random.default_rng(12).integers(0, 14 * 1440, 200)
    troubled = [letters_lie(world, HOME, NOON - timedelta(minutes=int(m))) for m in draws]
    assert sum(troubled) >= 190


def letters_lie(world: World, place: Place, moment: datetime) -> bool:
    """The catalogue's alarm on dead-letter queues: Maximum of visible messages above 0."""
    queues = [q.name for q in world.deployments[place].queues if q.dead_letters_of]
    visible = [
        key("AWS/SQS", "ApproximateNumberOfMessagesVisible", place=place, QueueName=name)
        for name in queues
    ]
    return any(newest(world, series, moment).high.max() > 0 for series in visible)


def importer_fails(world: World, moment: datetime) -> bool:
    """The catalogue's alarm on functions: Sum of errors above 0, three minutes of three."""
    errors = key("AWS/Lambda", "Errors", place=STAGING, FunctionName="legacy-import")
    return bool((newest(world, errors, moment).total > 0).all())


def newest(world: World, series: SeriesKey, moment: datetime) -> Samples:
    return told(world, series, moment - timedelta(minutes=3), moment)
