"""A work process in small that reads spend, with a driven clock and the endpoint's counters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.aws import Aws, Meter
from app.config import AccountSettings, SpendSettings, StoreSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.demo.world.platform import Account, Deployment
from app.demo.world.world import World
from app.model.ids import Place
from app.model.rounds import Round
from app.model.spend import CostMetric, Dimension
from app.model.time import Window
from app.read.spend import SpendAnswer, SpendFilter, SpendQuestion, SpendReader
from app.store import Lease, Store, open_store
from collectors.base import Task
from collectors.round import run
from collectors.spend import SpendCollector

NOW = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
PROD, STAGING = "111111111111", "222222222222"
AMERICA = "us-east-1"


@dataclass
class Spending:
    """Reads what is due whenever it is told to."""

    endpoint: Endpoint
    store: Store
    lease: Lease
    settings: SpendSettings
    accounts: Sequence[str] = (PROD, STAGING)
    now: datetime = NOW
    done: list[Round] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self.meter = Meter(Decimal(50), now=self.time)
        accounts = [
            AccountSettings(
                id=account,
                regions=["eu-central-1", AMERICA],
                access_key_id=f"AKIA{account}",
                secret_access_key="unchecked",  # any key that holds the id will do
                endpoint=self.endpoint.url,
            )
            for account in self.accounts
        ]
        self.aws = Aws(accounts, meter=self.meter, now=self.time, sleep=lambda _: None)
        self.collector = SpendCollector(self.aws, self.store, self.settings)

    def time(self) -> datetime:
        return self.now

    def at(self, now: datetime) -> None:
        self.now = now
        self.endpoint.clock.set(now)

    def restart(self) -> None:
        """A new process on the same store."""
        self.collector = SpendCollector(self.aws, self.store, self.settings)

    def planned(self) -> list[Task]:
        return [t for p in self.aws.places() for t in self.collector.plan(p, self.now)]

    def work(self) -> list[Round]:
        """Do all that is due now, and what follows from it."""
        rounds: list[Round] = []
        while tasks := self.planned():
            rounds += [self.round(task) for task in tasks]
            if any(r.result.value not in ("ok", "partial") for r in rounds):
                break
        self.done += rounds
        return rounds

    def days(self, number: int, looks: Sequence[int] = (0, 6, 12)) -> None:
        """Work through whole days, looking for what is due some hours after eight."""
        for _ in range(number):
            morning = (self.now + timedelta(days=1)).replace(hour=8, minute=5)
            for hours in looks:
                self.at(morning + timedelta(hours=hours))
                self.work()

    def round(self, task: Task) -> Round:
        return run(
            self.collector, task,
            store=self.store, lease=self.lease, meter=self.meter, now=self.time,
        )  # fmt: skip

    @property
    def requests(self) -> int:
        """What the endpoint has answered of Cost Explorer, pages included."""
        return sum(entry.units for entry in self.endpoint.counters.entries() if entry.api == "ce")

    def ask(self, start: str, end: str, *group: Dimension, **more: Any) -> SpendAnswer:
        window = Window(day_of(start), day_of(end))
        where = more.pop("where", ())
        metric = more.pop("metric", CostMetric.UNBLENDED)
        question = SpendQuestion(window, metric, group, where, **more)
        return SpendReader(self.store).ask(question, self.now).value

    def truth(self, start: str, end: str, **request: Any) -> Decimal:
        """What Cost Explorer says of the same days now, without splitting them."""
        ce = self.endpoint.spend
        from app.demo.spend.explorer import cost_and_usage

        asked = {
            "TimePeriod": {"Start": start, "End": end}, "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"], **request,
        }  # fmt: skip
        answer: Any = cost_and_usage(ce.book, ce.book.payer, asked, self.now)
        return sum(
            (Decimal(r["Total"]["UnblendedCost"]["Amount"]) for r in answer["ResultsByTime"]),
            Decimal(0),
        )


@contextmanager
def paying() -> Iterator[Endpoint]:
    """The pretend AWS on that morning."""
    clock = Clock()
    clock.set(NOW)
    with start(clock=clock, wait=False) as running:
        yield running
        running.faults.clear()


@contextmanager
def spending(endpoint: Endpoint, folder: Path, **more: Any) -> Iterator[Spending]:
    """Work on a new store in ``folder``."""
    accounts, now = more.pop("accounts", (PROD, STAGING)), more.pop("now", NOW)
    settings = SpendSettings(**{"payers": [PROD], "tags": ["component"], **more})
    endpoint.faults.clear()
    endpoint.counters.clear()
    endpoint.clock.set(now)
    store = open_store(StoreSettings(path=folder), now)
    lease = store.acquire("test", now, timedelta(days=900))
    assert lease is not None
    try:
        yield Spending(endpoint, store, lease, settings, accounts, now)
    finally:
        store.close()


def twenty_accounts(world: World) -> list[Deployment]:
    """The real two, and eighteen more with the outpost's resources."""
    outpost = next(d for d in world.deployments.values() if not d.buckets)
    more = [Account(f"{300000000000 + n}", f"team-{n}", "production") for n in range(18)]
    return [
        *world.deployments.values(),
        *(
            Deployment(
                account=account, place=Place(account.id, outpost.place.region), scale=0.2,
                ahead=0, apis=outpost.apis, rules=outpost.rules, functions=outpost.functions,
                queues=outpost.queues, tables=outpost.tables, machines=outpost.machines,
            )
            for account in more
        ),
    ]  # fmt: skip


def day_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


__all__ = [
    "AMERICA",
    "NOW",
    "PROD",
    "STAGING",
    "SpendFilter",
    "Spending",
    "day_of",
    "spending",
    "twenty_accounts",
]
