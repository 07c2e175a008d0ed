"""What only the whole program can tell of a config.yaml: names that stand in the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from alerts.validation import problems
from app.catalogue import load_catalogue
from app.config import Settings, load
from app.config.mistakes import Location, suggestion
from app.run.check_logs import mistakes, services_of_rules

_LISTS_OF_SERVICES = (("collection", "services"), ("alarms", "recommended"))


def load_checked(path: Path, env: Mapping[str, str]) -> Settings:
    """Load settings and hold them against the catalogue; all mistakes come at once."""
    return load(path, env, checks=[partial(_services, folder=path.parent), _alarms, mistakes])


def _services(value: Mapping[str, Any], folder: Path) -> Iterable[tuple[Location, str]]:
    extras = _inside(value, "catalogue", "extras")
    more = folder / extras if isinstance(extras, str) else None
    if more is not None and not more.is_dir():
        yield ("catalogue", "extras"), f"{more} is not a folder"
        more = None
    known = sorted(load_catalogue(more).services)
    named = [(at, _inside(value, *at)) for at in _LISTS_OF_SERVICES]
    for at, names in (*named, *services_of_rules(value)):
        for i, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name not in known:
                yield (*at, i), f"there is no service `{name}`; {suggestion(name, known)}"


def _inside(value: Mapping[str, Any], section: str, key: str) -> Any:
    found = value.get(section)
    return found.get(key) if isinstance(found, dict) else None


def _alarms(value: Mapping[str, Any]) -> Iterable[tuple[Location, str]]:
    ours = {"account", "region", "severity", "channels"}
    alarms = _inside(value, "alarms", "metric")
    for i, alarm in enumerate(alarms if isinstance(alarms, list) else []):
        if isinstance(alarm, dict):
            found = problems({k: v for k, v in alarm.items() if k not in ours})
            if found:
                yield ("alarms", "metric", i), " ".join(found)
