"""What to do about a round that gave no answer, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.groups import TRACES, is_of_spend
from app.model.rounds import Result, Round

_REMEDIES = {
    Result.THROTTLED: "AWS is throttling. The next round asks again, more slowly; "
    "if it stays, raise the quota or the interval.",
    Result.DENIED: "Allow {action} for the role of account {account}; "
    "`watchdeck policy` prints the whole policy.",
    Result.EXPIRED: "Renew the credentials of account {account}, then start the next round; "
    "nothing is lost, the gap is read again.",
    Result.REGION_OFF: "Enable {region} in account {account}, or take it out of config.yaml.",
    Result.NOT_ENABLED: "Switch the feature on in account {account}, "
    "or take the service out of config.yaml.",
    Result.UNREACHABLE: "Check the network, the proxy and the endpoint of account {account}.",
    Result.BAD_REQUEST: "AWS refused the question. This is a mistake of Watchdeck; "
    "please report it with the message.",
    Result.CIRCUIT_OPEN: "The last calls failed the same way, so Watchdeck waits before it "
    "asks again.",
    Result.OVER_BUDGET: "The monthly cap on Watchdeck's own calls is reached; "
    "raise collection.budget_usd_per_month.",
    Result.FAILED: "The round broke off. The log of the work process has the details.",
}
_OVER_REQUESTS = (
    "The rest is read tomorrow. Raise collection.spend.requests_per_day or "
    "collection.budget_usd_per_month, whichever the message names."
)
_OVER_TRACES = (
    "Reading goes on next month. Raise collection.traces.per_month or "
    "collection.budget_usd_per_month, whichever the message names."
)
_SHORT = {
    Result.THROTTLED: "throttled",
    Result.DENIED: "not allowed",
    Result.EXPIRED: "credentials expired",
    Result.REGION_OFF: "Region is off",
    Result.NOT_ENABLED: "not enabled",
    Result.UNREACHABLE: "unreachable",
    Result.BAD_REQUEST: "request refused",
    Result.CIRCUIT_OPEN: "waiting after failures",
    Result.OVER_BUDGET: "over the cap",
    Result.FAILED: "failed",
    Result.PARTIAL: "partial",
    Result.OK: "ok",
}


def remedy(round_: Round, accounts: Mapping[str, str]) -> str:
    """The next step for a failed round, empty for one that answered; accounts by their names."""
    text = _REMEDIES.get(round_.result, "")
    if round_.result is Result.OVER_BUDGET and is_of_spend(round_.group):
        text = _OVER_REQUESTS
    elif round_.result is Result.OVER_BUDGET and round_.group == TRACES:
        text = _OVER_TRACES
    return text.format(
        action=round_.action or "the action in the message",
        account=accounts.get(round_.place.account, round_.place.account),
        region=round_.place.region,
    )


def result_words(result: Result) -> str:
    """The outcome of a round in a few plain words."""
    return _SHORT[result]
