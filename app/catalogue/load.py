"""From service files to the catalogue; every mistake of every file at once.

The shipped files stand in ``services/``. A folder of the user's own adds to
them; a file there with the id of a shipped service takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import ValidationError

from app.catalogue.check import mistakes_of
from app.catalogue.explain import explained
from app.catalogue.schema import Metric, Service
from app.catalogue.yaml_file import plain_values
from app.config.mistakes import ConfigMistakes, Mistake
from app.config.source import read

SERVICES = Path(__file__).parent / "services"

METRIC_ACTIONS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")


@dataclass(frozen=True)
class Catalogue:
    """All known services, in the order of their ids."""

    services: Mapping[str, Service]
    _by_namespace: Mapping[str, Service] = field(init=False, repr=False)
    _metrics: Mapping[tuple[str, str], Metric] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ordered = dict(sorted(self.services.items()))
        namespaces: dict[str, Service] = {}
        metrics: dict[tuple[str, str], Metric] = {}
        for service in ordered.values():
            for namespace in service.namespaces:
                namespaces.setdefault(namespace, service)
            for metric in service.metrics:
                metrics.setdefault((metric.namespace, metric.name), metric)
        object.__setattr__(self, "services", MappingProxyType(ordered))
        object.__setattr__(self, "_by_namespace", namespaces)
        object.__setattr__(self, "_metrics", metrics)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services.values())

    def __len__(self) -> int:
        return len(self.services)

    def by_namespace(self, namespace: str) -> Service | None:
        """The service that publishes in ``namespace``, None for one that nobody described."""
        return self._by_namespace.get(namespace)

    def metric(self, namespace: str, name: str) -> Metric | None:
        """What is known of one metric."""
        return self._metrics.get((namespace, name))

    def actions(self) -> set[str]:
        """The IAM actions that collecting all of it needs; each of them only reads."""
        calls = (call for s in self for kind in s.resources for call in kind.calls())
        return {*METRIC_ACTIONS, *(call.iam_action for call in calls)}


def load_catalogue(extras: Path | None = None) -> Catalogue:
    """The shipped services and those of ``extras``; raises ConfigError with all mistakes."""
    found: list[Mistake] = []
    services: dict[str, Service] = {}
    shipped = _load_folder(SERVICES, found)
    own = _load_folder(extras, found) if extras else {}
    for files in (shipped, own):
        services |= files
    if found:
        raise ConfigMistakes(found)
    return Catalogue(services)


def _load_folder(folder: Path, found: list[Mistake]) -> dict[str, Service]:
    if not folder.is_dir():
        message = "there is no such folder; correct catalogue.extras or create it"
        found.append(Mistake(str(folder), 0, "", message))
        return {}
    services: dict[str, Service] = {}
    paths: dict[str, Path] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        service = _load_file(path, found)
        if service is None:
            continue
        if service.id in services:
            message = f"{paths[service.id].name} already describes `{service.id}`; rename one"
            found.append(Mistake(str(path), 1, "id", message))
        services[service.id], paths[service.id] = service, path
    return services


def _load_file(path: Path, found: list[Mistake]) -> Service | None:
    """The service of one file; its mistakes go to ``found``."""
    try:
        raw: Any = plain_values(path)
        if not isinstance(raw, dict):
            found.append(Mistake(str(path), 1, "", "must be keys and values, as in `id: sqs`"))
            return None
        service = Service.model_validate(raw)
    except ValidationError as error:
        found.extend(_with_lines(path, list(explained(error, raw))))
        return None
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        found.extend(_unreadable(path, error))
        return None
    if wrong := list(mistakes_of(service)):
        found.extend(_with_lines(path, wrong))
        return None
    return service


def _unreadable(path: Path, error: Exception) -> list[Mistake]:
    try:
        source = read(path)
    except ConfigMistakes as found:
        return list(found.mistakes)
    return list(source.mistakes) or [Mistake(str(path), 0, "", f"cannot be read: {error}")]


def _with_lines(path: Path, wrong: list[tuple[tuple[str | int, ...], str]]) -> list[Mistake]:
    try:
        source = read(path)
    except ConfigMistakes as found:
        return list(found.mistakes)
    for location, message in wrong:
        source.wrong(location, message)
    return list(source.mistakes)
