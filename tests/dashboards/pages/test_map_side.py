"""The ways on from a node and a link of the service map."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.rounds import Batch
from app.read import Counts, MapFound, ServiceNode, TraceQuestion
from dashboards.figures import folded, service_map
from dashboards.pages import map_answer, map_parts, map_side
from tests.support.components import of_type, text, with_class
from tests.support.shelf import AWAY, Shelf, function
from tests.support.traces import Documents, blog_request, handed_over, http, trace_id


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "fault"), (404, "error"), (429, "throttle")], ids=str
)
def test_the_failed_ones_of_a_node_and_a_link_are_those_that_its_tile_counts(
    tmp_path: Path, status: int, kind: str
) -> None:
    made = Shelf(tmp_path)
    make = Documents(trace_id(1))
    call = make.subsegment("pay", 5, 20, namespace="remote", http=http(status), **{kind: True})
    flags = {"error": True} if kind == "throttle" else {}
    call |= flags
    root = make.segment("web", http=http(status), subsegments=[call], **{kind: True}, **flags)
    made.commit(Batch(traces=[handed_over(root), handed_over(*blog_request(2))]))
    question = TraceQuestion("", made.scope(timedelta(hours=3)))
    found = made.reads.trace_page.map(question)
    web = next(node for node in found.nodes if node.name == "web")
    edge = next(each for each in found.edges if each.source == web.id)
    for counts in (web.counts, edge.counts):
        assert getattr(counts, kind) == 1
    for which in (("node", web.id), ("edge", map_answer.edge_id(edge))):
        hrefs = re.findall(r'"(/traces[^"]*)"', _said(map_side.side(made.reads, question, which)))
        [failed] = [q for h in hrefs if "fault" in (q := parse_qs(urlsplit(h).query)["q"][0])]
        passing = made.reads.trace_page.rows(replace(question, text=failed))
        assert passing.matching == 1
    made.close()


def test_a_dashed_link_leads_to_the_traces_that_received(tmp_path: Path) -> None:
    made = Shelf(tmp_path)
    links = [{"trace_id": trace_id(1), "id": "00000000000000aa"}]
    sent = Documents(trace_id(1)).segment("web", id="00000000000000aa")
    taken = Documents(trace_id(2)).segment("mailer", 400, 30, fault=True, links=links)
    made.commit(Batch(traces=[handed_over(sent), handed_over(taken)]))
    question = TraceQuestion("", made.scope(timedelta(hours=3)))
    found = made.reads.trace_page.map(question)
    [edge] = [each for each in found.edges if each.link]
    side = map_side.side(made.reads, question, ("edge", map_answer.edge_id(edge)))
    assert "Traces that received" in text(side)
    hrefs = re.findall(r'"(/traces[^"]*)"', _said(side))
    asked = [parse_qs(urlsplit(href).query)["q"][0] for href in hrefs]
    listed = [made.reads.trace_page.rows(replace(question, text=each)).rows for each in asked]
    assert [[row.trace_id for row in rows] for rows in listed] == 2 * [[trace_id(2)]]
    made.close()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Two entries that call more services than are drawn; the last of these fails."""
    made = Shelf(tmp_path_factory.mktemp("store"))
    traces = []
    for number, entry in enumerate(("web", 'the "shop"')):
        make = Documents(trace_id(number))
        calls = [
            make.subsegment(f"part {n}", n, 5, namespace="remote", fault=n == 69 and number == 0)
            for n in range(70)
        ]
        status = 500 if number else 200
        traces.append(make.segment(entry, http=http(status), fault=number == 1, subsegments=calls))
    made.commit(Batch(traces=[handed_over(each) for each in traces]))
    yield made
    made.close()


def drawn(shelf: Shelf, question: TraceQuestion) -> list[dict[str, Any]]:
    found = map_answer.map_of(shelf.reads, question)
    return [one["data"] for one in service_map(*map_answer.drawn(found))]


def opened(panel: Any) -> list[tuple[str, str]]:
    """What the buttons of a panel open: node or edge, and its id."""
    values = [one.to_plotly_json()["props"] for one in of_type(panel, "Button")]
    return [(each["data-open-map"], each["data-key"]) for each in values]


def filters(panel: Any) -> list[str]:
    """The filters of the ways from a panel to traces."""
    hrefs = [urlsplit(one.href) for one in of_type(panel, "Link")]
    return [parse_qs(each.query)["q"][0] for each in hrefs if each.path == "/traces"]


