"""One thing that AWS bills for, day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.demo.spend.days import Days
from app.demo.world.noise import Floats
from app.model.ids import Place

Quantity = Callable[[Days], Floats]

USAGE, CREDIT, SUPPORT = "Usage", "Credit", "Support fee"
COVERED, NEGATION = "SavingsPlanCoveredUsage", "SavingsPlanNegation"
RECURRING, RESERVED, RESERVATION_FEE = "SavingsPlanRecurringFee", "DiscountedUsage", "RIFee"


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of the bill: ``quantity`` of each day at ``price`` US dollars.

    ``amortized`` gives US dollars a day where they are not quantity times price, and
    ``net`` is the share of the cost that is left after private discounts.
    """

    place: Place
    service: str
    usage_type: str
    operation: str
    unit: str
    price: float
    quantity: Quantity
    record_type: str = USAGE
    tags: Mapping[str, str] = field(default_factory=dict)
    resource: str = ""
    amortized: Quantity | None = None
    net: float = 1.0

    @property
    def name(self) -> str:
        """What keeps the chance of this charge apart from that of others."""
        return "/".join(
            (self.service, self.usage_type, self.operation, self.resource, self.record_type)
        )
