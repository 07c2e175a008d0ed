"""What only the whole program can tell of a config.yaml: names that stand in the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from alerts.actions.schedule import Schedule, duration
from alerts.validation import problems
from app.catalogue import Catalogue, load_catalogue
from app.config import Settings, load
from app.config.mistakes import Location, suggestion
from app.run import check_traces
from app.run.check_logs import mistakes, services_of_rules

_LISTS_OF_SERVICES = (("collection", "services"), ("alarms", "recommended"))


def load_checked(path: Path, env: Mapping[str, str]) -> Settings:
    """Load settings and hold them against the catalogue; all mistakes come at once."""
    return load(
        path,
        env,
        checks=[
            partial(_services, folder=path.parent),
            _alarms,
            _mutes,
            mistakes,
            check_traces.mistakes,
        ],
    )


def _services(value: Mapping[str, Any], folder: Path) -> Iterable[tuple[Location, str]]:
    extras = _inside(value, "catalogue", "extras")
    more = folder / extras if isinstance(extras, str) else None
    if more is not None and not more.is_dir():
        yield ("catalogue", "extras"), f"{more} is not a folder"
        more = None
    catalogue = load_catalogue(more)
    known = sorted(catalogue.services)
    yield from _changes(value, catalogue)
    named = [(at, _inside(value, *at)) for at in _LISTS_OF_SERVICES]
    for at, names in (*named, *services_of_rules(value)):
        for i, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name not in known:
                yield (*at, i), f"there is no service `{name}`; {suggestion(name, known)}"


def _changes(value: Mapping[str, Any], catalogue: Catalogue) -> Iterable[tuple[Location, str]]:
    """A change that concerns no recommended alarm at all is misspelt."""
    known = [f"{service.id}/{alarm.id}" for service in catalogue for alarm in service.alarms]
    changes = _inside(value, "alarms", "recommended_changes")
    for i, change in enumerate(changes if isinstance(changes, list) else []):
        glob = change.get("alarm") if isinstance(change, dict) else None
        if isinstance(glob, str) and not any(fnmatchcase(name, glob) for name in known):
            at = ("alarms", "recommended_changes", i, "alarm")
            yield at, f"no recommended alarm is called `{glob}`; {suggestion(glob, known)}"


def _inside(value: Mapping[str, Any], section: str, key: str) -> Any:
    found = value.get(section)
    return found.get(key) if isinstance(found, dict) else None


def _alarms(value: Mapping[str, Any]) -> Iterable[tuple[Location, str]]:
    ours = {"account", "region", "severity", "channels"}
    for i, alarm in _listed(value, "metric"):
        found = problems({k: v for k, v in alarm.items() if k not in ours})
        if found:
            yield ("alarms", "metric", i), " ".join(found)
    for i, alarm in _listed(value, "others"):
        found = problems(alarm["put"]) if isinstance(alarm.get("put"), dict) else []
        if found:
            yield ("alarms", "others", i, "put"), " ".join(found)


def _mutes(value: Mapping[str, Any]) -> Iterable[tuple[Location, str]]:
    for i, rule in _listed(value, "mutes"):
        zone = rule.get("timezone", "UTC")
        for key, reads in (
            ("schedule", lambda text, zone=zone: Schedule.of(text, str(zone))),
            ("duration", duration),
        ):
            try:
                reads(str(rule.get(key)))
            except ValueError as error:
                yield ("alarms", "mutes", i, key), str(error)


def _listed(value: Mapping[str, Any], key: str) -> Iterable[tuple[int, dict[str, Any]]]:
    found = _inside(value, "alarms", key)
    listed = found if isinstance(found, list) else []
    return ((i, each) for i, each in enumerate(listed) if isinstance(each, dict))