def test_clients_are_never_folded_and_names_of_several_accounts_are_told_apart() -> None:
    counts = Counts(ok=1)
    several = [("web", "prod"), ("web", "staging"), ("only", "prod")]
    nodes = [ServiceNode(f"{n}|{a}", n, "EC2", a, counts) for n, a in several]
    nodes += [ServiceNode(f"client|{a}", "web", "client", a, counts) for a in ("prod", "staging")]
    nodes += [ServiceNode(f"t|{n}", f"t{n}", "table", "prod", counts) for n in range(60)]
    shown, _ = folded(*map_answer.drawn(MapFound(nodes=tuple(nodes))))
    names = {node.name for node in shown}
    assert {"Clients (prod)", "Clients (staging)"} < names
    told = {node.name for node in map_answer.drawn(MapFound(nodes=tuple(nodes)))[0]}
    assert {"web", "web (staging)", "only"} < told


def test_everything_that_is_drawn_opens_with_content(many: Shelf) -> None:
    question = TraceQuestion("", many.scope(timedelta(hours=3)))
    for one in drawn(many, question):
        kind = "edge" if "source" in one else "node"
        panel = map_side.side(many.reads, question, (kind, one["id"]))
        assert panel is not None, one["id"]
        assert with_class(panel, "tiles")


def test_a_folded_group_lists_its_members_and_each_opens(many: Shelf) -> None:
    question = TraceQuestion("", many.scope(timedelta(hours=3)))
    group = next(one for one in drawn(many, question) if one["id"].startswith("more:"))
    count = int(group["label"].split(" ")[0])
    panel = map_side.side(many.reads, question, ("node", group["id"]))
    members = opened(panel)
    assert len(members) == count > 20
    for kind, key in members:
        assert key.split("|")[1] in text(map_side.side(many.reads, question, (kind, key)))


def test_a_line_to_a_folded_group_lists_its_links_and_each_opens(many: Shelf) -> None:
    question = TraceQuestion("", many.scope(timedelta(hours=3)))
    line = next(one for one in drawn(many, question) if one.get("target", "").startswith("more:"))
    links = opened(map_side.side(many.reads, question, ("edge", line["id"])))
    assert len(links) > 20
    assert "Traces over this link" in text(map_side.side(many.reads, question, links[0]))


def test_clients_open_with_their_entries_and_the_ways_to_their_traces(many: Shelf) -> None:
    question = TraceQuestion("responsetime > 0 OR fault", many.scope(timedelta(hours=3)))
    clients = next(one for one in drawn(many, question) if one["id"].startswith("clients|"))
    panel = map_side.side(many.reads, question, ("node", clients["id"]))
    counts = [
        many.reads.trace_page.rows(replace(question, text=each)).matching for each in filters(panel)
    ]
    assert sorted(counts) == [0, 1, 1, 1]
    assert len(opened(panel)) == 2


def test_a_function_of_two_accounts_leads_to_its_own_resource(tmp_path: Path) -> None:
    made = Shelf(tmp_path)
    mine = function("blog-posts")
    theirs = {"account": AWAY.account, "region": AWAY.region}
    made.resources(mine, replace(mine, arn=f"{mine.arn}-of-another", **theirs))
    made.commit(Batch(traces=[handed_over(*blog_request(1))]))
    question = TraceQuestion("", made.scope(timedelta(hours=3)))
    found = map_answer.map_of(made.reads, question)
    [code] = [n for n in found.nodes if n.type == "AWS::Lambda::Function"]
    panel = map_side.side(made.reads, question, ("node", code.id))
    assert any(one.href.endswith(mine.arn) for one in of_type(panel, "Link"))
    assert "Called byServiceRequestsFailedp50p99blog/prod1" in text(panel)
    made.close()


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        (Counts(ok=1, fault=77), "77 faults"),
        (Counts(error=1, throttle=2), "1 errors, 2 throttles"),
        (Counts(ok=5), "none failed"),
    ],
)
def test_only_what_happened_is_told_of_failures(counts: Counts, note: str, many: Shelf) -> None:
    window = many.scope().window
    assert f"{note}p50" in text(map_parts.numbers(replace(counts, p50=1.0), window))


def test_counts_that_stand_for_more_traces_than_are_listed_say_so(many: Shelf) -> None:
    question = TraceQuestion("", many.scope(timedelta(hours=3)))
    found = map_answer.map_of(many.reads, question)
    assert map_parts.estimated(found) is None
    assert "Estimated" in text(map_parts.estimated(replace(found, matching=99)))


def test_the_failed_ones_of_a_client_are_those_that_its_tile_counts(many: Shelf) -> None:
    question = TraceQuestion("", many.scope(timedelta(hours=3)))
    found = many.reads.trace_page.map(question)
    for edge in found.edges:
        if not edge.source.startswith("client|"):
            continue
        panel = map_side.side(many.reads, question, ("edge", map_answer.edge_id(edge)))
        [failed] = [each for each in filters(panel) if "fault" in each]
        passing = many.reads.trace_page.rows(replace(question, text=failed))
        assert passing.matching == edge.counts.fault


def _said(parts: Any) -> str:
    return json.dumps(parts, cls=PlotlyJSONEncoder, ensure_ascii=False)
