"""Functions and APIs without tracing, hops where traces end, sampling that shows no errors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.findings.traces import RULES
from app.model.groups import TRACE_SETUP, TRACES
from app.model.ids import SeriesKey
from app.model.rounds import Batch, Result
from app.model.traces import SAMPLING_NAMESPACE, XRAY
from tests.alerts.findings.yard import alarms, judged, resource, rule_of
from tests.support.shelf import HOME, Shelf
from tests.support.traces import START, Documents, blog_request, handed_over, trace_id

LATE = START + timedelta(minutes=30)


def function(name: str, mode: str | None = None):
    return resource("lambda", "function", name, {"TracingConfig": {"Mode": mode}} if mode else {})


def test_a_function_without_tracing_is_found_unless_its_caller_passes_a_trace_on(
    shelf: Shelf,
) -> None:
    shelf.resources(
        function("active", "Active"), function("passive", "PassThrough"),
        function("silent"), function("blog-posts", "PassThrough"),
    )  # fmt: skip
    shelf.commit(Batch(traces=[handed_over(*blog_request(1))]))
    run, found = judged(shelf, rule_of(RULES, "LAM-24"))
    assert alarms(found) == [("passive", None), ("silent", None)]
    assert run.ok == 2


def test_a_function_that_only_its_caller_names_is_not_traced(shelf: Shelf) -> None:
    make = Documents(trace_id(7))
    invoke = make.call("Lambda", operation="Invoke", function_name="passive")
    shelf.resources(function("passive", "PassThrough"))
    shelf.commit(Batch(traces=[handed_over(make.segment("web", subsegments=[invoke]))]))
    _, found = judged(shelf, rule_of(RULES, "LAM-24"))
    assert alarms(found) == [("passive", None)]


def test_a_function_whose_traces_are_not_fetched_whole_is_known_from_their_summaries(
    shelf: Shelf,
) -> None:
    shelf.resources(function("passive", "PassThrough"))
    node = {"Name": "passive", "AccountId": "111111111111", "Type": "AWS::Lambda::Function"}
    summary = {"Id": trace_id(8), "StartTime": START.timestamp(), "ServiceIds": [node]}
    shelf.commit(Batch(traces=[handed_over(trace_id=trace_id(8), summary=summary)]))
    run, found = judged(shelf, rule_of(RULES, "LAM-24"))
    assert (alarms(found), run.ok) == ([], 1)


def test_functions_that_were_never_listed_are_not_traced_ones(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "LAM-24"))
    assert run.message == "inventory of lambda has not been read yet"


def test_a_stage_without_tracing_is_found_and_other_kinds_of_api_are_not_meant(
    shelf: Shelf,
) -> None:
    shelf.resources(
        resource("apigateway", "rest-stage", "blog / prod", {"tracingEnabled": True}),
        resource("apigateway", "rest-stage", "blog / test", {"tracingEnabled": False}),
        resource("apigateway", "http-stage", "feed / $default"),
    )
    run, found = judged(shelf, rule_of(RULES, "XRY-01"))
    assert alarms(found) == [("blog / test", None)]
    assert (run.ok, run.skip) == (1, 1)


def test_a_stage_that_is_seen_in_traces_is_traced_whatever_its_listing_says(shelf: Shelf) -> None:
    shelf.resources(resource("apigateway", "rest-stage", "blog / prod", {"tracingEnabled": False}))
    shelf.commit(Batch(traces=[handed_over(*blog_request(1))]))
    run, found = judged(shelf, rule_of(RULES, "XRY-01"))
    assert (alarms(found), run.ok) == ([], 1)


def test_a_topic_is_named_by_the_end_of_its_arn(shelf: Shelf) -> None:
    arn = "arn:aws:sns:eu-central-1:111111111111:news"

    def told(number: int):
        make = Documents(trace_id(number))
        call = make.call("SNS", operation="Publish", topic_arn=arn)
        return handed_over(make.segment("web", subsegments=[call]))

    shelf.commit(Batch(traces=[told(n) for n in range(10)]))
    _, found = judged(shelf, rule_of(RULES, "XRY-02"))
    assert [(each.name, each.resource) for each in found] == [("news", arn)]


def test_a_queue_behind_which_no_trace_goes_on_is_found(shelf: Shelf) -> None:
    shelf.commit(Batch(traces=[handed_over(*blog_request(n)) for n in range(10)]))
    _, found = judged(shelf, rule_of(RULES, "XRY-02"))
    assert alarms(found) == [("mail", None)]
    assert found[0].resource == "arn:aws:sqs:eu-central-1:111111111111:mail"
    assert found[0].evidence == {"type": "AWS::SQS::Queue", "traces": 10}


def test_a_queue_whose_consumer_links_to_the_sender_is_in_order(shelf: Shelf) -> None:
    sent = [blog_request(n) for n in range(10)]
    send = sent[3][2]["subsegments"][0]["subsegments"][1]
    make = Documents(trace_id(50), LATE)
    linked = make.segment("mailer", links=[{"trace_id": trace_id(3), "id": send["id"]}])
    shelf.commit(Batch(traces=[handed_over(*each) for each in (*sent, [linked])]))
    run, found = judged(shelf, rule_of(RULES, "XRY-02"))
    assert (alarms(found), run.ok) == ([], 1)


def test_a_few_traces_prove_nothing(shelf: Shelf) -> None:
    shelf.commit(Batch(traces=[handed_over(*blog_request(n)) for n in range(9)]))
    run, found = judged(shelf, rule_of(RULES, "XRY-02"))
    assert (alarms(found), run.skip) == ([], 1)


def test_one_trace_that_stands_for_many_proves_no_more_than_itself(shelf: Shelf) -> None:
    shelf.commit(Batch(traces=[handed_over(*blog_request(1), whole=True, weight=20.0)]))
    run, found = judged(shelf, rule_of(RULES, "XRY-02"))
    assert (alarms(found), run.skip) == ([], 1)


def test_a_service_of_the_same_name_in_another_account_is_not_meant(shelf: Shelf) -> None:
    shelf.resources(function("passive", "PassThrough"))
    node = {"Name": "passive", "AccountId": "999999999999", "Type": "AWS::Lambda::Function"}
    summary = {"Id": trace_id(8), "StartTime": START.timestamp(), "ServiceIds": [node]}
    shelf.commit(Batch(traces=[handed_over(trace_id=trace_id(8), summary=summary)]))
    _, found = judged(shelf, rule_of(RULES, "LAM-24"))
    assert alarms(found) == [("passive", None)]


def test_without_traces_the_check_says_why(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "XRY-02"))
    assert run.message == "traces of traces has not been read yet"
    shelf.round("traces", TRACES, Result.DENIED, message="xray:GetTraceSummaries is not allowed")
    run, _ = judged(shelf, rule_of(RULES, "XRY-02"))
    assert "could not be read: xray:GetTraceSummaries is not allowed" in run.message


@pytest.mark.parametrize(
    ("requests", "sampled", "expected"),
    [
        pytest.param(20_000, 20, [("Default", None)], id="one in a thousand of 20 errors a day"),
        pytest.param(20_000, 1_000, [], id="5 % of 20 errors a day"),
        pytest.param(1_000, 499, [("Default", None)], id="not half of the one error"),
        pytest.param(1_000, 500, [], id="half of the one error"),
        pytest.param(999, 1, [], id="too few requests to tell"),
        pytest.param(5_000, 6_000, [], id="more kept than met"),
    ],
)
def test_sampling_shows_a_rare_error_on_most_days_or_is_found(
    shelf: Shelf, requests: int, sampled: int, expected: list[tuple[str, None]]
) -> None:
    shelf.resources(resource(XRAY, "sampling_rule", "Default"))
    shelf.round("traces", TRACE_SETUP)
    for name, count in (("RequestCount", requests), ("SampledCount", sampled)):
        key = SeriesKey.of(HOME, SAMPLING_NAMESPACE, name, {"RuleName": "Default"})
        a_minute = count / 1_440
        shelf.put(key, f"{a_minute} _ {a_minute}")  # X-Ray reports single minutes
    _, found = judged(shelf, rule_of(RULES, "XRY-03"))
    assert alarms(found) == expected


def test_sampling_that_was_never_read_is_said(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "XRY-03"))
    assert run.message == "traces of trace-setup has not been read yet"
