"""``watchdeck spend``: ask what was charged, and take in bills."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DEFAULT_CONFIG, AsJson, Config, Form, Output, StorePath
from app.cli.options import settings_of as _settings

PriceRegion = Annotated[str, typer.Option(help="Prices of which Region.")]

spend_app = typer.Typer(help="Ask what AWS charged, and take in bills.", no_args_is_help=True)


@spend_app.command("ask")
def spend_ask(
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Split by service, usage-type, region, account, … or tag:KEY; up to two."
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only these: service=AWS Lambda, tag:team=; != leaves out."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="From which day: 30d (ago, the default; 7d by the hour), or a date."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Up to and without which day.")] = None,
    each: Annotated[str | None, typer.Option(help="A row for each hour, day or month.")] = None,
    metric: Annotated[
        str, typer.Option(help="unblended, amortized, net_unblended or net_amortized.")
    ] = "unblended",
    top: Annotated[int, typer.Option(min=1, help="So many rows, the dearest first.")] = 25,
    as_of: Annotated[str | None, typer.Option(help="As it was believed then.")] = None,
    form: Form = "table",
    output: Output = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Show what was charged, split as asked, from what is stored; asks AWS nothing."""
    settings = _settings(config, store)
    from app.run import query, spend

    asked = spend.Asked(tuple(by or ()), tuple(where or ()), since, until, each, metric, top, as_of)
    raise typer.Exit(spend.ask(settings, asked, query.form_of(form), output))


@spend_app.command("import")
def spend_import(
    paths: Annotated[
        list[Path],
        typer.Argument(exists=True, help="A folder, a manifest, or the files of one bill."),
    ],
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    json: AsJson = False,
) -> None:
    """Take in a Cost and Usage Report or FOCUS export from files."""
    settings = _settings(config, store)
    from app.run import spend_import as imports

    raise typer.Exit(imports.take(settings, paths, json=json))


@spend_app.command("estimate")
def spend_estimate(
    kind: Annotated[str | None, typer.Argument(help="What, as in sqs; all without one.")] = None,
    quantities: Annotated[
        list[str] | None, typer.Argument(help="How much a month: NAME=NUMBER, several.")
    ] = None,
    region: PriceRegion = "",
    no_free: Annotated[
        bool, typer.Option("--no-free", help="Do not take off what is always free.")
    ] = False,
    form: Form = "table",
    output: Output = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Work out what a month of some usage costs, and from which prices."""
    from app.run import query, spend_estimate

    if kind is None:
        raise typer.Exit(spend_estimate.kinds(query.form_of(form), output))
    settings = _settings(config, store)
    asked = spend_estimate.Asked(kind, quantities or (), region, not no_free)
    raise typer.Exit(spend_estimate.costs(settings, asked, query.form_of(form), output))


@spend_app.command("prices")
def spend_prices(
    name: Annotated[str, typer.Argument(help="Part of a service or usage type.")] = "",
    outdated: Annotated[
        bool, typer.Option("--outdated", help="Only shipped prices that AWS lists otherwise.")
    ] = False,
    form: Form = "table",
    output: Output = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """List the prices that amounts are worked out with, and where each is from."""
    settings = _settings(config, store)
    from app.run import query, spend_prices

    show = spend_prices.outdated_ones if outdated else spend_prices.listing
    raise typer.Exit(show(settings, name, query.form_of(form), output))


@spend_app.command("memory")
def spend_memory(
    runs: Annotated[
        list[str] | None, typer.Argument(help="MEMORY_MB=AVERAGE_MS, what it was before first.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="Take them from this log group.")] = None,
    since: Annotated[str, typer.Option(help="From when on, as 14d or 2026-11-01.")] = "14d",
    region: PriceRegion = "",
    arm: Annotated[bool, typer.Option("--arm", help="The function runs on arm64.")] = False,
    form: Form = "table",
    output: Output = None,
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Compare what a function costs with several memory sizes."""
    settings = _settings(config, store)
    from app.run import query, spend_memory

    asked = spend_memory.Asked(tuple(runs or ()), region, arm, group, since)
    raise typer.Exit(spend_memory.compare(settings, asked, query.form_of(form), output))
