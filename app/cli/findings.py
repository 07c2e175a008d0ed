"""``watchdeck findings``: what costs without need, and what somebody lives with."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import DEFAULT_CONFIG, AsJson, Config, StorePath
from app.cli.options import settings_of as _settings

findings_app = typer.Typer(help="What checks found in the stored data.", no_args_is_help=True)


@findings_app.command("list")
def findings_list(
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind: cost, security, reliability, …")
    ] = None,
    waived: Annotated[bool, typer.Option("--waived", help="Those that are waived.")] = False,
    json: AsJson = False,
) -> None:
    """Show each finding with its amount a month, the dearest first."""
    settings = _settings(config, store)
    from app.run import findings

    raise typer.Exit(findings.listed(settings, kind, waived=waived, json=json))


@findings_app.command("run")
def findings_run(
    config: Config = DEFAULT_CONFIG, store: StorePath = None, json: AsJson = False
) -> None:
    """Run every check now over what is stored, and show what stands; asks AWS nothing."""
    settings = _settings(config, store)
    from app.run import findings

    raise typer.Exit(findings.run(settings, json=json))


@findings_app.command("waive")
def findings_waive(
    check: Annotated[str, typer.Argument(help="The check, as in EC2-01.")],
    resource: Annotated[str, typer.Argument(help="Name or ARN of the resource.")],
    reason: Annotated[str, typer.Option(help="Why it may stay as it is.")],
    until: Annotated[str, typer.Option(help="Until when: a day, or 90d.")] = "90d",
    config: Config = DEFAULT_CONFIG,
    store: StorePath = None,
) -> None:
    """Hide what a check says of one resource, for a reason and a time."""
    settings = _settings(config, store)
    from app.run import findings

    raise typer.Exit(findings.waive(settings, check, resource, reason, until))
