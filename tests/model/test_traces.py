"""Traces from documents: what is rejected, put right, inferred and summed up."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.trace_reading import problems_of_age, trace_of
from app.model.traces import Flaw, Node, Outcome, SpanKind, is_trace_id, w3c_id, xray_id
from tests.support.traces import TRACE, Documents, blog_request, http, whole

ACCOUNT = "111111111111"


@given(st.integers(0, 2**128 - 1))
def test_ids_of_both_kinds_stand_for_each_other(number):
    digits = f"{number:032x}"
    ours = xray_id(digits)
    assert ours is not None
    assert is_trace_id(ours)
    assert w3c_id(ours) == digits
    assert xray_id(f" {ours.upper()} ") == ours


@pytest.mark.parametrize("text", ["", "1-5", "x" * 32, TRACE + "0", "2" + TRACE[1:]])
def test_anything_else_is_no_trace_id(text):
    assert xray_id(text) is None


def bad(**changes):
    document = Documents().segment("shop") | changes
    return {key: value for key, value in document.items() if value is not None}


@pytest.mark.parametrize(
    ("document", "flaw"),
    [
        pytest.param("{", Flaw.NOT_JSON, id="cut off"),
        pytest.param("[]", Flaw.NOT_JSON, id="not an object"),
        pytest.param(b"\xff\xfe", Flaw.NOT_JSON, id="not UTF-8"),
        pytest.param(orjson.dumps(bad(metadata={"m": "x" * 65_536})), Flaw.TOO_LONG, id="long"),
        pytest.param(bad(name=None), Flaw.MISSING_FIELD, id="no name"),
        pytest.param(bad(end_time=None), Flaw.MISSING_FIELD, id="neither ended nor in progress"),
        pytest.param(bad(trace_id=None), Flaw.MISSING_FIELD, id="no trace id"),
        pytest.param(bad(id="12"), Flaw.BAD_ID, id="a short id"),
        pytest.param(bad(trace_id="1-2-3"), Flaw.BAD_TRACE_ID, id="a malformed trace id"),
        pytest.param(bad(trace_id=TRACE[:-1] + "8"), Flaw.OTHER_TRACE, id="another trace"),
        pytest.param(bad(start_time="now"), Flaw.BAD_FIELD, id="a start that is no number"),
        pytest.param(bad(start_time=True), Flaw.BAD_FIELD, id="a start that is true"),
        pytest.param(bad(end_time=1e300), Flaw.BAD_FIELD, id="an end that is no time"),
        pytest.param(bad(start_time=4102444800), Flaw.BAD_FIELD, id="a start in 2100"),
        pytest.param(bad(end_time=253402300799), Flaw.BAD_FIELD, id="an end in 9999"),
        pytest.param(bad(name=["a"]), Flaw.BAD_FIELD, id="a name that is no text"),
    ],
)
def test_a_malformed_document_is_rejected_alone(document, flaw):
    good = Documents().segment("good") | {"id": "00000000000000aa"}
    found = trace_of(TRACE, [document, good])
    assert [s.name for s in found.segments] == ["good"]
    assert [p.flaw for p in found.problems] == [flaw]


@pytest.mark.parametrize(
    ("changes", "flaw", "duration"),
    [
        pytest.param({"in_progress": True}, Flaw.OPEN_AND_ENDED, 100_000, id="both"),
        pytest.param({"end_time": 1.0}, Flaw.ENDS_BEFORE_START, 0, id="backwards"),
        pytest.param({"parent_id": "00000000a0000001"}, Flaw.LOOP, 100_000, id="its own parent"),
        pytest.param({"parent_id": "00000000000000bb"}, Flaw.NO_PARENT, 100_000, id="an orphan"),
        pytest.param({"parent_id": 7}, Flaw.BAD_FIELD, 100_000, id="a parent that is no id"),
        pytest.param({"http": "x"}, Flaw.BAD_FIELD, 100_000, id="an object that is none"),
        pytest.param({"annotations": {"a": [1]}}, Flaw.BAD_FIELD, 100_000, id="an annotation"),
        pytest.param({"subsegments": [3]}, Flaw.BAD_FIELD, 100_000, id="a subsegment"),
    ],
)
def test_what_can_be_put_right_is_kept_and_flagged(changes, flaw, duration):
    found = trace_of(TRACE, [bad(**changes)])
    assert ([p.flaw for p in found.problems], found.root.duration) == ([flaw], duration)


def test_a_subsegment_below_a_rejected_one_goes_to_what_held_it():
    make = Documents()
    inner = make.subsegment("inner")
    broken = make.subsegment("broken", subsegments=[inner]) | {"id": "?"}
    found = whole(make.segment("top", subsegments=[broken]))
    assert [s.name for s in found.root.subsegments] == ["inner"]


def test_a_loop_is_cut_at_its_earliest_part():
    make = Documents()
    a, b = make.segment("a"), make.segment("b", at=5)
    a["parent_id"], b["parent_id"] = b["id"], a["id"]
    found = whole(a, b)
    assert (found.root.name, [p.flaw for p in found.problems]) == ("a", [Flaw.LOOP])


def test_a_callee_that_starts_before_its_caller_is_flagged():
    make = Documents()
    call = make.subsegment("peer", at=10, namespace="remote")
    caller = make.segment("caller", subsegments=[call])
    found = whole(caller, make.segment("peer", at=-40, of=call))
    assert [str(p) for p in found.problems] == [
        "00000000a0000003: starts before its caller (50.0 ms)"
    ]


def test_subsegments_may_come_before_and_apart_from_what_holds_them():
    make = Documents()
    top = make.segment("top")
    sub = make.segment("sub", of=top) | {"type": "subsegment"}
    deep = make.segment("deep", of=sub) | {"type": "subsegment"}
    found = whole(deep, sub, top)
    assert [s.name for s in found.root.walk()] == ["top", "sub", "deep"]
    assert {s.segment_id for s in found.walk()} == {top["id"]}


def test_a_subsegment_without_its_segment_is_shown_by_itself():
    make = Documents()
    sub = make.segment("sub") | {"type": "subsegment", "parent_id": "00000000000000cc"}
    found = whole(sub)
    assert (found.root, [s.kind for s in found.segments]) == (None, [SpanKind.SUBSEGMENT])
    assert [p.flaw for p in found.problems] == [Flaw.NO_PARENT]


def test_of_one_id_a_completed_document_wins_and_otherwise_the_last():
    make = Documents()
    done = make.segment("shop", took=100)
    begun = make.segment("shop", took=None) | {"id": done["id"]}
    assert whole(done, begun).root.duration == whole(begun, done).root.duration == 100_000
    longer = done | {"end_time": done["end_time"] + 1}
    assert whole(done, longer).root.duration == 1_100_000
    assert [p.flaw for p in whole(done, longer).problems] == [Flaw.SAME_ID]
    assert whole(done, done).problems == ()


@pytest.mark.parametrize(
    ("call", "name", "node"),
    [
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "GetItem", "table_name": "posts"}},
            "DynamoDB",
            Node(ACCOUNT, "posts", "AWS::DynamoDB::Table"),
            id="one table",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "BatchGetItem", "table_names": ["a", "b"]}},
            "DynamoDB",
            Node(ACCOUNT, "DynamoDB", "AWS::DynamoDB"),
            id="two tables",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"table_name": "posts"}},
            "DynamoDB",
            Node(ACCOUNT, "DynamoDB", "AWS::DynamoDB"),
            id="a table without an operation",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "PutObject", "bucket_name": "img"}},
            "S3",
            Node(ACCOUNT, "img", "AWS::S3::Bucket"),
            id="a bucket",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"bucket_name": "img"}},
            "S3",
            Node(ACCOUNT, "S3", "AWS::S3"),
            id="a bucket without an operation",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "PutObject"}},
            "S3",
            Node(ACCOUNT, "S3", "AWS::S3"),
            id="no bucket",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "SendMessage", "queue_url": "https://q/1/m"}},
            "SQS",
            Node(ACCOUNT, "https://q/1/m", "AWS::SQS::Queue"),
            id="a queue",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"queue_url": "https://q/1/m"}},
            "SQS",
            Node(ACCOUNT, "https://q/1/m", "AWS::SQS"),
            id="a queue without an operation",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "Publish", "topic_arn": "arn:t"}},
            "SNS",
            Node(ACCOUNT, "arn:t", "AWS::SNS"),
            id="a topic",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "Invoke", "function_name": "f"}},
            "Lambda",
            Node(ACCOUNT, "f", "AWS::Lambda"),
            id="a function",
        ),
        pytest.param(
            {"namespace": "aws", "aws": {"operation": "Decrypt", "account_id": "222222222222"}},
            "KMS",
            Node("222222222222", "KMS", "AWS::KMS"),
            id="another service, of another account",
        ),
        pytest.param(
            {"namespace": "remote", "sql": {"database_type": "PostgreSQL"}},
            "blog@db",
            Node("", "blog@db", "Database::PostgreSQL"),
            id="a database",
        ),
        pytest.param(
            {"namespace": "remote", "sql": {"sanitized_query": "SELECT 1"}},
            "blog@db",
            Node("", "blog@db", "Database::SQL"),
            id="a database of some engine",
        ),
        pytest.param(
            {"namespace": "remote"},
            "api.example.org",
            Node("", "api.example.org", "remote"),
            id="remote",
        ),
    ],
)
def test_a_call_that_nobody_answers_infers_a_node(call, name, node):
    make = Documents()
    found = whole(make.segment("shop", subsegments=[make.subsegment(name, at=5, **call)]))
    inferred = [s for s in found.segments if s.kind is SpanKind.INFERRED]
    assert [(s.name, s.node, s.duration) for s in inferred] == [(name, node, 50_000)]


def test_work_without_a_namespace_infers_nothing():
    make = Documents()
    assert len(whole(make.segment("shop", subsegments=[make.subsegment("render")])).segments) == 1


def test_a_segment_of_the_callee_replaces_the_inferred_one():
    make = Documents()
    call = make.subsegment("peer", namespace="remote")
    caller = make.segment("caller", subsegments=[call])
    inferred = make.segment("peer", of=call, inferred=True)
    real = make.segment("peer", of=call)
    found = whole(caller, inferred, real)
    assert [(s.id, s.kind) for s in found.segments] == [
        (caller["id"], SpanKind.SEGMENT),
        (real["id"], SpanKind.SEGMENT),
    ]
    assert found.segments[1].node == Node(ACCOUNT, "peer", "")


def test_an_inferred_document_keeps_its_name_and_its_node_is_the_resource():
    make = Documents()
    call = make.call("DynamoDB", operation="Query", table_name="posts")
    caller = make.segment("shop", subsegments=[call])
    given_by_aws = make.segment("DynamoDB", of=call, inferred=True, origin="AWS::DynamoDB::Table")
    found = whole(caller, given_by_aws)
    assert [(s.name, s.node.name) for s in found.segments] == [
        ("shop", "shop"),
        ("DynamoDB", "posts"),
    ]


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, Outcome.OK),
        ({"http": http(302)}, Outcome.OK),
        ({"http": http(404)}, Outcome.ERROR),
        ({"error": True}, Outcome.ERROR),
        ({"http": http(429)}, Outcome.THROTTLE),
        ({"error": True, "throttle": True, "http": http(429)}, Outcome.THROTTLE),
        ({"http": http(503)}, Outcome.FAULT),
        ({"fault": True, "error": True}, Outcome.FAULT),
        ({"fault": True, "throttle": True}, Outcome.THROTTLE),
        ({"fault": "true"}, Outcome.OK),
    ],
)
def test_an_outcome_is_a_flag_or_a_status(fields, outcome):
    found = whole(Documents().segment("shop", **fields)).root
    assert found.outcome is outcome
    assert found.error is (
        outcome is Outcome.ERROR or bool(fields.get("fault") is True and fields.get("error"))
    )


def test_the_summary_speaks_of_the_root():
    make = Documents()
    inner = make.subsegment("inner", at=10, took=300, error=True, annotations={"n": 4, "b": True})
    root = make.segment("shop", took=100, http=http(200), user="ann", subsegments=[inner])
    found = whole(root, make.segment("mail", at=20, of=inner, fault=True, user="bob")).summary
    assert (found.error, found.fault) == (False, False)
    assert (found.response_time, found.duration) == (100_000, 310_000)
    assert (found.status, found.method, found.users) == (200, "GET", ("ann", "bob"))
    assert found.annotations == {"n": (4.0,), "b": (True,)}
    assert found.entry == Node(ACCOUNT, "shop", "")


def test_a_root_in_progress_has_no_times_and_is_not_partial():
    found = whole(Documents().segment("shop", took=None, http=http(200)))
    summary = found.summary
    assert (summary.duration, summary.response_time, summary.status) == (None, None, None)
    assert (summary.partial, found.root.ok) == (False, True)
    assert [p.flaw for p in problems_of_age(found, found.root.start + 1)] == [Flaw.NEVER_FINISHED]
    assert problems_of_age(found, found.root.start) == ()


def test_a_summary_of_aws_adds_what_documents_do_not_tell():
    causes = [{"ClientImpacting": True, "Services": []}]
    told = {"Revision": 4, "IsPartial": True, "FaultRootCauses": causes, "ErrorRootCauses": []}
    found = whole(Documents().segment("shop"), summary=told).summary
    assert (found.revision, found.partial) == (4, True)
    assert found.causes == {"FaultRootCauses": causes}


def test_a_cold_start_is_seen():
    warm = whole(*blog_request()).summary
    make = Documents()
    init = make.subsegment("Initialization")
    cold = whole(make.segment("fn", origin="AWS::Lambda::Function", subsegments=[init])).summary
    assert (warm.cold_start, cold.cold_start) == (False, True)
    assert whole(make.segment("shop")).summary.cold_start is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
_IDS = st.sampled_from(["00000000000000a1", "00000000000000a2", "00000000000000a3", "x"])
_SOME = st.fixed_dictionaries(
    {},
    optional={
        "name": _VALUES | st.just("DynamoDB"),
        "id": _IDS,
        "trace_id": st.just(TRACE) | _VALUES,
        "start_time": st.just(1795000000.0) | _VALUES,
        "end_time": st.just(1795000001.0) | _VALUES,
        "in_progress": _VALUES,
        "parent_id": _IDS | _VALUES,
        "namespace": st.sampled_from(["aws", "remote"]) | _VALUES,
        "type": st.just("subsegment"),
        "inferred": st.booleans(),
        "http": _VALUES | st.fixed_dictionaries({"response": _VALUES, "request": _VALUES}),
        "aws": _VALUES | st.fixed_dictionaries({"table_names": _VALUES, "ec2": _VALUES}),
        "annotations": _VALUES,
        "links": _VALUES,
        "cause": _VALUES,
        "origin": _VALUES,
    },
)
_DOCUMENTS = st.recursive(
    _SOME,
    lambda inner: st.builds(lambda d, s: d | {"subsegments": s}, _SOME, st.lists(inner)),
    max_leaves=4,
)


@settings(max_examples=300)
@given(st.lists(_DOCUMENTS | _VALUES.map(lambda v: orjson.dumps(str(v))), max_size=5))
def test_no_document_breaks_a_trace(documents):
    found = trace_of(TRACE, documents)
    ids = [span.id for span in found.walk()]
    assert len(ids) == len(set(ids))
