"""Readers: one method a question; pages, API and alarms get the same numbers here.

Every answer is a :class:`app.model.readings.Reading` or a plain value; a reader
asks only the store and never AWS.
"""

from __future__ import annotations

from app.read.alarms import AlarmDetail, AlarmRow
from app.read.browse import Browsed, Item
from app.read.charts import Chart, Number
from app.read.collection import Collection, DataSet, RoundRow
from app.read.coverage import CoverDetail, Covered, Matrix
from app.read.findings import FindingRow, FindingsAnswer
from app.read.golden import Golden
from app.read.guarding import Cover, Guard
from app.read.health import Overview, ResourceHealth, ServiceHealth, ServiceState
from app.read.inventory import Change, Described, Found
from app.read.jobs import Jobs, Progress
from app.read.log_audits import GroupAudit
from app.read.log_page import (
    FieldValues,
    Holds,
    LogAnswer,
    LogQuestion,
    LogTimes,
    Mistake,
    ValueCount,
)
from app.read.logs import FieldShare
from app.read.metrics import Cell, ResourceFigures, ServiceFigures
from app.read.noise import Noise, NoiseReport, NoiseRow
from app.read.promptness import Promptness
from app.read.reads import Navigation, Reads, ServiceLink
from app.read.related import Related
from app.read.rule_tree import Branch
from app.read.scope import Scope
from app.read.spend import (
    Granularity,
    SpendAnswer,
    SpendFilter,
    SpendQuestion,
    SpendReader,
    SpendRow,
)
from app.read.spend.anomalies import Cause, SpendAnomaly
from app.read.spend.decompose import Mover
from app.read.spend.forecast import Forecast, Spread
from app.read.spend.free_tier import Meter as FreeMeter
from app.read.spend.idle import Idle, IdleLine
from app.read.spend.observing import (
    GroupCost,
    NamespaceCost,
    Observability,
    ObservabilityKind,
)
from app.read.spend.outlook import AwsForecast
from app.read.spend.tagged import TagCoverage
from app.read.spend.today import Today, TodayLine
from app.read.spend.units import UnitCost
from app.read.spending import Spending
from app.read.strip import Strip
from app.read.trace_page.answers import (
    Chosen,
    Common,
    Counts,
    Exemplar,
    FilterWords,
    Malformed,
    MapFound,
    ServiceEdge,
    ServiceNode,
    Shared,
    TimeSpread,
    TraceLine,
    TraceLines,
    TraceQuestion,
    TraceRow,
    TracesFound,
    Word,
)
from app.read.trace_page.around import Around
from app.read.trace_page.filters import FAILED, annotation_filter, entering, of_service, over
from app.read.trace_page.words import annotation_value
from app.read.traces import Insight, Sampled, sampled_share
from app.read.troubles import Trouble

__all__ = [
    "FAILED",
    "AlarmDetail",
    "AlarmRow",
    "Around",
    "AwsForecast",
    "Branch",
    "Browsed",
    "Cause",
    "Cell",
    "Change",
    "Chart",
    "Chosen",
    "Collection",
    "Common",
    "Counts",
    "Cover",
    "CoverDetail",
    "Covered",
    "DataSet",
    "Described",
    "Exemplar",
    "FieldShare",
    "FieldValues",
    "FilterWords",
    "FindingRow",
    "FindingsAnswer",
    "Forecast",
    "Found",
    "FreeMeter",
    "Golden",
    "Granularity",
    "GroupAudit",
    "GroupCost",
    "Guard",
    "Holds",
    "Idle",
    "IdleLine",
    "Insight",
    "Item",
    "Jobs",
    "LogAnswer",
    "LogQuestion",
    "LogTimes",
    "Malformed",
    "MapFound",
    "Matrix",
    "Mistake",
    "Mover",
    "NamespaceCost",
    "Navigation",
    "Noise",
    "NoiseReport",
    "NoiseRow",
    "Number",
    "Observability",
    "ObservabilityKind",
    "Overview",
    "Progress",
    "Promptness",
    "Reads",
    "Related",
    "ResourceFigures",
    "ResourceHealth",
    "RoundRow",
    "Sampled",
    "Scope",
    "ServiceEdge",
    "ServiceFigures",
    "ServiceHealth",
    "ServiceLink",
    "ServiceNode",
    "ServiceState",
    "Shared",
    "SpendAnomaly",
    "SpendAnswer",
    "SpendFilter",
    "SpendQuestion",
    "SpendReader",
    "SpendRow",
    "Spending",
    "Spread",
    "Strip",
    "TagCoverage",
    "TimeSpread",
    "Today",
    "TodayLine",
    "TraceLine",
    "TraceLines",
    "TraceQuestion",
    "TraceRow",
    "TracesFound",
    "Trouble",
    "UnitCost",
    "ValueCount",
    "Word",
    "annotation_filter",
    "annotation_value",
    "entering",
    "of_service",
    "over",
    "sampled_share",
]
