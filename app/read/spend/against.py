"""An amount and its forecast against a budget, in the words of AWS Budgets' own table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Number = Decimal | float | int | str


@dataclass(frozen=True, slots=True)
class Against:
    """A budget of a period with what is spent and what will have been; kept as Decimal."""

    limit: Decimal
    actual: Decimal
    forecast: Decimal | None = None

    @classmethod
    def of(cls, limit: Number, actual: Number, forecast: Number | None = None) -> Against:
        """From numbers of any kind."""
        ahead = None if forecast is None else _decimal(forecast)
        return cls(_decimal(limit), _decimal(actual), ahead)

    @property
    def actual_percent(self) -> Decimal:
        return _percent(self.actual, self.limit)

    @property
    def forecast_percent(self) -> Decimal | None:
        return None if self.forecast is None else _percent(self.forecast, self.limit)

    def level(self, percent: Number) -> Decimal:
        """The amount at which a threshold in percent of the budget lies."""
        return (self.limit * _decimal(percent) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def is_over(self, percent: Number, *, forecasted: bool) -> bool:
        """Whether a threshold is passed; what has no forecast passes none."""
        amount = self.forecast if forecasted else self.actual
        return amount is not None and amount > self.limit * _decimal(percent) / 100


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _percent(amount: Decimal, limit: Decimal) -> Decimal:
    if not limit:
        return Decimal(0)
    return (amount / limit * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
