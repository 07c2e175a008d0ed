from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.read.spend.decompose import Usage, decompose


def usage(service: str, kind: str, usd: str, quantity: float, unit: str = "Hrs") -> Usage:
    return Usage((service, kind), Decimal(usd), quantity, unit)


def only(before: list[Usage], after: list[Usage]):
    (mover,) = decompose(before, after)
    return mover.effects


def test_more_of_the_same_is_volume():
    found = only([usage("EC2", "t3", "10", 100)], [usage("EC2", "t3", "15", 150)])
    assert (found.price, found.volume, found.mix) == (0, 5, 0)
    assert found.largest == "volume"


def test_another_rate_is_price():
    found = only([usage("EC2", "t3", "10", 100)], [usage("EC2", "t3", "12", 100)])
    assert (found.price, found.volume, found.mix) == (2, 0, 0)


def test_both_at_once_are_told_apart():
    # 100 at 0.10 becomes 150 at 0.12: 50 more at 0.10, and 150 at 0.02 more
    found = only([usage("EC2", "t3", "10", 100)], [usage("EC2", "t3", "18", 150)])
    assert (found.price, found.volume, found.mix) == (3, 5, 0)


def test_dearer_kinds_in_the_same_hours_are_mix():
    before = [usage("EC2", "t3", "10", 100), usage("EC2", "m5", "50", 100)]
    after = [usage("EC2", "t3", "5", 50), usage("EC2", "m5", "75", 150)]
    found = only(before, after)
    assert (found.price, found.volume, found.mix) == (0, 0, 20)


def test_a_kind_that_is_new_is_mix_and_a_service_that_is_new_says_so():
    (mover,) = decompose([], [usage("NAT", "bytes", "7", 100)])
    assert mover.is_new
    assert mover.effects.mix == 7
    (mover,) = decompose([usage("NAT", "bytes", "7", 100)], [])
    assert mover.is_gone


def test_quantities_of_different_units_are_never_added_up():
    before = [
        usage("S3", "storage", "10", 100, "GB-Mo"),
        usage("S3", "gets", "1", 10**6, "Requests"),
    ]
    after = [
        usage("S3", "storage", "10", 100, "GB-Mo"),
        usage("S3", "gets", "2", 2 * 10**6, "Requests"),
    ]
    found = only(before, after)
    assert (found.price, found.volume, found.mix) == (0, 1, 0)


def test_the_largest_change_comes_first_also_when_it_saves():
    before = [usage("A", "a", "10", 1), usage("B", "b", "10", 1), usage("C", "c", "1", 1)]
    after = [usage("A", "a", "11", 1), usage("B", "b", "4", 1), usage("C", "c", "1", 1)]
    assert [m.key for m in decompose(before, after)] == [("B",), ("A",), ("C",)]


amounts = st.decimals("-1000", "100000", places=8)
rows = st.lists(
    st.builds(
        Usage,
        st.tuples(st.sampled_from("AB"), st.sampled_from("abc")),
        amounts,
        st.just(0.0) | st.floats(0.01, 1e9),
        st.sampled_from(["", "Hrs", "GB"]),
    ),
    max_size=6,
    unique_by=lambda row: (row.key, row.unit),
)


@settings(max_examples=60, deadline=None)
@given(rows, rows)
def test_price_volume_and_mix_add_up_to_the_change_exactly(before, after):
    for mover in decompose(before, after):
        found = mover.effects
        assert found.price + found.volume + found.mix == found.change
    total = sum((row.usd for row in after), Decimal(0)) - sum((r.usd for r in before), Decimal(0))
    assert sum((m.effects.change for m in decompose(before, after)), Decimal(0)) == total
