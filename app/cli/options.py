"""Options that many commands share, and the settings that they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.config import Settings

Config = Annotated[
    Path, typer.Option("--config", "-c", envvar="WATCHDECK_CONFIG", help="The settings file.")
]
StorePath = Annotated[
    Path | None, typer.Option("--store", help="Another folder than the settings' store.path.")
]
Host = Annotated[str | None, typer.Option(help="Another address than the settings' web.host.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Another port than the settings' web.port.")
]


def _talk(verbose: bool) -> None:
    if verbose:
        os.environ["WATCHDECK_LOG"] = "debug"


Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_talk, help="Log more, each request included."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]
Form = Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")]
Output = Annotated[Path | None, typer.Option(help="Write the answer into this file.")]

DEFAULT_CONFIG = Path("config.yaml")


def settings_of(
    config: Path, store: Path | None = None, host: str | None = None, port: int | None = None
) -> Settings:
    """The settings of the file, with what the command line says otherwise."""
    from app.run.check import load_checked

    settings = load_checked(config, os.environ)
    changes: dict[str, Any] = {}
    if store is not None:
        changes["store"] = settings.store.model_copy(update={"path": store})
    listen = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    if listen:
        changes["web"] = settings.web.model_copy(update=listen)
    return settings.model_copy(update=changes)
