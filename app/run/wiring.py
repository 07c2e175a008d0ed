"""Builds every part from the settings; the only code that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import notifiers
from alerts.budgets import SpendSeries
from alerts.engine import Engine
from alerts.learnt import LearntBands
from alerts.message import Names
from alerts.mutes import MuteRule
from alerts.notifiers import Notifier, Publish
from app.aws import Aws, Meter, Priority
from app.catalogue import Catalogue, load_catalogue
from app.config import AlarmSettings, Settings
from app.model.ids import Place
from app.query.insights.shred import read_fields
from app.read.books import Books
from app.read.budgets import BudgetsReader, home, ids_of
from app.read.logs import LogsReader, limits_of
from app.store import Store, open_store
from collectors.base import Collector
from collectors.registry import collectors


@dataclass(frozen=True, slots=True)
class Parts:
    """What the work process runs on."""

    settings: Settings
    catalogue: Catalogue
    store: Store
    aws: Aws
    meter: Meter
    collectors: Sequence[Collector]
    engine: Engine
    budgets: BudgetsReader
    spend_series: SpendSeries
    notifiers: Mapping[str, Notifier]
    names: Names
    mutes: Sequence[MuteRule]


def build(settings: Settings, now: Callable[[], datetime]) -> Parts:
    """All parts of a process that asks AWS and writes."""
    catalogue = load_catalogue(settings.catalogue.extras)
    store = open_store(settings.store, now(), read_fields=read_fields)
    meter = Meter(
        settings.collection.budget_usd_per_month, now=now, entries=store.meter.month(now())
    )
    aws = Aws(settings.accounts, meter=meter, now=now)
    budgets = budgets_of(store, catalogue, settings)
    series = SpendSeries(store, budgets)
    return Parts(
        settings=settings,
        catalogue=catalogue,
        store=store,
        aws=aws,
        meter=meter,
        collectors=collectors(aws, store, catalogue, settings.collection, store.ledger.definitions),
        engine=Engine(
            store,
            catalogue,
            settings.alarms,
            settings.accounts,
            default_channels=settings.notifications.default,
            settling=settings.collection.metrics.settling,
            bands=learnt_bands(store, settings.alarms),
            logs=LogsReader(store, limits_of(settings.queries), counting_queries=True),
            budgets=series.alarms(),
        ),
        budgets=budgets,
        spend_series=series,
        notifiers=notifiers.build(settings.notifications, _publisher(aws, settings)),
        names=names_of(settings),
        mutes=[MuteRule.of(rule) for rule in settings.alarms.mutes],
    )


def budgets_of(store: Store, catalogue: Catalogue, settings: Settings) -> BudgetsReader:
    """The budgets of the settings and of AWS."""
    accounts, books = settings.accounts, Books(store, catalogue)
    place = home(accounts, settings.collection.spend.payers)
    default = settings.notifications.default
    return BudgetsReader(books, settings.money, ids_of(accounts), place, default)


def learnt_bands(store: Store, settings: AlarmSettings) -> LearntBands:
    """The bands of anomaly alarms, without what the settings call unusual."""
    return LearntBands(store, store.series, settings.unusual_stretches)


def names_of(settings: Settings) -> Names:
    """What messages call accounts, and where their links lead."""
    accounts = {account.id: account.name for account in settings.accounts}
    return Names(accounts=accounts, public_url=settings.web.public_url)


def _publisher(aws: Aws, settings: Settings) -> Publish:
    ids = {name: account.id for account in settings.accounts for name in (account.id, account.name)}

    def publish(account: str, topic_arn: str, subject: str, message: str) -> None:
        place = Place(ids[account], topic_arn.split(":")[3])
        params = {"TopicArn": topic_arn, "Subject": subject, "Message": message}
        aws.call(
            place, "sns", "Publish", params, collector="notifications", priority=Priority.ALARM
        )

    return publish
