"""The blog platform: two accounts, two Regions, and what stands in each.

Production runs in Frankfurt with a small outpost in Virginia; staging is the
same in small, with one function that has been broken for a long time.
"""

from __future__ import annotations

from app.demo.world.platform import (
    Account,
    Api,
    Balancer,
    Bucket,
    Container,
    Database,
    Deployment,
    Function,
    Machine,
    Nat,
    Project,
    Queue,
    Route,
    Rule,
    Table,
    Zone,
    hex_id,
    letter_id,
)
from app.model.ids import Place

PROD = Account("111111111111", "blog-prod", "production")
STAGING = Account("222222222222", "blog-staging", "staging")
EUROPE, AMERICA = "eu-central-1", "us-east-1"
ALARM_TOPIC = "watchdeck-alarms"


def blog_platform() -> tuple[Deployment, ...]:
    """The four deployments, production in Europe first."""
    return (
        _main(PROD, scale=1.0),
        _outpost(PROD, scale=1.0),
        _main(STAGING, scale=0.06),
        _outpost(STAGING, scale=0.1),
    )


def _main(account: Account, scale: float) -> Deployment:
    place = Place(account.id, EUROPE)
    prod = account is PROD
    return Deployment(
        account=account,
        place=place,
        scale=scale,
        ahead=60,
        apis=_apis(place),
        rules=_rules(prod),
        functions=_functions(prod),
        queues=_queues(prod),
        tables=_tables(),
        buckets=_buckets(account),
        containers=_containers(3 if prod else 1),
        balancers=(_balancer(place),),
        databases=_databases(prod),
        machines=_machines(place, prod),
        nats=_nats(place, prod),
        projects=(Project("blog-web", 6.0), Project("blog-worker", 3.5, "LOCAL")) if prod else (),
        topics=("blog-news", ALARM_TOPIC),
        tags=_tags(account),
    )


def _buckets(account: Account) -> tuple[Bucket, ...]:
    """The backups are kept with all their old versions, and some were never written to the end."""
    uploads = Bucket(f"{account.name}-uploads", 14.0, expires=400)
    logs = Bucket(f"{account.name}-logs", gigabytes=30.0, growth=0.0, expires=90)
    backups = Bucket(
        f"{account.name}-backups", gigabytes=1_180.0, growth=0.0004, versioned=True, unfinished=3
    )
    return (uploads, logs, backups) if account is PROD else (uploads, logs)


def _apis(place: Place) -> tuple[Api, ...]:
    rest = (
        Route("GET", "/posts", "posts-api", 210.0),
        Route("POST", "/posts", "posts-api", 22.0),
        Route("GET", "/comments", "comments-api", 120.0),
        Route("POST", "/comments", "comments-api", 34.0),
    )
    web = (Route("GET", "/search", "search-api", 90.0), Route("GET", "/feed", "feed-api", 60.0))
    chat = (
        Route("$connect", "$connect", "chat-handler", 6.0),
        Route("sendMessage", "sendMessage", "chat-handler", 70.0),
        Route("$disconnect", "$disconnect", "chat-handler", 6.0),
    )
    key = str(place)
    return (
        Api("REST", "blog-api", letter_id(key, "blog-api"), "prod", rest, detailed=True),
        Api("HTTP", "blog-web", letter_id(key, "blog-web"), "$default", web),
        Api("WEBSOCKET", "blog-chat", letter_id(key, "blog-chat"), "prod", chat),
    )


def _rules(prod: bool) -> tuple[Rule, ...]:
    rules = (
        Rule("post-published", source="posts-api", share=0.9),
        Rule("comment-added", source="comments-api"),
        Rule("warm-cache", bus="default", every_minutes=1),
        Rule("nightly-report", bus="default", every_minutes=1440),
    )
    return rules if prod else (*rules, Rule("legacy-import", bus="default", every_minutes=1))


def _functions(prod: bool) -> tuple[Function, ...]:
    functions = (
        Function("posts-api", "routes", 42.0, memory=512, alias="live"),
        Function("comments-api", "routes", 31.0, memory=512, alias="live"),
        Function("search-api", "routes", 85.0, memory=1024, reserved=20),
        Function("feed-api", "routes", 24.0, runtime="nodejs22.x"),
        Function("chat-handler", "routes", 18.0, runtime="nodejs22.x", reserved=50),
        Function("publish-events", "rule:post-published", 64.0, errors=0.002),
        Function("moderate-comments", "rule:comment-added", 310.0, sigma=0.6, memory=1024),
        Function("notify-subscribers", "queue:notifications", 120.0, timeout=15, batch=5),
        Function("render-audio", "queue:audio-jobs", 2100.0, sigma=0.7, memory=2048, timeout=60),
        Function("feed-stream", "stream:posts", 35.0, batch=10),
        Function(
            "thumbnail", "bucket:uploads", 640.0, sigma=0.55, memory=1536, timeout=30, errors=0.004
        ),
        Function("warm-cache", "rule:warm-cache", 230.0, sigma=0.2),
        Function("nightly-report", "rule:nightly-report", 41_000.0, memory=3008, timeout=300),
    )
    broken = Function("legacy-import", "rule:legacy-import", 900.0, errors=1.0)
    return functions if prod else (*functions, broken)


