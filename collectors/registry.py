"""Every collector, in one list; a new one is a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.aws import Aws
from app.catalogue import Catalogue
from app.config import CollectionSettings
from app.model.alarms import AlarmDefinition
from app.store import Store
from collectors.alarms import AlarmsCollector
from collectors.base import Collector
from collectors.bills import BillsCollector
from collectors.inventory import InventoryCollector
from collectors.log_files import LogFilesCollector
from collectors.logs import LogsCollector
from collectors.metrics import MetricsCollector
from collectors.spend import SpendCollector
from collectors.trace_spans import SpansCollector
from collectors.traces import TracesCollector


def collectors(
    aws: Aws,
    store: Store,
    catalogue: Catalogue,
    settings: CollectionSettings,
    alarms: Callable[[], Sequence[AlarmDefinition]],
) -> list[Collector]:
    """All collectors, ready to be planned; ``alarms`` gives the definitions of the moment."""
    logs = LogsCollector(aws, store, catalogue, settings, alarms)

    return [
        MetricsCollector(aws, store, catalogue, settings, alarms, logs.makes),
        InventoryCollector(aws, catalogue, settings, store.rounds.latest),
        logs,
        LogFilesCollector(aws, store, settings.logs, logs.tools, alarms),
        AlarmsCollector(aws, settings.alarms),
        SpendCollector(aws, store, settings.spend),
        BillsCollector(aws, store, settings.spend),
        TracesCollector(aws, store, settings),
        SpansCollector(store, settings),
    ]
