"""Why a question about spend cannot be answered, and what would have to be collected for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from app.model.spend import CostCategory, Dimension, SpendDimension, Tag, tells, to_usd
from app.model.time import Window
from app.read.spend.choosing import Overlap
from app.read.spend.question import HOURLY_DAYS, SpendQuestion
from app.store import Statement

_WORDS = {
    SpendDimension.SERVICE: "service",
    SpendDimension.USAGE_TYPE: "usage type",
    SpendDimension.REGION: "Region",
    SpendDimension.LINKED_ACCOUNT: "account",
    SpendDimension.RECORD_TYPE: "record type",
    SpendDimension.OPERATION: "operation",
    SpendDimension.RESOURCE: "resource",
    SpendDimension.INSTANCE_TYPE: "instance type",
}
BILL = "import a Cost and Usage Report or FOCUS export, which tells everything"


TOO_LONG = f"hours are told for up to {HOURLY_DAYS} days at once; choose a shorter range"
NO_HOURS = (
    "nothing of these days is collected by the hour: Cost Explorer tells days; import a Cost and "
    "Usage Report or FOCUS export by the hour"
)


def why_not(question: SpendQuestion, every: Sequence[Statement], window: Window) -> str:
    """One sentence of what is missing and one of what to do."""
    then = question.as_of
    known = [s for s in every if then is None or s.read_at <= then]
    if not known:
        if question.as_of is not None:
            return f"no spend had been collected by {question.as_of:%Y-%m-%d %H:%M} UTC"
        return f"no spend is collected yet; switch on collection.spend for Cost Explorer, or {BILL}"
    asked = list(dict.fromkeys(question.dimensions))
    telling = [s for s in known if all(tells(s.cut, d) for d in asked)]
    if not telling:
        return _untold(asked, known)
    if not any(question.metric in s.tells for s in telling):
        words = question.metric.value.replace("_", " ")
        return f"what is collected by {_listed(asked)} does not tell {words} amounts; {BILL}"
    first = min(s.window.start for s in telling)
    last = max(s.window.end for s in telling)
    return (
        f"nothing was collected between {window.start:%Y-%m-%d} and {window.end:%Y-%m-%d}; "
        f"there is spend from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )


def warnings(overlaps: Sequence[Overlap], twice: Sequence[Overlap] = ()) -> tuple[str, ...]:
    """A sentence for each two payers that tell the same accounts."""
    pairs: dict[tuple[str, str], list[Overlap]] = {}
    for each in overlaps:
        pairs.setdefault((each.winner, each.loser), []).append(each)
    said = [_once(*pair, some) for pair, some in sorted(pairs.items())]
    return (*said, *(_still_twice(each) for each in twice))


def _once(winner: str, loser: str, some: Sequence[Overlap]) -> str:
    accounts = _accounts({a for each in some for a in each.accounts})
    days = days_words([w for each in some for w in each.days])
    member = {a for each in some for a in each.accounts} == {loser}
    what = f"the reading of {loser} itself" if member else f"that of {loser}"
    advice = f"; leave {loser} out of collection.spend.payers" if member else ""
    return (
        f"Account {accounts} is told twice ({days}): by the reading of payer {winner} and by "
        f"{what}. Each day of it counts once, from the reading of {winner}{advice}."
    )


def _still_twice(each: Overlap) -> str:
    return (
        f"In this split account {_accounts(each.accounts)} counts twice ({days_words(each.days)}): "
        f"the readings of {each.winner} and {each.loser} both have it, and this split of "
        f"{each.loser}'s tells no accounts."
    )


def _accounts(accounts: Collection[str]) -> str:
    named = sorted(accounts)
    return " and ".join(named) if len(named) < 4 else f"{named[0]} and {len(named) - 1} others"


def days_words(windows: Iterable[Window]) -> str:
    """From the first day to the last."""
    all_ = list(windows)
    first = min(window.start for window in all_)
    last = max(window.end for window in all_) - timedelta(days=1)
    if first == last:
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def longer_words(units: int) -> tuple[str, ...]:
    """What of an answer by the hour is not charged by the hour."""
    if not units:
        return ()
    said = (
        f"{to_usd(units):,.2f} USD of this is charged for a day or longer, as fees and storage "
        "are; it stands in the hour in which it begins."
    )
    return (said,)


def sentence(words: str) -> str:
    """Words as a sentence; none where there are none."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _untold(asked: Sequence[Dimension], known: Sequence[Statement]) -> str:
    alone = [d for d in asked if not any(tells(s.cut, d) for s in known)]
    tags = [d.key for d in alone if isinstance(d, Tag)]
    if tags:
        keys = " and ".join(f"`{key}`" for key in tags)
        return (
            f"spend by tag {keys} is not collected; name the key in collection.spend "
            f"once it is a cost allocation tag, or {BILL}"
        )
    categories = [d.key for d in alone if isinstance(d, CostCategory)]
    if categories:
        keys = " and ".join(f"`{key}`" for key in categories)
        return (
            f"spend by cost category {keys} is not collected; name it in "
            f"collection.spend.categories, or {BILL}"
        )
    together = " together" if not alone and len(asked) > 1 else ""
    return (
        f"spend by {_listed(alone or asked)}{together} is not collected: Cost Explorer gives "
        f"two dimensions at a time; {BILL}"
    )


def _listed(dimensions: Sequence[Dimension]) -> str:
    return " and ".join(_word(d) for d in dimensions) or "nothing"


def _word(dimension: Dimension) -> str:
    if isinstance(dimension, SpendDimension):
        return _WORDS[dimension]
    kind = "tag" if isinstance(dimension, Tag) else "cost category"
    return f"{kind} `{dimension.key}`"
