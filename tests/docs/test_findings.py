"""docs/guide/findings.md has a row for each check, with its words, and no other."""

from __future__ import annotations

import re

from alerts.findings import RULES
from alerts.findings.amounts import WHY
from app.model.findings import FindingKind
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "guide" / "findings.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `([A-Z0-9]+-\d+)` \| (.+) \| (\w+) \| (.+) \|$", re.M)


def test_every_check_is_described_in_its_own_words() -> None:
    checks = (rule.check for rule in RULES)
    said = [(each.id, each.title, each.severity.value, each.advice) for each in checks]
    assert _ROW.findall(TEXT) == said


_KIND = re.compile(r"^\| ([A-Z0-9]+-\d+) \| .+ \| (?:`([A-Z0-9]+-\d+)`|—) \| (.+) \|$", re.M)
ASKED = re.findall(
    r"\S+",
    """
ACC-05 ACC-06 ACC-07 ACC-08 ACC-09 ACC-10 ACC-11 ACC-12 IAM-13 EC2-01 EC2-02 EC2-03 EC2-11 EC2-12
ECS-05 ECS-13 ECS-14 ECR-01 LAM-08 LAM-11 LAM-12 LAM-14 LAM-18 LAM-26 RDS-08 RDS-14 DDB-03 DDB-04
DDB-05 DDB-07 DDB-11 S3-03 S3-05 S3-06 S3-09 S3-10 S3-13 SQS-06 SQS-07 SQS-14 SNS-09 EVB-12 APG-05
APG-09 APG-10 R53-07 VPC-02 VPC-03 CFR-08 CFR-09 CFR-10 CIC-07 CIC-09 CIC-11 CW-01 CW-02 CW-03 CW-09
CW-10 CW-11 CW-16 SLS-01
""",
)
"""The kinds of needless cost that Watchdeck is to know, in the order of the map of operations."""

OWN = {"EBS-01", "EBS-02", "ECR-04", "S3-16", "BILL-01", "BILL-02", "BILL-03", "BILL-04"}


def test_every_kind_of_needless_cost_is_found_or_says_why_not() -> None:
    told = {kind: (check, amount) for kind, check, amount in _KIND.findall(TEXT)}
    assert sorted(told) == sorted(ASKED)
    built = {rule.check.id for rule in RULES if rule.check.kind is FindingKind.COST}
    assert {check for check, _ in told.values() if check} | OWN == built
    without = {kind for kind, (check, amount) in told.items() if not check}
    assert {kind for kind in without if not told[kind][1].startswith("not built: ")} == set()


def test_a_kind_that_never_has_an_amount_says_so() -> None:
    told = {check: amount for _, check, amount in _KIND.findall(TEXT)}
    always = set(WHY) - {"LAM-12", "SQS-06"}
    assert {check for check in always if not told[check].startswith("no amount")} == set()