def _queues(prod: bool) -> tuple[Queue, ...]:
    failed = Queue("legacy-import-failed", failures_of="legacy-import", redrive_hours=8)
    queues = (
        Queue(
            "notifications", rule="comment-added", dead_letter="notifications-dlq", poison=0.0002,
        ),
        Queue("notifications-dlq", dead_letters_of="notifications", redrive_hours=4),
        Queue(
            "audio-jobs", rule="post-published", dead_letter="audio-jobs-dlq", poison=0.012,
            visibility=90, size=2300,
        ),
        Queue("audio-jobs-dlq", dead_letters_of="audio-jobs", redrive_hours=6, visibility=90),
        Queue("exports", rate=3.0, hours=(2, 4)),
    )  # fmt: skip
    return queues if prod else (*queues, failed)


def _tables() -> tuple[Table, ...]:
    return (
        Table(
            "posts", (("posts-api", 1.4), ("feed-api", 2.0)), (("posts-api", 0.1),),
            stream=True, items=184_000,
        ),
        Table(
            "comments", (("comments-api", 1.8), ("moderate-comments", 1.0)),
            (("comments-api", 0.25),), provisioned=(60, 20), index="by-post", items=1_240_000,
        ),
        Table(
            "sessions", (("posts-api", 0.6), ("comments-api", 0.9)), (("posts-api", 0.05),),
            ttl="expires_at", items=61_000,
        ),
        Table(
            "ws-connections", (("chat-handler", 1.0),), (("chat-handler", 0.15),),
            key="connection_id", items=140,
        ),
    )  # fmt: skip


def _containers(desired: int) -> tuple[Container, ...]:
    image = "public.ecr.aws/blog/web:2026.11"
    return (
        Container("blog", "web", desired, 512, 1024, image),
        Container("blog", "worker", max(desired - 1, 1), 256, 512, image.replace("web", "worker")),
    )


def _balancer(place: Place) -> Balancer:
    key = str(place)
    zones = tuple(f"{place.region}{letter}" for letter in "ab")
    return Balancer(
        "blog-web", hex_id(key, "alb", length=16), "blog-web",
        hex_id(key, "tg", length=16), "web", 620.0, zones,
    )  # fmt: skip


def _databases(prod: bool) -> tuple[Database, ...]:
    if not prod:
        return (Database("blog-db", "db.t4g.small", 2, 2.0, 40, 9.0),)
    return (
        Database("blog-db", "db.m7g.large", 2, 8.0, 200, 42.0, multi_az=True),
        Database("blog-db-replica", "db.t4g.large", 2, 8.0, 200, 18.0, replica_of="blog-db"),
    )


def _machines(place: Place, prod: bool) -> tuple[Machine, ...]:
    def machine(name: str, size: str, busy: float, detailed: bool, role: str) -> Machine:
        return Machine(f"i-{hex_id(str(place), name)}", name, size, busy, detailed, role)

    search = machine("search-1", "m7g.large", 38.0, detailed=True, role="search")
    if not prod:
        return (search,)
    return (
        search,
        machine("search-2", "m7g.large", 36.0, detailed=True, role="search"),
        machine("bastion", "t3.micro", 2.5, detailed=False, role="access"),
        machine("build-runner", "t3.large", 14.0, detailed=False, role="build"),
    )


def _nats(place: Place, prod: bool) -> tuple[Nat, ...]:
    """In staging the one before the move to another subnet still stands."""

    def nat(name: str, used: bool) -> Nat:
        return Nat(f"nat-{hex_id(str(place), name)}", name, used)

    return (nat("blog", True),) if prod else (nat("blog", True), nat("blog-before", False))


def _outpost(account: Account, scale: float) -> Deployment:
    place = Place(account.id, AMERICA)
    routes = (Route("GET", "/resize", "image-resizer", 75.0), Route("GET", "/r", "redirect", 140.0))
    return Deployment(
        account=account,
        place=place,
        scale=scale,
        ahead=-300,
        apis=(Api("HTTP", "blog-edge", letter_id(str(place), "edge"), "$default", routes),),
        rules=(Rule("clicks", source="redirect"),),
        functions=(
            Function("image-resizer", "routes", 180.0, sigma=0.5, memory=1769, timeout=20),
            Function("redirect", "routes", 9.0, runtime="nodejs22.x"),
            Function("count-clicks", "queue:clicks", 55.0, batch=10, timeout=15),
        ),
        queues=(
            Queue("clicks", rule="clicks", dead_letter="clicks-dlq", poison=0.00005),
            Queue("clicks-dlq", dead_letters_of="clicks", redrive_hours=12),
        ),
        tables=(Table("clicks", (("redirect", 1.0),), (("count-clicks", 10.0),), items=8_400_000),),
        machines=(
            Machine(
                f"i-{hex_id(str(place), 'analytics-1')}", "analytics-1", "c7g.xlarge", 44.0,
                detailed=account is PROD, role="analytics",
            ),
        ),
        topics=(ALARM_TOPIC,),
        zones=_zones() if account is PROD else (),
        tags=_tags(account),
    )  # fmt: skip


def _zones() -> tuple[Zone, ...]:
    """Nobody has asked for the names of the old campaign for a long time."""

    def zone(name: str, asked: float) -> Zone:
        return Zone("Z" + letter_id(name, length=20).upper(), name, asked)

    return (zone("blog.example.com", 420.0), zone("summer-2025.example.net", 0.0))


def _tags(account: Account) -> dict[str, str]:
    return {"project": "blog", "environment": account.environment, "owner": "team-blog"}
