"""The peer: damped Holt-Winters of statsmodels over lines of ``{"values": …, "days": …}``.

Runs in the environment of peers and imports nothing of ours. Prints the sum of the days
ahead, a line for each line.
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
from statsmodels.tsa.holtwinters import ExponentialSmoothing


def ahead(values: list[float], days: int) -> float:
    """The sum that the model expects."""
    model = ExponentialSmoothing(
        np.array(values),
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=7,
        initialization_method="estimated",
    )
    return float(model.fit().forecast(days).sum())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(ahead(**json.loads(line)))
