"""Which splits of the bill Cost Explorer is asked for.

It groups by two things at most in one request. Each of these answers sums to the
whole bill, so a question is answered from one of them and they are never added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.model.groups import spend_group
from app.model.spend import CostCategory, Cut, Dimension, SpendDimension, Tag, cut_of

_D = SpendDimension


@dataclass(frozen=True, slots=True)
class Split:
    """One way to split the bill: one or two dimensions of GroupBy."""

    dimensions: tuple[Dimension, ...]

    @property
    def cut(self) -> Cut:
        return cut_of(*self.dimensions)

    @property
    def group(self) -> str:
        """The group of its rounds and of its coverage."""
        return spend_group(f"costs/{'+'.join(self.cut)}")

    @property
    def past(self) -> str:
        """The group of rounds that fill its past; what they cover counts for ``group``."""
        return spend_group(f"history/{'+'.join(self.cut)}")

    @property
    def counts(self) -> bool:
        """Whether usage quantities mean anything: only within one usage type."""
        return SpendDimension.USAGE_TYPE in self.dimensions

    def group_by(self) -> list[dict[str, str]]:
        """The parameter of GetCostAndUsage."""
        return [_definition(dimension) for dimension in self.dimensions]

    def columns(self) -> list[str]:
        """Columns of a statement's rows, in the order of the answer's keys."""
        return [d.column if isinstance(d, _D) else "tag_value" for d in self.dimensions]

    def values(self, keys: Sequence[str]) -> list[str]:
        """What the keys of a group say; those of tags and categories are ``key$value``."""
        return [
            key if isinstance(dimension, _D) else key.removeprefix(f"{dimension.key}$")
            for key, dimension in zip(keys, self.dimensions, strict=True)
        ]


def splits(tags: Sequence[str], categories: Sequence[str] = ()) -> list[Split]:
    """All splits, the most needed first."""
    plain: list[tuple[Dimension, ...]] = [
        (_D.SERVICE, _D.USAGE_TYPE),
        (_D.LINKED_ACCOUNT, _D.SERVICE),
        (_D.REGION, _D.SERVICE),
        (_D.RECORD_TYPE, _D.SERVICE),
    ]
    tagged: list[tuple[Dimension, ...]] = [(_D.SERVICE, Tag(key)) for key in dict.fromkeys(tags)]
    sorted_in = [(_D.SERVICE, CostCategory(key)) for key in dict.fromkeys(categories)]
    return [Split(dimensions) for dimensions in (*plain, *tagged, *sorted_in)]


def _definition(dimension: Dimension) -> dict[str, Any]:
    if isinstance(dimension, Tag):
        return {"Type": "TAG", "Key": dimension.key}
    if isinstance(dimension, CostCategory):
        return {"Type": "COST_CATEGORY", "Key": dimension.key}
    return {"Type": "DIMENSION", "Key": dimension.value}


METRICS: Mapping[str, str] = {
    "UnblendedCost": "unblended",
    "AmortizedCost": "amortized",
    "NetUnblendedCost": "net_unblended",
    "NetAmortizedCost": "net_amortized",
}
"""Cost Explorer's amounts and the columns that hold them; all come with one request."""

QUANTITY = "UsageQuantity"
