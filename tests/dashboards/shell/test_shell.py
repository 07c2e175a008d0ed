"""The shell as values: navigation, search results, and the first paint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dash import dcc, html

from app.model.ids import Place
from app.read import Found
from dashboards import shell
from dashboards.known import LastKnown
from dashboards.markup import markup
from tests.support.components import every, of_type, text, with_class
from tests.support.pages import Answers

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture
def navigation():
    return Answers().navigation(NOW)


def test_a_count_stands_only_beside_what_is_open(navigation):
    made = shell.menu(navigation)
    assert [text(one) for one in with_class(made, "count")] == ["1", "2", "1"]
    calm = replace(navigation, alarms=0, collection=0, services=())
    assert with_class(shell.menu(calm), "count") == []


def test_every_service_with_resources_has_a_link(navigation):
    hrefs = [one.href for one in of_type(shell.menu(navigation), "A")]
    assert hrefs == [
        "/",
        "/services",
        "/services/lambda",
        "/services/sqs",
        "/explore",
        "/logs",
        "/map",
        "/traces",
        "/alarms",
        "/spend",
        "/collection",
    ]


def test_no_two_entries_share_a_key(navigation):
    found = [
        one.to_plotly_json()["props"].get("data-key")
        for one in every(shell.menu(navigation))
        if type(one).__name__ == "A"
    ]
    assert len(found) == len(set(found))


def test_search_finds_pages_and_resources():
    found = Found("arn:aws:sqs:x:1:a/b", "a/b", "Queue", "SQS", Place("1", "eu-central-1"))
    made = shell.results("alarms", [found])
    assert [one.href for one in of_type(made, "A")] == ["/alarms", "/resource/arn:aws:sqs:x:1:a/b"]
    assert text(of_type(made, "A")[1]) == "a/bSQS Queue · 1 eu-central-1"


def test_search_without_a_hit_says_what_is_searched():
    assert "Nothing is named “zzz”" in text(shell.results("zzz", []))


def test_search_for_nothing_shows_nothing():
    assert shell.results("  ", []) is None


def test_the_first_paint_shows_title_and_the_place_in_the_navigation(navigation):
    shown = shell.picture(navigation, "Alarms & more", "/alarms", signed_in=False)
    assert "<h1>Alarms &amp; more</h1>" in shown
    assert shown.count('aria-current="page"') == 1
    assert 'href="/alarms" aria-current="page"' in shown


def test_the_first_paint_has_no_ids_that_the_real_shell_has_too(navigation):
    assert " id=" not in shell.picture(navigation, "x", "/", signed_in=True)


def test_markup_escapes_what_people_named():
    odd = html.P(["<script>", html.B("a", title='"x"')], className="c")
    assert markup(odd) == '<p class="c">&lt;script&gt;<b title="&quot;x&quot;">a</b></p>'


def test_markup_leaves_out_what_is_no_element():
    assert (
        markup([dcc.Store(id="x"), None, html.Span("a", id="y", hidden=False)]) == "<span>a</span>"
    )


class Slow(Answers):
    """Readers that count how often the navigation was asked for."""

    asked = 0

    def navigation(self, now):
        self.asked += 1
        return super().navigation(now)


def test_the_first_paint_does_not_wait_for_the_store():
    reads = Slow()
    known = LastKnown(reads, lambda: NOW)
    assert known.navigation.services == ()
    assert known.navigation.accounts[0] == ("111111111111", "blog-prod")
    assert reads.asked == 0


def test_what_was_asked_is_shown_at_once_the_next_time():
    reads = Slow()
    known = LastKnown(reads, lambda: NOW)
    known.asked()
    assert [one.id for one in known.navigation.services] == ["lambda", "sqs"]
    assert reads.asked == 1


@pytest.mark.parametrize(
    "written",
    ["1-6ab13b80-0123456789abcdef01234567", "6AB13B800123456789ABCDEF01234567"],
    ids=["X-Ray", "W3C"],
)
def test_the_id_of_a_trace_leads_to_it(written):
    [link] = of_type(shell.results(written, []), "A")
    assert link.href == "/trace/1-6ab13b80-0123456789abcdef01234567"
