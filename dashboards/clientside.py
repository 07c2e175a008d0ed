"""Callbacks that run in the browser: functions of ``assets``, named where they are used."""

from __future__ import annotations

from dash import ClientsideFunction, Dash
from dash.dependencies import DashDependency


def in_browser(app: Dash, function: str, *wires: DashDependency, at_start: bool = True) -> None:
    """Let ``watchdeck.<function>`` of the assets answer; not ``at_start`` waits for a change."""
    app.clientside_callback(  # type: ignore[no-untyped-call]  # Dash ships it untyped
        ClientsideFunction("watchdeck", function), *wires, prevent_initial_call=not at_start
    )
