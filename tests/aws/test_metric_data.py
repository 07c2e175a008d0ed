"""GetMetricData written, signed and read by ourselves."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from app.aws import MetricData, MetricQuery
from app.model.errors import Denied, Throttled, Unreachable
from app.model.ids import SeriesKey
from app.model.time import Window
from tests.aws.conftest import PLACE, MakeAws
from tests.support.aws_wire import Answer, Reply, Request, aws_wire, data, refusal

BASIC = ("Sum", "Minimum", "Maximum", "SampleCount")
KEY = SeriesKey.of(PLACE, "AWS/Lambda", "Duration", {"Resource": "f:live", "FunctionName": "f"})
WINDOW = Window(datetime(2026, 3, 10, 11, 50, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC))
# 2026-03-10 11:50 UTC
START = 1_773_143_400


def result(line: int, values: list[float], start: int = START, status: str = "Complete") -> dict:
    return {
        "Id": f"q{line}",
        "Timestamps": [float(start + 60 * n) for n in range(len(values))],
        "Values": values,
        "StatusCode": status,
    }


def fetch(make_aws: MakeAws, answer: Answer, *statistics: str, **changes) -> MetricData:
    with aws_wire(answer) as wire:
        query = MetricQuery(KEY, 60, statistics or ("Sum",))
        aws = make_aws(wire.url, **changes)
        return aws.metric_data(PLACE, [query], WINDOW, collector="metrics")


def replying(*documents: object) -> Answer:
    left = iter(documents)
    return lambda request: data(next(left))


def test_the_request_asks_for_each_statistic_of_the_exact_metric(make_aws: MakeAws):
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return data({"MetricDataResults": []})

    fetch(make_aws, answer, "Sum", "TM(2%:98%)")
    (request,) = asked
    assert (request.region, request.service) == ("eu-central-1", "monitoring")
    assert request.operation == "GetMetricData"
    assert request.members["StartTime"] == START
    assert request.members["EndTime"] == START + 600
    asks = request.members["MetricDataQueries"]
    assert [(q["Id"], q["MetricStat"]["Stat"]) for q in asks] == [
        ("q0", "Sum"),
        ("q1", "TM(2%:98%)"),
    ]
    assert request.members["MetricDataQueries"][0]["MetricStat"]["Metric"] == {
        "Namespace": "AWS/Lambda",
        "MetricName": "Duration",
        "Dimensions": [
            {"Name": "FunctionName", "Value": "f"},
            {"Name": "Resource", "Value": "f:live"},
        ],
    }


def test_results_are_put_in_the_order_of_the_queries(make_aws: MakeAws):
    answer = replying({"MetricDataResults": [result(1, [7.5]), result(0, [1.0, 2.0])]})
    found = fetch(make_aws, answer, "Sum", "p99")
    assert found.line(0)[0].tolist() == [START * 1000, (START + 60) * 1000]
    assert found.line(0)[1].tolist() == [1.0, 2.0]
    assert found.line(1)[1].tolist() == [7.5]
    assert found.complete.tolist() == [True, True]


def test_pages_are_joined_and_the_last_word_counts(make_aws: MakeAws):
    first = {"MetricDataResults": [result(0, [1.0], status="PartialData")], "NextToken": "more"}
    second = {"MetricDataResults": [result(0, [2.0], START + 60)]}
    found = fetch(make_aws, replying(first, second))
    assert found.line(0)[1].tolist() == [1.0, 2.0]
    assert found.complete.tolist() == [True]


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_what_aws_did_not_finish_is_not_complete(make_aws: MakeAws, status: str):
    answer = replying({"MetricDataResults": [result(0, [1.0], status=status), result(1, [2.0])]})
    assert fetch(make_aws, answer, "Sum", "p99").complete.tolist() == [False, True]


def test_a_query_without_a_result_is_not_complete(make_aws: MakeAws):
    answer = replying({"MetricDataResults": [result(0, [1.0])]})
    assert fetch(make_aws, answer, "Sum", "p99").complete.tolist() == [True, False]


def test_messages_of_aws_are_kept(make_aws: MakeAws):
    said = [{"Code": "MaxMetricsExceeded", "Value": "too many"}]
    answer = replying({"MetricDataResults": [result(0, [1.0])], "Messages": said})
    assert fetch(make_aws, answer).messages == ("MaxMetricsExceeded: too many",)


def test_a_packed_answer_is_read(make_aws: MakeAws):
    body = gzip.compress(json.dumps({"MetricDataResults": [result(0, [3.0])]}).encode())
    found = fetch(make_aws, lambda request: Reply(body=body, headers={"Content-Encoding": "gzip"}))
    assert found.line(0)[1].tolist() == [3.0]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Reply(body=b'{"MetricDataResults": []}', cut=9), id="broken off"),
        pytest.param(Reply(body=b"<html>proxy</html>"), id="markup"),
        pytest.param(Reply(body=b"{}"), id="another document"),
        pytest.param(Reply(body=b"x", headers={"Content-Encoding": "gzip"}), id="bad packing"),
        pytest.param(refusal("InternalServiceFault", 500), id="fault"),
    ],
)
def test_no_good_answer_is_unreachable_never_empty(make_aws: MakeAws, broken: Reply):
    with pytest.raises(Unreachable):
        fetch(make_aws, lambda request: broken, attempts=2)


def test_errors_come_from_the_same_tree(make_aws: MakeAws):
    with pytest.raises(Denied, match="Allow cloudwatch:GetMetricData"):
        fetch(make_aws, lambda request: refusal("AccessDenied", 403))
    with pytest.raises(Throttled):
        fetch(make_aws, lambda request: refusal("ThrottlingException"), attempts=2)


def test_five_statistics_are_billed_as_one_metric(make_aws: MakeAws):
    with aws_wire(lambda request: data({"MetricDataResults": []})) as wire:
        aws = make_aws(wire.url)
        queries = [
            MetricQuery(KEY, 60, (*BASIC, "p99")),
            MetricQuery(KEY, 300, (*BASIC, "p9", "p5")),
        ]
        aws.metric_data(PLACE, queries, WINDOW, collector="metrics")
    (entry,) = aws.meter.entries()
    assert (entry.calls, entry.units) == (1, 3)


def test_more_than_500_queries_are_refused_before_they_are_sent(make_aws: MakeAws):
    queries = [MetricQuery(KEY, 60, BASIC)] * 126
    with pytest.raises(ValueError, match="504 queries in one call"):
        make_aws("http://127.0.0.1:9").metric_data(PLACE, queries, WINDOW, collector="metrics")
