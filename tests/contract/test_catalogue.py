"""Every service file against botocore's models and CloudWatch's rules; no network.

New files are picked up by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from botocore.model import Shape
from botocore.validate import ParamValidator

from alerts.validation import problems
from app.aws import iam_action
from app.catalogue import load_catalogue
from app.catalogue.advice import Fit, advice
from app.catalogue.schema import (
    Measure,
    Metric,
    PageKind,
    RecommendedAlarm,
    ResourceKind,
    Service,
    SignalKind,
    ThresholdFrom,
)
from app.model.ids import Resource
from tests.support.catalogue_types import (
    calls_of,
    configuration_type,
    item_type,
    listed_type,
    sample,
)
from tests.support.shapes import TEXT, Many, Members, NoSuchMember, given, operation, shape, type_of

CATALOGUE = load_catalogue()
SERVICES = [pytest.param(service, id=service.id) for service in CATALOGUE]
KINDS = [
    pytest.param(kind, id=f"{service.id}-{kind.kind}")
    for service in CATALOGUE
    for kind in service.resources
]
ALARMS = [
    pytest.param(service, alarm, id=f"{service.id}-{alarm.id}")
    for service in CATALOGUE
    for alarm in service.alarms
]
METRICS = [
    pytest.param(metric, id=f"{metric.namespace}-{metric.name}".replace("/", "-"))
    for service in CATALOGUE
    for metric in service.metrics
]
SIGNAL_ORDER = {
    PageKind.REQUESTS: (
        SignalKind.RATE,
        SignalKind.ERRORS,
        SignalKind.DURATION,
        SignalKind.SATURATION,
    ),
    PageKind.FUNCTION: (
        SignalKind.RATE,
        SignalKind.ERRORS,
        SignalKind.DURATION,
        SignalKind.SATURATION,
    ),
    PageKind.QUEUE: (SignalKind.DURATION, SignalKind.SATURATION, SignalKind.RATE),
    PageKind.MACHINE: (SignalKind.SATURATION, SignalKind.ERRORS, SignalKind.RATE),
    PageKind.DATABASE: (SignalKind.SATURATION, SignalKind.ERRORS, SignalKind.RATE),
    PageKind.PLAIN: (),
}


def test_the_first_eight_services_are_described() -> None:
    eight = {"alb", "apigateway", "dynamodb", "ec2", "ecs", "lambda", "rds", "sqs"}
    assert eight <= set(CATALOGUE.services)


@pytest.mark.parametrize("kind", KINDS)
def test_calls_are_ones_that_botocore_would_send(kind: ResourceKind) -> None:
    for call, item in calls_of(kind):
        model = operation(call.api, call.operation)
        report = ParamValidator().validate(sample(call.params, item), model.input_shape)
        assert not report.has_errors(), f"{call.operation}: {report.generate_report()}"


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_and_batches_stay_within_the_models_bounds(kind: ResourceKind) -> None:
    for call, _ in calls_of(kind):
        members = operation(call.api, call.operation).input_shape.members
        for name, value in call.params.items():
            size = getattr(call, "batch", 0) if str(value).startswith("$[") else value
            if isinstance(size, int) and not isinstance(size, bool):
                assert size <= _most(members[name]), f"{call.operation} {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_calls_only_read(kind: ResourceKind) -> None:
    for call, _ in calls_of(kind):
        assert re.match(r"(Describe|Get|List|BatchGet)", call.operation)


@pytest.mark.parametrize("kind", KINDS)
def test_actions_are_those_of_iam(kind: ResourceKind) -> None:
    for call, _ in calls_of(kind):
        assert call.iam_action == iam_action(call.api, call.operation)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_ask_for_pages_of_a_size_only_where_there_are_pages(kind: ResourceKind) -> None:
    for call, _ in calls_of(kind):
        sizes = {"MaxResults", "maxResults", "MaxRecords", "PageSize", "Limit", "limit"}
        if sizes & set(call.params):
            output = operation(call.api, call.operation).output_shape.members
            tokens = {"NextToken", "nextToken", "Marker", "NextMarker", "position"}
            assert (tokens | {"LastEvaluatedTableName"}) & set(output), call.operation


@pytest.mark.parametrize("kind", KINDS)
def test_paths_name_members_that_the_answers_have(kind: ResourceKind) -> None:
    item = item_type(kind)
    paths = [kind.id, kind.name, kind.state, kind.tags, *kind.dimensions.values()]
    in_arn = re.findall(r"\{([^{}]+)\}", kind.arn) if kind.arn.startswith("arn:") else [kind.arn]
    paths += [path for path in in_arn if path not in ("partition", "region", "account", "id")]
    paths += [lookup.of for lookup in kind.lookups]
    for path in filter(None, paths):
        given(path, item)
    for mention in kind.mentions:
        source = listed_type(mention.call) if mention.call else item
        assert given(mention.sources, Many(source)) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_holds_members_that_exist_and_no_secrets(kind: ResourceKind) -> None:
    configuration = configuration_type(kind)
    assert set(kind.volatile) <= set(configuration.known)
    for name in configuration.known:
        assert not re.search(r"environment|userdata|password|secret", name, re.IGNORECASE), name


@pytest.mark.parametrize("kind", KINDS)
def test_a_console_address_names_what_a_resource_has(kind: ResourceKind) -> None:
    known = {"region", "account", "id", "name", "arn", *configuration_type(kind).known}
    assert set(re.findall(r"\{([^{}]*)\}", kind.console)) <= known
    assert kind.console.startswith("https://{region}.console.aws.amazon.com/")


@pytest.mark.parametrize("kind", KINDS)
def test_dimensions_are_texts(kind: ResourceKind) -> None:
    item = item_type(kind)
    assert {given(path, item) for path in kind.dimensions.values()} <= {TEXT}


@pytest.mark.parametrize("service", SERVICES)
def test_matches_and_thresholds_read_the_configuration(service: Service) -> None:
    for kind, path in _configuration_paths(service):
        given(path, configuration_type(kind))


@pytest.mark.parametrize("service", SERVICES)
def test_state_conditions_read_state_configuration_and_tags(service: Service) -> None:
    for condition in service.states:
        kind = service.resource_kind(condition.kind)
        assert kind is not None
        seen = {"state": TEXT, "tags": Members(others=TEXT)}
        given(condition.match, Members({**seen, "configuration": configuration_type(kind)}))


@pytest.mark.parametrize("metric", METRICS)
def test_metrics_have_a_unit_and_a_sentence(metric: Metric) -> None:
    assert metric.unit in shape("cloudwatch", "StandardUnit").enum
    assert 40 <= len(metric.says) <= 260
    assert metric.says.endswith(".")
    assert ". " not in metric.says, "one sentence"
    assert metric.period in (60, 300, 3_600, 86_400)


@pytest.mark.parametrize("service", SERVICES)
def test_every_metric_is_carried_by_a_kind_of_resource_or_split_from_one(service: Service) -> None:
    for metric in service.metrics:
        carried = [k for k in service.resources if metric.dimension_set(k) is not None]
        assert carried, f"{metric.name} has no resource"


@pytest.mark.parametrize("service", SERVICES)
def test_every_kind_has_a_metric_to_show_unless_it_is_quiet(service: Service) -> None:
    for kind in service.resources:
        shown = any(metric.dimension_set(kind) is not None for metric in service.metrics)
        assert shown is not kind.quiet, kind.kind


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_shown_is_collected_with_that_statistic(service: Service) -> None:
    for measure in _measures(service):
        for name in (measure.metric, *measure.plus):
            metric = service.metric(name)
            assert metric is not None
            assert measure.statistic in metric.statistics
        for name in (n for n in (measure.over, *measure.over_plus) if n):
            metric = service.metric(name)
            assert metric is not None
            assert measure.over_statistic in metric.statistics


@pytest.mark.parametrize("service", SERVICES)
def test_every_statistic_that_is_paid_for_is_used(service: Service) -> None:
    inputs = [each for alarm in service.alarms for each in alarm.inputs.values()]
    used: set[tuple[str, str]] = {(each.metric, each.statistic) for each in inputs}
    for measure in _measures(service):
        used |= {(name, measure.statistic) for name in (measure.metric, *measure.plus)}
        used |= {(n, measure.over_statistic) for n in (measure.over, *measure.over_plus) if n}
    declared = {(metric.name, s) for metric in service.metrics for s in metric.statistics}
    assert declared - used == set()


@pytest.mark.parametrize("service", SERVICES)
def test_ratios_divide_what_the_same_resource_has(service: Service) -> None:
    for measure in _measures(service):
        if not measure.over:
            continue
        divisors = [service.metric(name) for name in (measure.over, *measure.over_plus)]
        for kind in service.carriers(measure):
            assert any(d and d.dimension_set(kind) is not None for d in divisors), (
                f"{measure.title}: {kind.kind} has no {measure.over}"
            )


@pytest.mark.parametrize("service", SERVICES)
def test_panels_stand_in_the_order_of_the_page_kind(service: Service) -> None:
    first = list(dict.fromkeys(p.signal for p in service.panels if p.signal))
    wanted = SIGNAL_ORDER[service.page]
    assert [signal for signal in first if signal in wanted] == list(wanted)


@pytest.mark.parametrize("service", SERVICES)
def test_health_knows_a_critical_and_a_warning_state(service: Service) -> None:
    assert {condition.severity.value for condition in service.health} == {"critical", "warning"}


@pytest.mark.parametrize("service", SERVICES)
def test_error_rates_have_a_traffic_floor(service: Service) -> None:
    for condition in service.health:
        if condition.measure.over and "rror" in condition.measure.title:
            assert condition.floor >= 1, condition.says


@pytest.mark.parametrize(("service", "alarm"), ALARMS)
def test_alarms_are_ones_that_put_metric_alarm_takes(
    service: Service, alarm: RecommendedAlarm
) -> None:
    model = operation("cloudwatch", "PutMetricAlarm").input_shape
    put = _put(service, alarm)
    assert problems(put) == []
    report = ParamValidator().validate(put, model)
    assert not report.has_errors(), report.generate_report()
    for name in ("Statistic", "ComparisonOperator"):
        if name in put:
            assert put[name] in model.members[name].enum
    assert alarm.datapoints_to_alarm <= alarm.evaluation_periods
    assert alarm.period in (10, 20, 30) or alarm.period % 60 == 0
    longest = 86_400 if alarm.period < 3_600 else 604_800
    assert alarm.period * alarm.evaluation_periods <= longest


@pytest.mark.parametrize(("service", "alarm"), ALARMS)
def test_alarms_watch_declared_series(service: Service, alarm: RecommendedAlarm) -> None:
    kind = service.resource_kind(alarm.kind)
    assert kind is not None
    watched = {*kind.dimensions, *alarm.dimensions}
    for each in alarm.inputs.values():
        metric = service.metric(each.metric)
        assert metric is not None
        assert watched in [set(names) for names in metric.dimensions]
        assert each.statistic in metric.statistics
        assert alarm.period >= metric.period
    assert alarm.says.endswith((".", "?"))


@pytest.mark.parametrize(("service", "alarm"), ALARMS)
def test_an_alarm_for_some_resources_says_for_which(
    service: Service, alarm: RecommendedAlarm
) -> None:
    said = [words for words in (alarm.only, alarm.needs) if words]
    assert len(said) == bool(alarm.match), service.id
    assert not any(words.endswith(".") for words in said)


@pytest.mark.parametrize("service", SERVICES)
def test_a_counter_that_may_be_absent_never_leaves_an_alarm_without_data(service: Service) -> None:
    for alarm in service.alarms:
        metric = service.metric(alarm.metric)
        if metric and metric.absent_is_zero:
            assert alarm.treat_missing_data == "notBreaching", alarm.id


def test_a_misspelt_path_is_found() -> None:
    output = type_of(operation("sqs", "ListQueues").output_shape)
    with pytest.raises(NoSuchMember, match="no member `QueueUrl`"):
        given("QueueUrl", output)


def _measures(service: Service) -> Iterator[Measure]:
    yield from service.tiles
    for panel in service.panels:
        yield from panel.measures
    for condition in service.health:
        yield condition.measure


def _configuration_paths(service: Service) -> Iterator[tuple[ResourceKind, str]]:
    """Paths over a configuration, each with a kind that must know it."""
    for measure in _measures(service):
        for path in filter(None, (measure.over_configuration, measure.match)):
            yield _knowing(service.carriers(measure), path), path
    for condition in service.health:
        for path in _paths(condition.threshold):
            yield _knowing(service.carriers(condition.measure), path), path
    for panel in service.panels:
        kinds = tuple(k for m in panel.measures for k in service.carriers(m))
        for path in (path for limit in panel.limits for path in _paths(limit.value)):
            yield _knowing(kinds, path), path
    for alarm in service.alarms:
        kind = service.resource_kind(alarm.kind)
        assert kind is not None
        for path in filter(None, (alarm.match, *_paths(alarm.threshold))):
            yield kind, path


def _paths(threshold: float | ThresholdFrom | None) -> tuple[str, ...]:
    return (threshold.configuration,) if isinstance(threshold, ThresholdFrom) else ()


def _knowing(kinds: tuple[ResourceKind, ...], path: str) -> ResourceKind:
    """The first kind whose configuration has the path; the first of all when none has."""
    for kind in kinds:
        try:
            given(path, configuration_type(kind))
        except NoSuchMember:
            continue
        return kind
    return kinds[0]


def _most(member: Shape) -> float:
    """The largest number, or the longest list, that the model allows."""
    return float(member.metadata.get("max", "inf"))


@pytest.mark.parametrize("service", SERVICES)
def test_composites_are_made_of_what_resources_have(service: Service) -> None:
    for composite in service.composites:
        alarm = next(each for each in service.alarms if each.id == composite.of)
        kind = service.resource_kind(alarm.kind)
        assert kind is not None
        place, _, path = composite.by.partition(".")
        if place == "configuration":
            given(path, configuration_type(kind))
        assert place in ("configuration", "tags")
        assert composite.says.endswith((".", "?"))


def _put(service: Service, alarm: RecommendedAlarm) -> Mapping[str, object]:
    """The alarm of a resource that has all that the alarm asks for."""
    kind = service.resource_kind(alarm.kind)
    assert kind is not None
    threshold = 1.0 if isinstance(alarm.threshold, ThresholdFrom) else alarm.threshold
    always = alarm.model_copy(update={"match": "", "threshold": threshold})
    dimensions = dict.fromkeys(kind.dimensions, "x")
    resource = Resource(
        "x", "111111111111", "us-east-1", service.id, alarm.kind, "x", "x", dimensions=dimensions
    )
    (advised,) = advice(service.model_copy(update={"alarms": (always,)}), resource)
    assert advised.fit is Fit.FITS, advised.why
    return advised.put
