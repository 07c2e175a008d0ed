"""API Gateway: caches that miss, stages without a limit, REST where HTTP would do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import Cost, Facts
from alerts.findings.functions import WEEKS_A_MONTH

_HITS = 0.2
_REST, _HTTP = "ApiGatewayRequest", "ApiGatewayHttpRequest"


def _cache(facts: Facts) -> Iterator[Outcome]:
    """A cache is billed by the hour; one that seldom hits is worth little."""
    stages = facts.listed("apigateway", "rest-stage")
    hits = facts.use(stages, "CacheHitCount")
    misses = facts.use(stages, "CacheMissCount")
    for row, stage in enumerate(stages):
        hit, missed = hits.total(row), misses.total(row)
        share = hit / (hit + missed) if hit + missed else None
        if share is not None and share < _HITS:
            evidence = {"hits": round(hit), "misses": round(missed)}
            yield found(
                stage, f"its cache answered {share:.0%} of the requests of 7 days", evidence
            )
        else:
            yield fine(stage)


def _unlimited(facts: Facts) -> Iterator[Outcome]:
    """Without a limit of its own a stage takes what the account allows, and bills it."""
    kinds = ("rest-stage", "http-stage", "websocket-stage")
    for stage in (each for kind in kinds for each in facts.listed("apigateway", kind)):
        if stage.configuration.get("ThrottlingRateLimit"):
            yield fine(stage)
        else:
            yield found(stage, "has no throttling limit of its own", {"ThrottlingRateLimit": None})


def _rest(facts: Facts) -> Iterator[Outcome]:
    """The same requests cost 71 % less on an HTTP API, where no REST-only feature is used."""
    stages = facts.listed("apigateway", "rest-stage")
    counts = facts.use(stages, "Count", "SampleCount")
    for row, stage in enumerate(stages):
        a_week = counts.total(row)
        if not a_week:
            yield skipped(stage, "no request in 7 days")
            continue
        a_month = Decimal(str(a_week)) * WEEKS_A_MONTH
        rest = facts.cost(_REST, a_month, "REST request")
        http = facts.cost(_HTTP, a_month, "HTTP request")
        saved = None if rest.usd is None or http.usd is None else rest.usd - http.usd
        yield found(
            stage,
            "is a REST API; an HTTP API costs less if no REST-only feature is needed",
            {"requests a month": round(float(a_month))},
            Cost(saved, (*rest.prices, *http.prices)),
        )


RULES = (
    Rule(
        cost_check(
            "APG-05",
            "No throttling limit",
            "medium",
            "Set a rate and a burst limit on the stage, so that a flood has an end.",
            "apigateway",
        ),
        _unlimited,
    ),
    Rule(
        cost_check(
            "APG-09",
            "Paid cache hardly used",
            "medium",
            "Cache by the parameters that repeat, keep entries longer, or switch the cache off.",
            "apigateway",
        ),
        _cache,
    ),
    Rule(
        cost_check(
            "APG-10",
            "REST where HTTP fits",
            "info",
            "Move it if it needs no API keys, no validation, no cache and no WAF.",
            "apigateway",
        ),
        _rest,
    ),
)
