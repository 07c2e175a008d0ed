"""Names, topics and events: zones that nobody asks for, e-mail by topic, archives without end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import Facts
from alerts.findings.functions import WEEKS_A_MONTH
from app.model.sizes import billed_gb

_DAYS = 14
_FREE_EMAILS = 1000
_EMAIL = ("email", "email-json")


def _zones(facts: Facts) -> Iterator[Outcome]:
    """A zone is billed by the month, whether anybody asks for its names or not."""
    zones = facts.listed("route53", "hosted-zone")
    asked = facts.use(zones, "DNSQueries", days=_DAYS)
    for row, zone in enumerate(zones):
        if zone.configuration.get("PrivateZone"):
            yield skipped(zone, "Route 53 does not count the questions of private zones")
        elif asked.total(row):
            yield fine(zone)
        else:
            window = facts.last(_DAYS)
            evidence = {
                "questions": 0,
                "from": window.start.date().isoformat(),
                "until": window.end.date().isoformat(),
                "records": zone.configuration.get("ResourceRecordSetCount"),
            }
            cost = facts.cost("HostedZone", 1, "hosted zone a month", "Amazon Route 53")
            yield found(zone, f"nobody asked for its names for {_DAYS} days", evidence, cost)


def _paid_subscribers(facts: Facts) -> Iterator[Outcome]:
    """Each e-mail and each SMS is billed; messages to SQS and Lambda are not."""
    topics = facts.listed("sns", "topic")
    kinds = Counter(
        (str(each.configuration.get("TopicArn")), str(each.configuration.get("Protocol")))
        for each in facts.listed("sns", "subscription")
    )
    sent = facts.use(topics, "NumberOfMessagesPublished")
    for row, topic in enumerate(topics):
        a_month = Decimal(str(sent.total(row))) * WEEKS_A_MONTH
        emails = a_month * sum(kinds[topic.arn, kind] for kind in _EMAIL)
        phones = kinds[topic.arn, "sms"]
        evidence = {
            "messages in 7 days": round(sent.total(row)),
            "until": facts.last(7).end.date().isoformat(),
            "e-mail addresses": sum(kinds[topic.arn, kind] for kind in _EMAIL),
            "telephones": phones,
        }
        if phones and a_month:
            why = "the price of an SMS depends on the country, and numbers are not kept"
            yield found(topic, "its messages go to telephones", evidence | {NO_AMOUNT: why})
        elif emails > _FREE_EMAILS:
            cost = facts.cost(
                "DeliveryAttempts-SMTP", emails - _FREE_EMAILS, "e-mail",
                "Amazon Simple Notification Service",
            )  # fmt: skip
            why = "at most; filters of subscribers are not known, and 1,000 a month are free"
            words = f"sends about {emails:,.0f} e-mails a month"
            yield found(topic, words, evidence | {"the amount is for": why}, cost)
        else:
            yield fine(topic)


def _archives(facts: Facts) -> Iterator[Outcome]:
    """Retention 0 keeps every event for ever."""
    for archive in facts.listed("events", "archive"):
        known = archive.configuration
        if known.get("RetentionDays"):
            yield fine(archive)
        else:
            size = billed_gb(float(known.get("SizeBytes") or 0))
            evidence = {
                "retention (days)": 0,
                "events": known.get("EventCount"),
                "GB": round(float(size), 3),
            }
            cost = facts.cost(
                "TimedStorage-ByteHrs", size, "GB-month of events", "Amazon EventBridge"
            )
            yield found(archive, "keeps every event for ever", evidence, cost)


RULES = (
    Rule(
        cost_check(
            "R53-07",
            "Zone that nobody asks for",
            "low",
            "Delete it, if its name is not to be kept from others.",
            "route53",
        ),
        _zones,
    ),
    Rule(
        cost_check(
            "SNS-09",
            "Topic that sends e-mail or SMS",
            "medium",
            "Send what machines read to a queue, and digests instead of single messages to people.",
            "sns",
        ),
        _paid_subscribers,
    ),
    Rule(
        cost_check(
            "EVB-12",
            "Archive without an end",
            "low",
            "Set a retention; ask how old an event may be and still be replayed.",
            "events",
        ),
        _archives,
    ),
)
