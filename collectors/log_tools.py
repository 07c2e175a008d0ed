"""What all readers of log events share: rules, limits, redaction, and metrics made of events."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue import Catalogue
from app.config import LogsSettings
from app.store import Store
from collectors.log_limits import HourlyLimits
from collectors.log_metrics import LogMetrics
from collectors.log_redaction import Redaction
from collectors.log_shape import Shaper
from collectors.log_sources import Sources


@dataclass(frozen=True, slots=True)
class LogTools:
    """One set for a store; thread-safe."""

    shaper: Shaper
    metrics: LogMetrics
    sources: Sources

    @classmethod
    def of(cls, store: Store, catalogue: Catalogue, settings: LogsSettings) -> LogTools:
        read = {name for service in catalogue for name in service.namespaces}
        sources = Sources(store, read, lines=settings.metrics.emf)
        return cls(
            Shaper(Redaction.of(settings.redact), HourlyLimits(store)),
            LogMetrics(settings.metrics, store, sources),
            sources,
        )
