"""From an address to a page."""

from __future__ import annotations

from types import SimpleNamespace

from dash import html

from dashboards.routes import Routes
from tests.support.components import text


def page(path, layout, title="Title", **more):
    return SimpleNamespace(PATH=path, TITLE=title, layout=layout, **more)


def routes(*pages):
    return Routes(pages, reads="the readers")


def test_a_path_finds_its_page():
    both = routes(
        page("/", lambda: html.P("overview")),
        page("/alarms", lambda: html.P("alarms"), "Alarms"),
    )
    component, title = both.open("/alarms")
    assert (text(component), title) == ("alarms", "Alarms")


def test_an_arn_with_slashes_is_one_variable():
    one = routes(page("/resource/<path:arn>", lambda arn: html.P(arn)))
    arn = "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/web/50dc"
    assert text(one.open(f"/resource/{arn}")[0]) == arn


def test_a_quoted_arn_is_the_same_arn():
    one = routes(page("/resource/<path:arn>", lambda arn: html.P(arn)))
    assert text(one.open("/resource/arn%3Aaws%3Asqs%3A%3A1%3Aq")[0]) == "arn:aws:sqs::1:q"


def test_a_layout_gets_only_the_parameters_it_names():
    one = routes(page("/", lambda state="": html.P(state)))
    assert text(one.open("/", "?state=alarm&utm=x&range=1h")[0]) == "alarm"


def test_parameters_of_the_view_never_reach_a_page():
    one = routes(page("/", lambda **query: html.P(str(sorted(query)))))
    assert text(one.open("/", "?q=a&range=1h&tz=UTC&account=1&region=x&refresh=0")[0]) == "['q']"


def test_the_path_beats_a_parameter_of_the_same_name():
    one = routes(page("/services/<service>", lambda service: html.P(service)))
    assert text(one.open("/services/lambda", "?service=evil")[0]) == "lambda"


def test_a_layout_that_asks_for_readers_gets_them_and_a_visitor_cannot_replace_them():
    one = routes(page("/", lambda reads: html.P(reads)))
    assert text(one.open("/", "?reads=mine")[0]) == "the readers"


def test_an_unknown_path_says_so():
    component, title = routes(page("/", html.Div)).open("/nowhere")
    assert title == "Not found"
    assert "Nothing is at /nowhere." in text(component)


def test_a_page_may_name_itself_after_what_it_shows():
    named = page("/services/<service>", lambda service: html.P(), title="x")
    named.title = lambda service: service.upper()
    assert routes(named).open("/services/sqs")[1] == "SQS"
