"""An amount and its forecast against a budget, in the words of AWS Budgets' own table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Against:
    """A budget of a period with what is spent and what will have been."""

    limit: Decimal
    actual: Decimal
    forecast: Decimal | None

    @property
    def actual_percent(self) -> Decimal:
        return _percent(self.actual, self.limit)

    @property
    def forecast_percent(self) -> Decimal | None:
        return None if self.forecast is None else _percent(self.forecast, self.limit)

    def level(self, percent: Decimal) -> Decimal:
        """The amount at which a threshold in percent of the budget lies."""
        return (self.limit * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def is_over(self, percent: Decimal, *, forecasted: bool) -> bool:
        """Whether a threshold is passed; what has no forecast passes none."""
        amount = self.forecast if forecasted else self.actual
        return amount is not None and amount > self.level(percent)


def _percent(amount: Decimal, limit: Decimal) -> Decimal:
    if not limit:
        return Decimal(0)
    return (amount / limit * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
