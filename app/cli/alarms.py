"""``watchdeck alarms``: look at alarms, rehearse, explain, check and exchange them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DEFAULT_CONFIG, AsJson, Config, StorePath
from app.cli.options import settings_of as _settings

alarms_app = typer.Typer(help="Look at alarms, and try them.", no_args_is_help=True)


@alarms_app.command("list")
def alarms_list(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    state: Annotated[
        str | None, typer.Option(help="Only this state: OK, ALARM or INSUFFICIENT_DATA.")
    ] = None,
    long: Annotated[bool, typer.Option("--long", help="Also the full reason.")] = False,
    json: AsJson = False,
) -> None:
    """Show each alarm with its state, its value and its condition; firing ones first."""
    settings = _settings(config, store)
    from app.run import report_alarms

    report_alarms.alarms_list(settings, state, long=long, json=json)


@alarms_app.command("show")
def alarms_show(
    name: Annotated[str, typer.Argument(help="Name or id of an alarm, or a part of its name.")],
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Show one alarm with its full reason and its history."""
    settings = _settings(config, store)
    from app.run import report_alarms

    report_alarms.alarms_show(settings, name, json=json)


@alarms_app.command("backtest")
def alarms_backtest(
    name: Annotated[
        str | None, typer.Argument(help="Name or id of an alarm, or a part of its name.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Try another value: Threshold=90.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(help="Try the alarm of this file (JSON or YAML)."),
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Where the file's alarm belongs: account/region.")
    ] = None,
    since: Annotated[str, typer.Option(help="From when: 14d (ago), or a time.")] = "14d",
    until: Annotated[str, typer.Option(help="Up to when, as --since.")] = "now",
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Tell what an alarm would have done over the stored history, and what a changed one."""
    settings = _settings(config, store)
    from app.run import alarm_backtest

    question = alarm_backtest.Question(name, changes or (), file, place, since, until)
    alarm_backtest.backtest(settings, question, json=json)


@alarms_app.command("lint")
def alarms_lint(
    name: Annotated[
        str | None, typer.Argument(help="Only this alarm: name, id or a part of its name.")
    ] = None,
    file: Annotated[
        str | None, typer.Option(help="The alarm of this file instead (JSON or YAML).")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Where the file's alarm belongs: account/region.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Look for known traps in alarms; exits with 1 if one cannot work as it is."""
    settings = _settings(config, store)
    from app.run import alarm_lint

    raise typer.Exit(alarm_lint.lint(settings, name, file, place, json=json))


@alarms_app.command("explain")
def alarms_explain(
    name: Annotated[str, typer.Argument(help="Name or id of an alarm, or a part of its name.")],
    at: Annotated[str, typer.Option(help="When: 1h (ago), or a time; now if not given.")] = "now",
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Replay a decision: the slots, the points in them, and the rule that decided."""
    settings = _settings(config, store)
    from app.run import alarm_explain

    alarm_explain.explain(settings, name, at, json=json)


@alarms_app.command("test")
def alarms_test(
    files: Annotated[list[Path], typer.Argument(help="Files of rule tests (YAML).")],
    json: AsJson = False,
) -> None:
    """Run rule tests: points on one line, and the states that they must lead to."""
    from app.run import alarm_test

    raise typer.Exit(alarm_test.test(files, json=json))


@alarms_app.command("import")
def alarms_import(
    file: Annotated[
        str | None, typer.Option(help="This file instead of the account's alarms in AWS.")
    ] = None,
    place: Annotated[str | None, typer.Option(help="Which account/region.")] = None,
    form: Annotated[
        str, typer.Option("--format", help="config, json, cloudformation or terraform.")
    ] = "config",
    output: Annotated[Path | None, typer.Option(help="Write into this file.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write the alarms of an account, or of a file, as settings or in another form."""
    settings = _settings(config)
    from app.run import alarm_exchange

    alarm_exchange.import_(settings, file, place, form, output)


@alarms_app.command("export")
def alarms_export(
    name: Annotated[
        str | None, typer.Argument(help="Only this alarm: name, id or a part of its name.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="json, cloudformation, terraform or config.")
    ] = "json",
    output: Annotated[Path | None, typer.Option(help="Write into this file.")] = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Write Watchdeck's alarms for CloudFormation, Terraform or put-metric-alarm."""
    settings = _settings(config, store)
    from app.run import alarm_exchange

    alarm_exchange.export(settings, name, form, output)


@alarms_app.command("shadow")
def alarms_shadow(
    since: Annotated[str, typer.Option(help="Also past changes from when: 7d (ago).")] = "7d",
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Hold the account's own alarms against what Watchdeck decides; every difference is told."""
    settings = _settings(config, store)
    from app.run import alarm_shadow

    raise typer.Exit(alarm_shadow.shadow(settings, since, json=json))
