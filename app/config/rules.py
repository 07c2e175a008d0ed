"""Mistakes that lie between two settings, found on the values as they stand in the file.

They are looked for even when single values are wrong, so that all mistakes
come at once; therefore nothing here trusts a shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.config.mistakes import Location, suggestion
from app.config.money_rules import money_rules

Found = Iterator[tuple[Location, str]]
_FILTERS: Location = ("collection", "logs", "metrics", "filters")


def broken_rules(value: dict[str, Any]) -> Found:
    """Each rule that does not hold, as location and message."""
    accounts = _dicts(value.get("accounts"))
    for i, account in accounts:
        yield from _credentials(account, ("accounts", i))
    yield from _twice(accounts)
    channels = list(_dict(_dict(value.get("notifications")).get("channels")))
    yield from _channels(value, channels)
    yield from _topics(value, accounts)
    for i, alarm in _dicts(_dict(value.get("alarms")).get("metric")):
        at: Location = ("alarms", "metric", i)
        yield from _place(alarm, at, accounts)
        yield from _alarm_numbers(alarm, at)
        yield from _unknown(alarm.get("channels"), channels, (*at, "channels"), "channel")
    for i, alarm in _dicts(_dict(value.get("alarms")).get("others")):
        other_at: Location = ("alarms", "others", i)
        yield from _place(alarm, other_at, accounts)
        yield from _unknown(alarm.get("channels"), channels, (*other_at, "channels"), "channel")
    for i, change in _dicts(_dict(value.get("alarms")).get("recommended_changes")):
        change_at = ("alarms", "recommended_changes", i, "channels")
        yield from _unknown(change.get("channels"), channels, change_at, "channel")
    yield from money_rules(value, channels, _names(accounts))
    yield from _alarm_names(value)
    yield from _log_groups(value, accounts)
    payers = _dict(_dict(value.get("collection")).get("spend")).get("payers")
    yield from _unknown(payers, _names(accounts), ("collection", "spend", "payers"), "account")
    yield from _bills(value, accounts)
    yield from _web(_dict(value.get("web")))
    yield from _store(_dict(value.get("store")))


def _credentials(account: dict[str, Any], at: Location) -> Found:
    key, secret = account.get("access_key_id"), account.get("secret_access_key")
    if (key is None) != (secret is None):
        missing = "secret_access_key" if secret is None else "access_key_id"
        yield (*at, missing), "is missing; a static key needs both of its parts"
    if key is not None and account.get("profile") is not None:
        yield (*at, "profile"), "give either a profile or a static key, not both"
    role = account.get("role_arn")
    if role is None and account.get("external_id") is not None:
        yield (*at, "external_id"), "is only used with `role_arn`; add it or remove this"
    parts = str(role).split(":")
    if role is not None and len(parts) > 5 and parts[4] != str(account.get("id")):
        yield (*at, "role_arn"), f"is a role of {parts[4]}, not of this account"


def _store(store: dict[str, Any]) -> Found:
    pair = ("bucket_access_key_id", "bucket_secret_access_key")
    given = [key for key in pair if store.get(key) is not None]
    if len(given) == 1:
        missing = next(key for key in pair if key not in given)
        yield ("store", missing), "is missing; a static key needs both of its parts"
    if store.get("bucket") is None:
        for key in store:
            if str(key).startswith("bucket_"):
                yield ("store", str(key)), "is only used with `bucket`; add it or remove this"


def _twice(accounts: Sequence[tuple[int, dict[str, Any]]]) -> Found:
    for key in ("id", "name"):
        seen: dict[str, int] = {}
        for i, account in accounts:
            if account.get(key) is None:
                continue
            first = seen.setdefault(str(account[key]), i)
            if first != i:
                yield ("accounts", i, key), f"is the same as accounts[{first}].{key}"


def _channels(value: dict[str, Any], channels: list[str]) -> Found:
    default = _dict(value.get("notifications")).get("default")
    yield from _unknown(default, channels, ("notifications", "default"), "channel")
    recommended = _dict(value.get("alarms")).get("recommended_channels")
    yield from _unknown(recommended, channels, ("alarms", "recommended_channels"), "channel")


def _topics(value: dict[str, Any], accounts: Sequence[tuple[int, dict[str, Any]]]) -> Found:
    names = _names(accounts)
    for name, channel in _dict(_dict(value.get("notifications")).get("channels")).items():
        account = _dict(channel).get("account")
        if account is not None and str(account) not in names:
            at = ("notifications", "channels", str(name), "account")
            yield at, f"there is no account `{account}`; {suggestion(str(account), names)}"


def _place(
    alarm: dict[str, Any], at: Location, accounts: Sequence[tuple[int, dict[str, Any]]]
) -> Found:
    named = str(alarm.get("account"))
    owner = next((a for _, a in accounts if named in (str(a.get("id")), str(a.get("name")))), None)
    if "account" in alarm and owner is None:
        names = _names(accounts)
        yield (*at, "account"), f"there is no account `{named}`; {suggestion(named, names)}"
    regions = [str(r) for r in _list((owner or {}).get("regions"))]
    region = alarm.get("region")
    if owner is not None and isinstance(region, str) and region not in regions:
        message = (
            f"{region} is not among the account's regions ({', '.join(regions)}); add it there"
        )
        yield (*at, "region"), message


def _alarm_numbers(alarm: dict[str, Any], at: Location) -> Found:
    if (alarm.get("Statistic") is None) == (alarm.get("ExtendedStatistic") is None):
        yield (*at, "Statistic"), "give exactly one of Statistic and ExtendedStatistic"
    total, needed = alarm.get("EvaluationPeriods"), alarm.get("DatapointsToAlarm")
    if isinstance(total, int) and isinstance(needed, int) and needed > total:
        message = "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
        yield (*at, "DatapointsToAlarm"), message
    period = alarm.get("Period")
    if not isinstance(period, int) or period <= 0:
        return
    if period not in (10, 20, 30) and period % 60:
        yield (*at, "Period"), "must be 10, 20, 30 or a multiple of 60 seconds"
    longest, words = (86_400, "one day") if period < 3600 else (604_800, "seven days")
    if isinstance(total, int) and period * total > longest:
        yield (*at, "EvaluationPeriods"), f"EvaluationPeriods times Period is longer than {words}"


def _alarm_names(value: dict[str, Any]) -> Found:
    seen: dict[tuple[str, str, str], int] = {}
    for i, alarm in _dicts(_dict(value.get("alarms")).get("metric")):
        key = (str(alarm.get("account")), str(alarm.get("region")), str(alarm.get("AlarmName")))
        first = seen.setdefault(key, i)
        if first != i and alarm.get("AlarmName") is not None:
            message = f"alarms.metric[{first}] of the same account and Region has this name"
            yield ("alarms", "metric", i, "AlarmName"), message


def _log_groups(value: dict[str, Any], accounts: Sequence[tuple[int, dict[str, Any]]]) -> Found:
    names = _names(accounts)
    regions = sorted({str(r) for _, a in accounts for r in _list(a.get("regions"))})
    logs = _dict(_dict(value.get("collection")).get("logs"))
    for i, rule in _dicts(logs.get("groups")):
        at = ("collection", "logs", "groups", i)
        yield from _unknown(rule.get("accounts"), names, (*at, "accounts"), "account")
        yield from _unknown(rule.get("regions"), regions, (*at, "regions"), "such Region in use")
    files, within = _dicts(logs.get("files")), (*_FILTERS[:2], "files")
    yield from _same_names(files, within)
    for i, each in files:
        yield from _place(each, (*within, i), accounts)
    filters = _dicts(_dict(logs.get("metrics")).get("filters"))
    yield from _same_names(filters, _FILTERS)
    for i, each in filters:
        if each.get("default") is not None and each.get("dimensions"):
            yield (*_FILTERS, i, "default"), "cannot be given together with dimensions"


def _bills(value: dict[str, Any], accounts: Sequence[tuple[int, dict[str, Any]]]) -> Found:
    spend = _dict(_dict(value.get("collection")).get("spend"))
    bills, within = _dicts(spend.get("bills")), ("collection", "spend", "bills")
    yield from _same_names(bills, within)
    for i, each in bills:
        yield from _place(each, (*within, i), accounts)


def _same_names(items: Sequence[tuple[int, dict[str, Any]]], at: Location) -> Found:
    seen: dict[str, int] = {}
    for i, item in items:
        first = seen.setdefault(str(item.get("name")), i)
        if first != i and item.get("name") is not None:
            yield (*at, i, "name"), f"is the same as {at[-1]}[{first}].name"


def _web(web: dict[str, Any]) -> Found:
    if isinstance(web.get("sign_in"), dict) and web.get("secret_key") is None:
        yield (
            ("web", "secret_key"),
            "is missing; sign-in needs a long random text that signs the sessions",
        )


def _unknown(names: object, known: list[str], at: Location, what: str) -> Found:
    for i, name in enumerate(_list(names)):
        if isinstance(name, str) and name not in known:
            yield (*at, i), f"there is no {what} `{name}`; {suggestion(name, known)}"


def _names(accounts: Sequence[tuple[int, dict[str, Any]]]) -> list[str]:
    return [str(a[key]) for _, a in accounts for key in ("name", "id") if a.get(key) is not None]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[tuple[int, dict[str, Any]]]:
    return [(i, item) for i, item in enumerate(_list(value)) if isinstance(item, dict)]
