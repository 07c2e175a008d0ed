"""Lines of fixed layout: which log types there are, and what each column of theirs is called.

Names without a dot are CloudWatch's own (Amazon CloudWatch Logs User Guide,
"Supported logs and discovered fields"). Names such as ``@alb.elbStatusCode`` are
ours: CloudWatch finds nothing there. No JSON key can be called so, because a
leading ``@`` gets one more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

Scalar = str | float | bool

MEGABYTE = 1_000_000
"""CloudWatch writes Lambda memory in decimal megabytes."""

ID = "([0-9a-fA-F-]{36})"
_MS = r"([0-9]+(?:\.[0-9]+)?) ms"
_MB = r"([0-9]+(?:\.[0-9]+)?) MB"
_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?|-)"
_WORD = r"([^ \t\r\n]+)"
_QUOTED = r'"([^"]*)"'
_BLANK, _END, _REST = r"[ \t]+", r"[ \t\r\n]*", r"(?s:.*)"
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class LineRule:
    """Lines that begin with one of ``first`` and match as a whole; ``-`` is no value.

    ``names`` are those of the groups in order, ``factors`` make numbers of some,
    ``constant`` holds for every such line.
    """

    first: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    factors: Mapping[str, float] = field(default_factory=dict)
    constant: Mapping[str, Scalar] = field(default_factory=dict)

    def fields(self, line: str) -> dict[str, Scalar] | None:
        """What the line holds; None where it is another kind of line."""
        match = self.pattern.fullmatch(line)
        if match is None:
            return None
        found = dict(self.constant)
        for name, text in zip(self.names, match.groups(), strict=True):
            if text is not None and text != "-":
                factor = self.factors.get(name)
                found[name] = text if factor is None else float(text) * factor
        return found


@cache
def rules_by_first() -> Mapping[str, tuple[LineRule, ...]]:
    """The rules to try for a line, by its first character."""
    firsts = sorted({first for rule in RULES for first in rule.first})
    return {first: tuple(rule for rule in RULES if first in rule.first) for first in firsts}


def _lambda(prefix: str, *names: str, first: str = "", **constant: Scalar) -> LineRule:
    named = {f"@{name}": value for name, value in constant.items()}
    return LineRule(first or prefix[0], re.compile(prefix), names, _of_lambda, named)


_of_lambda = {
    "@duration": 1.0,
    "@billedDuration": 1.0,
    "@memorySize": MEGABYTE,
    "@maxMemoryUsed": MEGABYTE,
    "@initDuration": 1.0,
    "@lambda.initDuration": 1.0,
    "@lambda.restoreDuration": 1.0,
    "@lambda.billedRestoreDuration": 1.0,
}
_REPORT = (
    rf"REPORT RequestId: {ID}\s+Duration: {_MS}\s+Billed Duration: {_MS}"
    rf"\s+Memory Size: {_MB}\s+Max Memory Used: {_MB}"
    rf"(?:\s+Init Duration: {_MS})?(?:\s+Restore Duration: {_MS})?"
    rf"(?:\s+Billed Restore Duration: {_MS})?"
    r"(?:\s+Status: ([a-z]+))?(?:\s+Error Type: ([A-Za-z0-9_.]+))?"
    r"(?:\s+XRAY TraceId: (\S+)\s+SegmentId: (\S+)(?:\s+Sampled: [a-z]+)?)?\s*"
)
_REPORT_NAMES = (
    *("@requestId", "@duration", "@billedDuration", "@memorySize", "@maxMemoryUsed"),
    *("@initDuration", "@lambda.restoreDuration", "@lambda.billedRestoreDuration"),
    *("@lambda.status", "@lambda.errorType", "@xrayTraceId", "@xraySegmentId"),
)
_INIT_REPORT = (
    rf"INIT_REPORT Init Duration: {_MS}(?:\s+Phase: ([a-z]+))?"
    rf"(?:\s+Status: ([a-z]+))?(?:\s+Error Type: ([A-Za-z0-9_.]+))?\s*"
)
_VPC = (
    *("version", "accountId", "interfaceId", "srcAddr", "dstAddr", "srcPort", "dstPort"),
    *("protocol", "packets", "bytes", "startTime", "endTime", "action", "logStatus"),
)
_ROUTE53 = (
    *("version", "queryTimestamp", "hostZoneId", "queryName", "queryType", "responseCode"),
    *("protocol", "edgeLocation", "resolverIp", "ednsClientSubnet"),
)
_ALB = {
    "type": "(https?|h2|grpcs|wss?)",
    "time": r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z)",
    **dict.fromkeys(["elb", "client", "target"], _WORD),
    **dict.fromkeys(["requestProcessingTime", "targetProcessingTime"], _NUMBER),
    **dict.fromkeys(["responseProcessingTime", "elbStatusCode", "targetStatusCode"], _NUMBER),
    **dict.fromkeys(["receivedBytes", "sentBytes"], _NUMBER),
    **dict.fromkeys(["request", "userAgent"], _QUOTED),
    **dict.fromkeys(["sslCipher", "sslProtocol", "targetGroupArn"], _WORD),
    **dict.fromkeys(["traceId", "domainName", "chosenCertArn"], _QUOTED),
    "matchedRulePriority": _NUMBER,
    "requestCreationTime": _WORD,
    **dict.fromkeys(["actionsExecuted", "redirectUrl", "errorReason"], _QUOTED),
}
"""The columns that every entry has, newer ones follow."""

_ALB_LATER = {
    **dict.fromkeys(["targetPortList", "targetStatusCodeList"], _QUOTED),
    **dict.fromkeys(["classification", "classificationReason"], _QUOTED),
    "connTraceId": _WORD,
}
_ACCESS = (
    rf'{_WORD} {_WORD} {_WORD} \[([^\]\n]+)\] ?"([A-Z]+) {_WORD} ([^ "\n]+)"'
    rf" {_NUMBER} {_NUMBER} ([0-9A-Za-z_=-]{{10,}}){_END}"
)
_ACCESS_NAMES = (
    *("ip", "caller", "user", "requestTime", "httpMethod", "resourcePath", "protocol"),
    *("status", "responseLength", "requestId"),
)
_ALB_NUMBERS = [name for name, pattern in _ALB.items() if pattern == _NUMBER]


def _alb() -> re.Pattern[str]:
    later = "".join(f"(?: {pattern})?" for pattern in _ALB_LATER.values())
    return re.compile(f"{' '.join(_ALB.values())}{later}(?: {_REST})?{_END}")


def _blank_separated(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(_BLANK.join(patterns) + _END)


RULES = (
    _lambda(f"START RequestId: {ID}{_REST}", "@requestId", type="START"),
    _lambda(f"END RequestId: {ID}{_REST}", "@requestId", type="END"),
    _lambda(_REPORT, *_REPORT_NAMES, type="REPORT"),
    _lambda(
        r"INIT_START Runtime Version: (\S+)\s+Runtime Version ARN: (\S+)\s*",
        *("@lambda.runtimeVersion", "@lambda.runtimeVersionArn"),
    ),
    _lambda(
        _INIT_REPORT,
        *("@lambda.initDuration", "@lambda.phase", "@lambda.status", "@lambda.errorType"),
    ),
    _lambda(rf"RESTORE_REPORT Restore Duration: {_MS}\s*", "@lambda.restoreDuration"),
    _lambda(rf"[0-9][^\s]*\t{ID}\t[A-Za-z]+\t{_REST}", "@requestId", first=_DIGITS),
    _lambda(rf"\[[A-Z]+\]\t[^\s]+\t{ID}\t{_REST}", "@requestId", first="["),
    _lambda(rf"[0-9][^\s]* {ID} Task timed out {_REST}", "@requestId", first=_DIGITS),
    _lambda(f"RequestId: {ID} {_REST}", "@requestId"),
    LineRule(_DIGITS, _blank_separated([*[_WORD] * 2, "(eni-[^ \t\r\n]*)", *[_WORD] * 11]), _VPC),
    LineRule(
        _DIGITS,
        _blank_separated(
            [_WORD, r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[^ \t\r\n]*)", "(Z[^ \t\r\n]*)"]
            + [_WORD] * 7
        ),
        _ROUTE53,
    ),
    LineRule(
        "hgw",
        _alb(),
        tuple(f"@alb.{name}" for name in (*_ALB, *_ALB_LATER)),
        {f"@alb.{name}": 1.0 for name in _ALB_NUMBERS},
    ),
    LineRule(
        _DIGITS + "abcdef:",
        re.compile(_ACCESS),
        tuple(f"@apigw.{name}" for name in _ACCESS_NAMES),
        {"@apigw.status": 1.0, "@apigw.responseLength": 1.0},
    ),
    LineRule(
        "(",
        re.compile(rf"\({ID}\) (?:Method completed with status: ([0-9]{{3}}))?{_REST}"),
        ("@apigw.requestId", "@apigw.status"),
        {"@apigw.status": 1.0},
    ),
)
"""Every kind of line; of several that match the first one counts."""
