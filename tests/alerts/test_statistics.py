"""Statistics of one slot, held against values recorded from CloudWatch."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.statistics import StatisticSet, parse, statistic

WEIGHTED = [(2.0, 2.0), (10.0, 3.0)]
ONE_TO_TEN = [float(value) for value in range(1, 11)]
EDGES = [(1.0, 0.0), (2.0, 2.0), (10.0, 3.0), (20.0, 0.0)]
ALONE = [(1.0, 0.0), (20.0, 0.0), (5.0, 1.0)]
SPREAD_SET = StatisticSet(3, 15, 1, 9)
EQUAL_SET = StatisticSet(3, 21, 7, 7)


@pytest.mark.parametrize(
    ("name", "samples", "sets", "recorded"),
    [
        ("p10", WEIGHTED, [], 2.0349693249),
        ("p50", WEIGHTED, [], 9.8746194985),
        ("p90", WEIGHTED, [], 9.9747971831),
        ("p0", WEIGHTED, [], 2.0),
        ("p100", WEIGHTED, [], 10.0),
        ("TS(2.05:9.97)", WEIGHTED, [], 26.5275687313),
        ("PR(2.05:9.97)", WEIGHTED, [], 74.0926859003),
        ("WM(:2.05)", WEIGHTED, [], 2.0465178345),
        ("WM(3:8)", WEIGHTED, [], 6.0),
        ("TC(3:8)", WEIGHTED, [], 0.0),
        ("TM(3:8)", WEIGHTED, [], None),
        ("TM(3:8)", ONE_TO_TEN, [], 5.5553203257),
        ("WM(2:5)", EDGES, [], 3.8211603278),
        ("TM(2.05:9.97)", EDGES, [], 4.2538091959),
        ("WM(:10%)", WEIGHTED, [EQUAL_SET], 2.1828717762),
        ("TS(:40%)", WEIGHTED, [EQUAL_SET], 12.3780487480),
        ("WM(40%:)", WEIGHTED, [EQUAL_SET], 8.3015704672),
        ("WM(3:8)", WEIGHTED, [SPREAD_SET], 3.75),
        ("WM(:7)", ONE_TO_TEN, [], 4.8664405825),
        ("TC(:7)", ONE_TO_TEN, [], 6.4050539617),
        ("WM(100:)", ONE_TO_TEN, [], 10.0),
        ("WM(7:7)", ONE_TO_TEN, [], 7.0),
        ("TM(7:7)", ONE_TO_TEN, [], None),
        ("WM(:0)", WEIGHTED, [], 2.0),
        ("WM(50%:50%)", WEIGHTED, [], 0.0),
        ("WM(2.14:9.84)", WEIGHTED, [], 6.7600179395),
        ("WM(25%:)", WEIGHTED, [], 6.8224196890),
        ("WM(:50%)", EDGES, [], 7.2289955318),
        ("WM(40%:)", EDGES, [], 7.0627671098),
        ("WM(:10%)", ALONE, [], 4.6368741981),
        ("WM(:90%)", ALONE, [], 4.8222245822),
        ("WM(10%:)", ALONE, [], 4.8635793390),
        ("WM(25%:)", ALONE, [], 4.8954836437),
        ("WM(40%:)", ALONE, [], 4.8961327595),
        ("TS(40%:)", ALONE, [], 2.9499726572),
        ("PR(1.99:2.02)", WEIGHTED, [SPREAD_SET], 3.8486858867),
        ("p50", WEIGHTED, [SPREAD_SET], None),
        ("tm90", WEIGHTED, [SPREAD_SET], None),
        ("p0", WEIGHTED, [SPREAD_SET], 1.0),
        ("p100", [], [SPREAD_SET], 9.0),
        ("PR(1:5)", [], [SPREAD_SET], None),
        ("p50", [], [StatisticSet(3, 22, 7, 7)], 7.0),
        ("tm90", [], [StatisticSet(3, 22, 7, 7)], None),
        ("p50", [(2.0, 0.2), (10.0, 0.3)], [], None),
        ("p50", [-1.0, 2.0], [], None),
        ("p50", [], [], None),
    ],
)
def test_a_statistic_has_the_recorded_value(
    name: str,
    samples: list[tuple[float, float]],
    sets: list[StatisticSet],
    recorded: float | None,
) -> None:
    assert statistic(name, samples, sets) == (
        None if recorded is None else pytest.approx(recorded, abs=1e-9)
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("SampleCount", 6), ("Sum", 35), ("Average", 35 / 6), ("Minimum", 1), ("Maximum", 9)],
)
def test_plain_statistics_take_samples_and_sets(name: str, expected: float) -> None:
    samples: list[float | tuple[float, float]] = [2.0, (9.0, 2.0)]
    assert statistic(name, samples, [SPREAD_SET]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("TC(0:5)", 3.0, id="a range that begins at 0 leaves out the zeros"),
        pytest.param("TC(:5)", 5.0, id="an open one keeps them"),
        pytest.param("PR(:0)", 40.0, id="its end belongs to a range"),
        pytest.param("PR(0:0)", 0.0, id="a range of one value is empty"),
        pytest.param("TM(0:0)", None, id="and has no mean"),
        pytest.param("WM(:6)", 3 * (5 + 1.1**16) / 2 / 5, id="no sample lies beyond the edge"),
    ],
)
def test_zeros_have_a_place_of_their_own(name: str, expected: float | None) -> None:
    zeros = [(0.0, 2.0), (5.0, 3.0)]
    assert statistic(name, zeros) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("WM(7:10)", 7.0), ("WM(1:3)", 7.0), ("TC(7:10)", 0.0), ("TC(5:7)", 3.0), ("PR(:7)", 100.0)],
)
def test_equal_samples_lie_at_the_upper_end_of_a_range(name: str, expected: float) -> None:
    assert statistic(name, [7.0, 7.0, 7.0]) == pytest.approx(expected)


def test_a_cut_on_the_edge_of_a_bin_stays_there() -> None:
    samples = [(1.0, 55.0), (100.0, 45.0)]
    assert statistic("p55", samples) == pytest.approx(1.1)


@pytest.mark.parametrize(
    "text",
    ["p99", "p0", "p100", "p99.9999", "tm80", "wm12.5", "IQM", "TM(2%:98%)", "TC(:300)",
     "PR(1e3:2.5e3)", "WM(10%:)", "ts90", "tc5"],
)  # fmt: skip
def test_a_statistic_may_be_written_as(text: str) -> None:
    assert parse(text).text == text


@pytest.mark.parametrize(
    "text",
    ["P99", "p101", "p99.12345678901", "pr50", "TM(80)", "TM(:)", "PR(1%:2%)", "PR(-1:0)", "o5",
     "u5", "p99_E", "average", "TM(90%:10%)", "TM(10%:90)", ""],
)  # fmt: skip
def test_a_statistic_may_not_be_written_as(text: str) -> None:
    with pytest.raises(ValueError, match="is not supported"):
        parse(text)


positive = st.floats(1e-6, 1e9, allow_nan=False)


@given(st.lists(positive, min_size=1, max_size=30), st.integers(1, 99), st.integers(1, 99))
def test_percentiles_rise_and_stay_between_the_extremes(
    samples: list[float], one: int, other: int
) -> None:
    low, high = sorted((one, other))
    lower, upper = statistic(f"p{low}", samples), statistic(f"p{high}", samples)
    assert lower is not None
    assert upper is not None
    assert min(samples) * (1 - 1e-9) <= lower <= upper * (1 + 1e-9)
    assert upper <= max(samples) * (1 + 1e-9)


@given(st.lists(positive, min_size=1, max_size=30), st.integers(0, 100))
def test_trimmed_counts_of_both_sides_add_up(samples: list[float], cut: int) -> None:
    below = statistic(f"TC(:{cut}%)", samples) or 0.0
    above = statistic(f"TC({cut}%:)", samples) or 0.0
    assert math.isclose(below + above, len(samples), abs_tol=1e-9)
