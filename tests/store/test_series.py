"""Series: ids, identity, finding."""

from __future__ import annotations

import pytest

from app.model.ids import SeriesKey
from app.model.rounds import Batch
from tests.store.conftest import Opener
from tests.store.samples import HOUR, KEYS, NOW, PROD, STAGING, Writing, hold, key

QUEUE = SeriesKey.of(STAGING, "AWS/SQS", "NumberOfMessagesSent", {"QueueName": "jobs"})
WIDE = SeriesKey.of(PROD, "AWS/Lambda", "Errors", {"FunctionName": "fn-0", "Resource": "fn-0:live"})


@pytest.fixture
def filled(writing: Writing) -> Writing:
    writing.commit(Batch(series=[KEYS[0], WIDE], listed_series=[QUEUE, KEYS[0]]))
    return writing


def found(writing: Writing, **wanted: object) -> list[int]:
    return writing.store.series.find(**wanted)["series"].to_list()


def test_an_id_stays_with_its_series(filled: Writing) -> None:
    filled.commit(Batch(listed_series=[WIDE, QUEUE, KEYS[0], KEYS[1]]))
    assert list(filled.store.series.ids([KEYS[0], WIDE, QUEUE, KEYS[1]])) == [1, 2, 3, 4]


def test_the_order_of_dimensions_does_not_matter(filled: Writing) -> None:
    turned = SeriesKey.of(
        PROD, "AWS/Lambda", "Errors", {"Resource": "fn-0:live", "FunctionName": "fn-0"}
    )
    assert list(filled.store.series.ids([turned])) == [2]


def test_an_unknown_series_has_id_0(filled: Writing) -> None:
    assert list(filled.store.series.ids([KEYS[4]])) == [0]


def test_keys_come_back_by_id(filled: Writing) -> None:
    assert filled.store.series.keys([3, 1]) == [QUEUE, KEYS[0]]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, [1, 2, 3], id="everything"),
        pytest.param({"places": [PROD]}, [1, 2], id="by place"),
        pytest.param({"places": []}, [], id="in no place"),
        pytest.param({"namespace": "AWS/SQS"}, [3], id="by namespace"),
        pytest.param({"metric": "Errors"}, [2], id="by metric"),
        pytest.param({"dimensions": {"FunctionName": "fn-0"}}, [1, 2], id="by some dimensions"),
        pytest.param(
            {"dimensions": {"FunctionName": "fn-0", "Resource": "fn-0:live"}}, [2], id="by all"
        ),
        pytest.param({"dimensions": {"FunctionName": "fn"}}, [], id="no prefix counts"),
        pytest.param({"ids": [2, 3]}, [2, 3], id="by id"),
        pytest.param({"ids": [2, 3], "places": [PROD]}, [2], id="by id and place"),
    ],
)
def test_series_are_found(filled: Writing, wanted: dict[str, object], expected: list[int]) -> None:
    assert found(filled, **wanted) == expected


def test_a_found_series_tells_its_dimensions(filled: Writing) -> None:
    row = filled.store.series.find(metric="Errors").row(0, named=True)
    assert row["dimensions"] == [
        {"name": "FunctionName", "value": "fn-0"},
        {"name": "Resource", "value": "fn-0:live"},
    ]


def test_a_listing_is_remembered_with_its_time(filled: Writing) -> None:
    filled.commit(Batch(listed_series=[QUEUE]), now=NOW + HOUR)
    times = filled.store.series.find().select("series", "first_seen", "last_listed").rows()
    assert times == [(1, NOW, NOW), (2, NOW, None), (3, NOW, NOW + HOUR)]


def test_other_processes_follow(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    writer.commit(Batch(series=[KEYS[0]]))
    reader.refresh()
    writer.commit(Batch(listed_series=[KEYS[0], key(7)]), now=NOW + HOUR)
    reader.refresh()
    assert list(reader.series.ids([KEYS[0], key(7)])) == [1, 2]
    assert reader.series.find()["last_listed"].to_list() == [NOW + HOUR, NOW + HOUR]


def test_a_new_key_is_never_taken_for_one_that_was_listed_again(opener: Opener) -> None:
    """Known keys are recognised by their address, which must not come free."""
    writer, reader = hold(opener()), opener(writer=False)
    known = [key(number) for number in range(500)]
    writer.commit(Batch(series=known))
    reader.refresh()
    for hours in (1, 2, 3):
        writer.commit(Batch(listed_series=known), now=NOW + hours * HOUR)
        reader.refresh()
    strangers = [key(number) for number in range(1000, 3000)]
    assert set(reader.series.ids(strangers).tolist()) == {0}
    assert reader.series.ids(known).tolist() == list(range(1, 501))
