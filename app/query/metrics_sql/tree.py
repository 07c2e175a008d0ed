"""What a Metrics Insights query says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Statistic(StrEnum):
    AVG = "AVG"
    COUNT = "COUNT"
    MAX = "MAX"
    MIN = "MIN"
    SUM = "SUM"


class KeyKind(StrEnum):
    DIMENSION = "dimension"
    TAG = "tag"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Key:
    kind: KeyKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """``value`` None stands for CURRENT_ACCOUNT_ID()."""

    key: Key
    negated: bool
    value: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """``schema`` is None for a plain namespace, else the exact set of dimension names.

    ``order`` is the function that ranks, with True for descending.
    """

    statistic: Statistic
    metric: str
    namespace: str
    schema: frozenset[str] | None = None
    where: tuple[Condition, ...] = ()
    group: tuple[Key, ...] = ()
    order: tuple[Statistic, bool] | None = None
    limit: int | None = None
