"""``watchdeck traces``: which requests there were, one of them whole, and who called whom."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import DEFAULT_CONFIG, AsJson, Config, StorePath
from app.cli.options import settings_of as _settings

traces_app = typer.Typer(help="Look at the traces in the store.", no_args_is_help=True)

Filter = Annotated[str, typer.Argument(help="An X-Ray filter expression.", show_default=False)]
Since = Annotated[str | None, typer.Option(help="From when: 1h (ago), or a time.")]
Until = Annotated[str | None, typer.Option(help="Up to when, as --since.")]


@traces_app.command("list")
def traces_list(
    text: Filter = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    slowest: Annotated[
        bool, typer.Option("--slowest", help="The slowest first, not the newest.")
    ] = False,
    json: AsJson = False,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show the traces that a filter expression matches."""
    settings = _settings(config, store)
    from app.run import traces

    asked = traces.Question(text, since, until)
    raise typer.Exit(traces.listed(settings, asked, limit, slowest=slowest, json=json))


@traces_app.command("show")
def traces_show(
    trace_id: Annotated[str, typer.Argument(help="Its id, in X-Ray's or W3C's form.")],
    json: AsJson = False,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show one trace: who called whom, how long each took, what failed."""
    settings = _settings(config, store)
    from app.run import traces

    raise typer.Exit(traces.shown(settings, trace_id, json=json))


@traces_app.command("malformed")
def traces_malformed(
    since: Since = None,
    until: Until = None,
    json: AsJson = False,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show what was wrong with the traces that arrived, by kind."""
    settings = _settings(config, store)
    from app.run import traces

    raise typer.Exit(traces.malformed(settings, traces.Question("", since, until), json=json))


@traces_app.command("map")
def traces_map(
    text: Filter = "",
    since: Since = None,
    until: Until = None,
    by_host: Annotated[
        bool, typer.Option("--by-host", help="Addresses of one host are one service.")
    ] = False,
    json: AsJson = False,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show the services that took part, and the calls between them."""
    settings = _settings(config, store)
    from app.run import traces

    asked = traces.Question(text, since, until)
    raise typer.Exit(traces.mapped(settings, asked, by_host=by_host, json=json))
