"""The pages about alarms, one beside the other."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboards.parts import tab_strip

TABS = (("Alarms", "/alarms"), ("Coverage", "/alarms/coverage"), ("Noise", "/alarms/noise"))


def tabs(here: str) -> Component:
    """Links to all of them; ``here`` is the one that is shown."""
    return tab_strip(TABS, here, "Pages about alarms")
