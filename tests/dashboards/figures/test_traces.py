"""The figures of traces: points of response times, and the service map with its places."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.model.states import Health
from dashboards.figures import MapEdge, MapNode, Outcomes, Point, scatter, service_map
from dashboards.figures.layers import places
from dashboards.figures.service_map import folded, slowest_edge
from tests.support.figures import size, unpacked, valid


def points(window, times, outcome="ok"):
    return [Point(window.start + timedelta(seconds=n), ms, outcome) for n, ms in enumerate(times)]


def test_points_are_drawn_by_how_they_ended_and_know_their_place(window):
    drawn = valid(
        scatter([*points(window, [10, 20]), *points(window, [5], "fault")], window=window)
    )
    assert [(trace["name"], trace["marker"]["color"]) for trace in drawn["data"]] == [
        ("ok", "--series-1"),
        ("fault", "--critical"),
    ]
    assert [unpacked(trace["customdata"]) for trace in drawn["data"]] == [[0, 1], [2]]
    assert drawn["layout"]["meta"]["log"] is False


def test_the_axis_is_logarithmic_when_the_slow_are_far_off(window):
    drawn = valid(scatter(points(window, [10.0] * 50 + [1000.0] * 5), window=window))
    assert drawn["layout"]["meta"]["log"] is True
    assert drawn["layout"]["yaxis"]["range"] == [1.0, 3.0]
    assert drawn["layout"]["yaxis"]["ticktext"] == ["10\u00a0ms", "100\u00a0ms", "1\u00a0s"]
    assert unpacked(drawn["data"][0]["y"])[:1] == pytest.approx([1.0])


def test_a_thousand_points_are_a_small_figure(window):
    assert size(scatter(points(window, range(1, 1001)), window=window)) < 60_000


def node(name, total=100, fault=0, type_="AWS::Lambda"):
    return MapNode(name, name, type_, "function", Outcomes(ok=total - fault, fault=fault, p95=9.0))


def edge(source, target, p99=10.0, **more):
    return MapEdge(source, target, Outcomes(ok=10, p50=1.0, p99=p99), **more)


def test_callers_stand_left_of_what_they_call():
    at = places(["db", "api", "client"], [("client", "api"), ("api", "db")])
    assert [at[name][0] for name in ("client", "api", "db")] == [0, 1, 2]


def test_a_loop_and_a_call_of_itself_have_places_too():
    at = places(["a", "b"], [("a", "b"), ("b", "a"), ("a", "a")])
    assert sorted(x for x, _ in at.values()) == [0, 1]


def test_nodes_of_one_column_stand_apart_around_the_middle():
    at = places(["a", "x", "y"], [("a", "x"), ("a", "y")])
    assert sorted(at[name][1] for name in "xy") == [-0.5, 0.5]


def test_the_slowest_link_is_the_one_that_is_slow_by_itself():
    edges = [edge("c", "api", 900.0), edge("api", "db", 850.0), edge("api", "q", 999.0, link=True)]
    assert slowest_edge(edges).target == "db"
    nodes = [node(name) for name in ("c", "api", "db", "q")]
    drawn = {one["data"]["id"]: one for one in service_map(nodes, edges)[4:]}
    assert "slowest" in drawn["api>db"]["classes"]
    assert drawn["api>db"]["data"]["label"] == "slowest · 1\u00a0ms / 850\u00a0ms"
    assert "link" in drawn["api>q~"]["classes"]


def test_the_busiest_nodes_stay_and_the_rest_of_a_type_stand_together():
    nodes = [node(f"n{n}", total=n) for n in range(1, 100)]
    edges = [edge("n99", f"n{n}") for n in range(1, 99)]
    kept, links = folded(nodes, edges, most=10)
    assert len(kept) == 10
    assert (kept[-1].name, kept[-1].count) == ("90 more", 90)
    assert sum(link.outcomes.ok for link in links) == 980


def test_trouble_is_never_folded_away():
    nodes = [node(f"n{n}", total=100) for n in range(30)]
    bad = MapNode("bad", "bad", "x", "other", Outcomes(fault=1), Health.CRITICAL)
    kept, _ = folded([*nodes, bad], [], most=5)
    assert "bad" in [each.name for each in kept]


def test_the_slowest_call_is_never_folded_away():
    nodes = [node(f"n{n}", total=100 - n) for n in range(30)]
    edges = [edge("n0", "n1", 5.0), edge("n0", "n29", 900.0)]
    kept, links = folded(nodes, edges, most=5)
    assert "n29" in [each.name for each in kept]
    assert slowest_edge(links).target == "n29"


def test_a_node_shows_its_outcomes_as_shares_of_a_ring_and_its_state_as_a_shape():
    broken = MapNode("a", "a", "x", "table", Outcomes(ok=50, fault=50), Health.CRITICAL)
    svg = service_map([broken], [])[0]["data"]["svg"]
    half = 119.38
    assert svg.count(f'stroke-dasharray="{half}') == 2
    assert 'fill="--critical"' in svg
    assert "#" not in svg


def test_a_link_without_times_says_nothing():
    drawn = service_map([node("a"), node("b")], [MapEdge("a", "b", Outcomes())])
    assert drawn[-1]["data"]["label"] == ""
