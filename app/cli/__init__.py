"""The command line. Each command loads the settings and calls one function of ``app.run``.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 AWS could not be
asked, 4 trouble with the store, 130 interrupted. Heavy parts are imported
inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.alarms import alarms_app
from app.cli.findings import findings_app
from app.cli.options import (
    DEFAULT_CONFIG,
    AsJson,
    Config,
    Host,
    Output,
    Port,
    StorePath,
    Verbose,
)
from app.cli.options import settings_of as _settings
from app.cli.spend import spend_app
from app.cli.traces import traces_app
from app.model.errors import OpsError
from app.run.exits import Exit, exit_code

app = typer.Typer(
    name="watchdeck",
    help="A self-hosted observability and operations dashboard for AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
collect_app = typer.Typer(help="Ask AWS in the foreground.", no_args_is_help=True)
config_app = typer.Typer(help="Look at config.yaml.", no_args_is_help=True)
store_app = typer.Typer(help="Look at and tidy the store.", no_args_is_help=True)
app.add_typer(collect_app, name="collect")
app.add_typer(config_app, name="config")
app.add_typer(store_app, name="store")
app.add_typer(alarms_app, name="alarms")
app.add_typer(spend_app, name="spend")
app.add_typer(findings_app, name="findings")
app.add_typer(traces_app, name="traces")


@app.command()
def serve(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    host: Host = None,
    port: Port = None,
    verbose: Verbose = False,
) -> None:
    """Collect, judge alarms and serve the dashboard, until Ctrl-C."""
    settings = _settings(config, store, host, port)
    from app.run import logs, supervise
    from app.run.lifeline import stop_event

    logs.start("serve", settings)
    options = supervise.Options(config, store, host, port)
    raise typer.Exit(supervise.serve(options, settings.web, stop_event()))


@app.command()
def web(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    host: Host = None,
    port: Port = None,
    verbose: Verbose = False,
) -> None:
    """Only the web process: serve what the store holds."""
    from app.run import memory

    memory.spare()
    settings = _settings(config, store, host, port)
    from app.run import logs
    from app.run.lifeline import stop_event

    logs.start("web", settings)
    stop = stop_event()
    from app.run.web import web as run

    run(settings, stop)


@app.command()
def work(
    config: Config = DEFAULT_CONFIG, store: StorePath = None, verbose: Verbose = False
) -> None:
    """Only the work process: collect, judge alarms, send messages, tidy the store."""
    from app.run import memory

    memory.spare(arenas=2)
    settings = _settings(config, store)
    from app.run import logs
    from app.run.lifeline import leave, stop_event

    logs.start("work", settings)
    stop = stop_event()
    from app.run.work import work as run

    run(settings, stop)
    leave()


@app.command()
def demo(
    config: Config = DEFAULT_CONFIG,
    port: Port = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Show recorded series: a folder of timestamp,value files.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what the demo collected.")] = False,
    verbose: Verbose = False,
) -> None:
    """Everything on a pretend AWS with two accounts; needs no credentials."""
    from app.run import demo as demos

    raise typer.Exit(demos.main(config, port, replay, fresh=fresh))


@app.command(hidden=True)
def pretend(
    port: Annotated[int, typer.Option()],
    replay: Annotated[Path | None, typer.Option()] = None,
    anchor: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """The pretend AWS alone, as `demo` starts it."""
    from app.run.lifeline import stop_event
    from app.run.pretend import pretend as run

    run(port, replay, anchor, stop_event())


@collect_app.command("once")
def collect_once(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this collector: inventory or metrics.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Run every collector once and tell how it went."""
    settings = _settings(config, store)
    from app.run import logs, once

    logs.start("collect", settings)
    raise typer.Exit(once.report(settings, only or [], json=json))


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="A query in Logs Insights QL.")],
    file: Annotated[
        list[str] | None,
        typer.Option(help="Ask these files instead of the store; - is standard input."),
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="Only this log group.")] = None,
    since: Annotated[str | None, typer.Option(help="From when: 1h (ago), or a time.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to when, as --since.")] = None,
    form: Annotated[
        str, typer.Option("--format", help="table, json (one object a line), csv or parquet.")
    ] = "table",
    output: Output = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="Give up after so many seconds.")
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(help="Read no more messages than this, as in 5GB; newest first.")
    ] = None,
    max_memory: Annotated[
        str | None, typer.Option(help="Give up where it takes more memory than this, as in 2GB.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Only tell what would be read, and how.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Ask log events in CloudWatch's own language; over the store, or over files."""
    from app.run import query as queries

    form_ = queries.form_of(form)
    allowed = queries.Allowed(timeout, max_bytes, max_memory)
    asked = queries.Question(text, group or (), since, until, form_, output, explain, allowed)
    if file:
        raise typer.Exit(queries.query_files(asked, file))
    raise typer.Exit(queries.query_store(_settings(config, store), asked))


@app.command()
def tail(
    group: Annotated[list[str] | None, typer.Option(help="Only this log group; * for any.")] = None,
    pattern: Annotated[
        str, typer.Option("--filter", help="Only events that match this filter pattern.")
    ] = "",
    last: Annotated[int, typer.Option(min=0, help="Older events to begin with.")] = 10,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show log events as they are collected, until Ctrl-C."""
    settings = _settings(config, store)
    from app.run import tail as tails
    from app.run.lifeline import stop_event

    tails.tail(settings, tails.Follow(group or (), pattern, last), stop_event())


@config_app.command("check")
def config_check(config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Find every mistake in the settings; asks no network."""
    from app.run import report

    raise typer.Exit(report.config_check(config, os.environ, json=json))


@config_app.command("password")
def config_password() -> None:
    """Ask for a password and print the hash that `web.sign_in.users` takes."""
    from app.run import report

    report.password()


@app.command()
def policy(
    config: Config = DEFAULT_CONFIG,
    trust: Annotated[
        str | None,
        typer.Option(help="Print the role's trust policy instead, for this principal (an ARN)."),
    ] = None,
    external_id: Annotated[
        str | None, typer.Option(help="External id to demand in the trust policy.")
    ] = None,
    hub: Annotated[
        bool,
        typer.Option(
            "--hub", help="Print what Watchdeck itself needs to assume the readers' roles."
        ),
    ] = False,
) -> None:
    """Print the least-privilege IAM policy for what is configured, as JSON."""
    settings = _settings(config)
    from app.run import report

    report.policy(settings, trust, external_id, hub=hub)


@store_app.command("stats")
def store_stats(
    config: Config = DEFAULT_CONFIG, store: StorePath = None, json: AsJson = False
) -> None:
    """Count rows, segments and bytes."""
    settings = _settings(config, store)
    from app.run import report_store

    report_store.store_stats(settings, json=json)


@store_app.command("verify")
def store_verify(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Move damaged segments away and collect anew.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Read every segment and check it; exits with 4 if one is damaged."""
    settings = _settings(config, store)
    from app.run import report_store

    raise typer.Exit(report_store.store_verify(settings, set_aside=set_aside, json=json))


@store_app.command("compact")
def store_compact(
    config: Config = DEFAULT_CONFIG, store: StorePath = None, json: AsJson = False
) -> None:
    """Merge small segments now and drop what is past its retention."""
    settings = _settings(config, store)
    from app.run import report_store

    report_store.store_compact(settings, json=json)


def main() -> None:
    """Run a command; errors meant for operators become one message and an exit code."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except OpsError as error:
        drawn = getattr(error, "drawn", None)
        text = drawn() if drawn else str(error)
        several = "this must be mended first:\n" if len(getattr(error, "mistakes", ())) > 1 else ""
        typer.echo(f"watchdeck: {several}{text}", err=True)
        sys.exit(exit_code(error))
