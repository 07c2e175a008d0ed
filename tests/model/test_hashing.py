from __future__ import annotations

import polars as pl
import pytest

from app.model.hashing import event_hashes, text_hashes
from app.model.ids import Place
from app.model.logs import LogGroupKey

PLACE = Place("111111111111", "eu-central-1")
ORDERS = LogGroupKey(PLACE, "/aws/lambda/orders")


def test_hashes_lie_in_files_and_never_change():
    found = text_hashes(pl.Series(["", "a", "36461735893837383", "ünï"]), seed=7)
    assert found.tolist() == [
        1346066267577507604,
        14366888747938840106,
        16772898030153300544,
        989833969092771802,
    ]


def test_a_hash_does_not_depend_on_the_texts_around_it():
    texts = [f"{'x' * (number % 19)}{number}" for number in range(500)]
    together = text_hashes(pl.Series(texts)).tolist()
    alone = [text_hashes(pl.Series([text])).item() for text in texts]
    assert together == alone


def test_texts_that_differ_by_an_end_of_zero_bytes_differ():
    assert len(set(text_hashes(pl.Series(["a", "a\0", "a\0\0"])).tolist())) == 3


def test_ten_thousand_ids_that_count_upwards_have_as_many_hashes_in_all_bits():
    ids = pl.Series(
        [f"3646173589383738312345678901234567890123456789{n:010}" for n in range(10_000)]
    )
    found = event_hashes(ORDERS, ids)
    assert found.n_unique() == 10_000
    for bit in range(64):
        share = (found.to_numpy() >> bit & 1).mean()
        assert share == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(LogGroupKey(PLACE, "/aws/lambda/orders2"), id="another name"),
        pytest.param(LogGroupKey(Place("222222222222", "eu-central-1"), ORDERS.name), id="account"),
        pytest.param(LogGroupKey(Place("111111111111", "us-east-1"), ORDERS.name), id="region"),
    ],
)
def test_one_id_in_two_groups_is_two_events(other):
    ids = pl.Series(["36461735893837383"])
    assert event_hashes(ORDERS, ids).item() != event_hashes(other, ids).item()
