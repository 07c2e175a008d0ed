"""What stands in the accounts: plain descriptions of resources.

Both halves of the pretend AWS read them: the world computes their metrics,
the control plane answers describe calls from them. Ids are made from names,
so a resource is called the same under every seed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from app.demo.world.noise import Floats
from app.model.ids import Place

_NEW_YEAR_2026 = 20_454
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def hex_id(*parts: str, length: int = 17) -> str:
    """Hexadecimal digits that stand for a name, as in ``i-0a1b2c...``."""
    return "0" + hashlib.blake2b("/".join(parts).encode(), digest_size=16).hexdigest()[: length - 1]


def letter_id(*parts: str, length: int = 10) -> str:
    """Letters and digits that stand for a name, as API Gateway uses them."""
    digest = hashlib.blake2b("/".join(parts).encode(), digest_size=length).digest()
    return "".join(_LETTERS[byte % 36] for byte in digest)


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account of the pretend world."""

    id: str
    name: str
    environment: str


@dataclass(frozen=True, slots=True)
class Route:
    """A method of an API: requests a minute at usual demand and the function behind it."""

    method: str
    path: str
    function: str
    rate: float


@dataclass(frozen=True, slots=True)
class Api:
    """An API of API Gateway; ``protocol`` is REST, HTTP or WEBSOCKET."""

    protocol: str
    name: str
    id: str
    stage: str
    routes: tuple[Route, ...]
    detailed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """An EventBridge rule: ``share`` of the changing calls of ``source``, or a schedule."""

    name: str
    bus: str = "blog"
    source: str = ""
    share: float = 1.0
    every_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function. ``source`` says what invokes it: ``routes``, ``rule:NAME``,
    ``queue:NAME``, ``stream:TABLE``, ``bucket:NAME`` or ``function:NAME``."""

    name: str
    source: str
    milliseconds: float
    sigma: float = 0.45
    memory: int = 256
    timeout: int = 10
    runtime: str = "python3.13"
    errors: float = 0.0008
    alias: str = ""
    reserved: int | None = None
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Queue:
    """An SQS queue fed by a rule or at a steady rate.

    ``poison`` is the share of messages that no consumer can digest. A queue
    with ``dead_letters_of`` collects what another queue gave up; its messages
    are sent back every ``redrive_hours``. One with ``failures_of`` collects the
    events that a function gave up, until somebody removes them as often.
    ``hours`` limits when it is used.
    """

    name: str
    rule: str = ""
    rate: float = 0.0
    dead_letter: str = ""
    dead_letters_of: str = ""
    failures_of: str = ""
    poison: float = 0.0
    redrive_hours: int = 6
    max_receive: int = 3
    visibility: int = 30
    hours: tuple[int, int] | None = None
    size: int = 900


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table; ``readers`` and ``writers`` map functions to items per invocation."""

    name: str
    readers: tuple[tuple[str, float], ...] = ()
    writers: tuple[tuple[str, float], ...] = ()
    provisioned: tuple[int, int] | None = None
    index: str = ""
    stream: bool = False
    ttl: str = ""
    key: str = "id"
    items: int = 20_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """An S3 bucket; uploads a minute at usual demand, with request metrics where there are any.

    ``gigabytes`` is what it held at the start of 2026, ``growth`` the share that comes each day.
    ``expires`` are the days after which a life cycle removes objects (0: there is none),
    ``unfinished`` the uploads that somebody began and never ended.
    """

    name: str
    uploads: float = 0.0
    gigabytes: float = 240.0
    growth: float = 0.001
    expires: int = 0
    versioned: bool = False
    unfinished: int = 0

    def stored(self, days: Floats, scale: float) -> Floats:
        """Gigabytes by the number of the day since 1970."""
        held: Floats = self.gigabytes * scale * (1.0 + self.growth * (days - _NEW_YEAR_2026))
        return held


@dataclass(frozen=True, slots=True)
class Container:
    """An ECS service on Fargate; ``rate`` is requests a minute where a balancer sends them."""

    cluster: str
    name: str
    desired: int
    cpu: int
    memory: int
    image: str
    busy: float = 30.0


@dataclass(frozen=True, slots=True)
class Balancer:
    """An Application Load Balancer with one target group in front of a container service."""

    name: str
    id: str
    group: str
    group_id: str
    service: str
    rate: float
    zones: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """The value of the dimension LoadBalancer."""
        return f"app/{self.name}/{self.id}"

    @property
    def group_suffix(self) -> str:
        """The value of the dimension TargetGroup."""
        return f"targetgroup/{self.group}/{self.group_id}"


@dataclass(frozen=True, slots=True)
class Database:
    """An RDS instance; a replica names its source."""

    name: str
    size: str
    vcpus: int
    memory_gib: float
    allocated_gib: int
    connections: float
    engine: str = "postgres"
    version: str = "17.4"
    replica_of: str = ""
    multi_az: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """An EC2 instance; ``detailed`` monitoring publishes each minute, basic every five."""

    id: str
    name: str
    type: str
    busy: float
    detailed: bool = False
    role: str = ""
    running: bool = True


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway; one that is not ``used`` was left over from a move."""

    id: str
    name: str
    used: bool = True


@dataclass(frozen=True, slots=True)
class Zone:
    """A hosted zone of Route 53; ``asked`` are questions a minute at usual demand."""

    id: str
    name: str
    asked: float = 0.0


@dataclass(frozen=True, slots=True)
class Project:
    """A project of CodeBuild; ``cache`` is CodeBuild's word for where it is."""

    name: str
    minutes: float
    cache: str = "NO_CACHE"


@dataclass(frozen=True, slots=True)
class Deployment:
    """All resources of one place, and how busy it is against production."""

    account: Account
    place: Place
    scale: float
    ahead: int
    apis: tuple[Api, ...] = ()
    rules: tuple[Rule, ...] = ()
    functions: tuple[Function, ...] = ()
    queues: tuple[Queue, ...] = ()
    tables: tuple[Table, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    containers: tuple[Container, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    databases: tuple[Database, ...] = ()
    machines: tuple[Machine, ...] = ()
    nats: tuple[Nat, ...] = ()
    zones: tuple[Zone, ...] = ()
    projects: tuple[Project, ...] = ()
    topics: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    def queue(self, name: str) -> Queue:
        return next(q for q in self.queues if q.name == name)

    def rule(self, name: str) -> Rule:
        return next(r for r in self.rules if r.name == name)

    def table(self, name: str) -> Table:
        return next(t for t in self.tables if t.name == name)

    def function(self, name: str) -> Function:
        return next(f for f in self.functions if f.name == name)

    def container(self, name: str) -> Container:
        return next(c for c in self.containers if c.name == name)

    def arn(self, service: str, rest: str) -> str:
        """An ARN in this place."""
        return f"arn:aws:{service}:{self.place.region}:{self.place.account}:{rest}"
