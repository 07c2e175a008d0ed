"""config.yaml as checked values. ``load`` reads a file; the models may also be made in Python.

Other parts receive the few values they use; only ``app.run`` and ``app.cli`` load a file.
"""

from __future__ import annotations

from app.config.accounts import AccountSettings
from app.config.alarms import (
    AlarmSettings,
    Dimension,
    MetricAlarmSettings,
    MuteRuleSettings,
    OtherAlarmSettings,
)
from app.config.load import load
from app.config.logs import (
    LogFilesSettings,
    LogGroupSettings,
    LogKeepSettings,
    LogMetricFilterSettings,
    LogMetricsSettings,
    LogSampleSettings,
    LogsSettings,
    RedactionPatternSettings,
    RedactionSettings,
)
from app.config.mistakes import ConfigMistakes, Mistake
from app.config.models import (
    CatalogueSettings,
    CollectionSettings,
    InventorySettings,
    MetricsSettings,
    QuerySettings,
    Settings,
    StoreSettings,
    UserSettings,
    WebSettings,
)
from app.config.money import (
    BudgetSettings,
    DigestSettings,
    FindingsSettings,
    MoneySettings,
    WaiverSettings,
)
from app.config.notifications import (
    ChannelSettings,
    ConsoleSettings,
    NotificationSettings,
    SlackSettings,
    SnsSettings,
    WebhookSettings,
)
from app.config.spend import SpendReading, SpendSettings
from app.config.values import Secret

__all__ = [
    "AccountSettings",
    "AlarmSettings",
    "BudgetSettings",
    "CatalogueSettings",
    "ChannelSettings",
    "CollectionSettings",
    "ConfigMistakes",
    "ConsoleSettings",
    "DigestSettings",
    "Dimension",
    "FindingsSettings",
    "InventorySettings",
    "LogFilesSettings",
    "LogGroupSettings",
    "LogKeepSettings",
    "LogMetricFilterSettings",
    "LogMetricsSettings",
    "LogSampleSettings",
    "LogsSettings",
    "MetricAlarmSettings",
    "MetricsSettings",
    "Mistake",
    "MoneySettings",
    "MuteRuleSettings",
    "NotificationSettings",
    "OtherAlarmSettings",
    "QuerySettings",
    "RedactionPatternSettings",
    "RedactionSettings",
    "Secret",
    "Settings",
    "SlackSettings",
    "SnsSettings",
    "SpendReading",
    "SpendSettings",
    "StoreSettings",
    "UserSettings",
    "WaiverSettings",
    "WebSettings",
    "WebhookSettings",
    "load",
]
