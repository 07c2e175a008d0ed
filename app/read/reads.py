"""All readers of one store, and the little that the frame of every page needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.catalogue import Catalogue
from app.config import Settings
from app.model.ids import Place
from app.model.states import Health
from app.read.alarms import AlarmsReader
from app.read.books import Books
from app.read.budgets import BudgetsReader, home, ids_of
from app.read.collection import CollectionReader
from app.read.coverage import CoverageReader
from app.read.findings import FindingsReader
from app.read.health import HealthReader, is_open
from app.read.inventory import InventoryReader
from app.read.log_page import LogPageReader
from app.read.logs import LogsReader, limits_of
from app.read.metrics import MetricsReader
from app.read.noise import NoiseReader
from app.read.spend import CostsReader, SpendReader
from app.read.trace_page import TraceAround, TracePageReader
from app.read.traces import TracesReader
from app.read.troubles import Words
from app.store import Store


@dataclass(frozen=True, slots=True)
class ServiceLink:
    """A service in the navigation: ``open`` of its resources need somebody."""

    id: str
    title: str
    health: Health
    open: int


@dataclass(frozen=True, slots=True)
class Navigation:
    """What can be chosen and what is open: ``alarms`` fire unmuted, ``collection`` rounds fail."""

    accounts: tuple[tuple[str, str], ...]
    regions: tuple[str, ...]
    services: tuple[ServiceLink, ...]
    alarms: int
    alarms_health: Health
    collection: int


class Reads:
    """The readers. Safe to share between threads; asks only the store, never AWS."""

    def __init__(self, store: Store, catalogue: Catalogue, settings: Settings) -> None:
        self.store, self.catalogue = store, catalogue
        self._books = Books(store, catalogue)
        self.accounts = tuple((account.id, account.name) for account in settings.accounts)
        self._words = Words(dict(self.accounts))
        self.places = tuple(
            Place(account.id, region) for account in settings.accounts for region in account.regions
        )
        self.channels = tuple(settings.notifications.channels)
        budget = settings.collection.budget_usd_per_month
        self.health = HealthReader(self._books, budget, self._words)
        self.metrics = MetricsReader(self._books)
        self.inventory = InventoryReader(self._books)
        self.unusual = settings.alarms.unusual_stretches
        self.alarms = AlarmsReader(self._books, self.unusual, settings.alarms.evaluate_every)
        self.coverage = CoverageReader(self._books)
        self.noise = NoiseReader(self._books)
        waivers = [each.waiver for each in settings.findings.waivers]
        self.findings = FindingsReader(self._books, waivers)
        self.logs = LogsReader(store, limits_of(settings.queries), counting_queries=True)
        self.log_page = LogPageReader(self.logs, self._books)
        self.traces = TracesReader(store, self._books)
        self.trace_page = TracePageReader(
            store, self.traces, self.logs, TraceAround(self._books, self.logs, self.alarms)
        )
        self.spend = SpendReader(store)
        place = home(settings.accounts, settings.collection.spend.payers)
        default = settings.notifications.default
        self.budgets = BudgetsReader(
            self._books, settings.money, ids_of(settings.accounts), place, default
        )
        self.costs = CostsReader(self._books, self.places)
        self.collection = CollectionReader(self._books, settings.collection, self._words.accounts)

    def place_words(self, place: Place) -> str:
        """A place as people call it: the account's name and the Region."""
        return self._words.place(place)

    def refresh(self) -> None:
        """Follow what the collecting process has committed; cheap, before each answer."""
        self.store.refresh()

    def navigation(self, now: datetime) -> Navigation:
        """Accounts, Regions and services, with what is open in each."""
        surveys = self._books.surveys(self.places, now)
        alarms = self._books.alarms(self.places, now)
        firing = [a.health for a in alarms if a.is_firing and a.silence is None]
        return Navigation(
            accounts=self.accounts,
            regions=tuple(sorted({place.region for place in self.places})),
            services=tuple(
                ServiceLink(
                    each.service.id,
                    each.service.title,
                    each.verdict.health,
                    sum(is_open(verdict.health) for verdict in each.verdicts),
                )
                for each in surveys
            ),
            alarms=len(firing),
            alarms_health=min(firing, key=lambda h: h.weight, default=Health.OK),
            collection=len(self._books.standings().failing(self.places)),
        )
