"""List prices, and how usage types are called in a Region.

US dollars in us-east-1 and eu-central-1, near the price lists of November 2026.
A usage type carries the code of its Region in front, except in us-east-1.
"""

from __future__ import annotations

AMERICA, EUROPE = "us-east-1", "eu-central-1"
GLOBAL = "global"
_CODES = {EUROPE: "EUC1-", AMERICA: ""}

# fmt: off
PRICES: dict[str, tuple[float, float]] = {
    "Lambda-GB-Second": (0.0000166667, 0.0000166667),
    "Request": (0.0000002, 0.0000002),
    "ApiGatewayRequest": (0.0000035, 0.0000037),
    "ApiGatewayHttpRequest": (0.000001, 0.0000012),
    "ApiGatewayMessage": (0.000001, 0.0000012),
    "ApiGatewayMinute": (0.00000025, 0.000000285),
    "Requests-RBP": (0.0000004, 0.0000004),
    "SNS:Requests-Tier1": (0.0000005, 0.0000005),
    "Event-64K-Chunks": (0.000001, 0.000001),
    "ReadRequestUnits": (0.000000125, 0.0000001525),
    "WriteRequestUnits": (0.000000625, 0.0000007625),
    "ReadCapacityUnit-Hrs": (0.00013, 0.0001586),
    "WriteCapacityUnit-Hrs": (0.00065, 0.000793),
    "DDB:TimedStorage-ByteHrs": (0.25, 0.306),
    "S3:TimedStorage-ByteHrs": (0.023, 0.0245),
    "S3:Requests-Tier1": (0.000005, 0.0000054),
    "S3:Requests-Tier2": (0.0000004, 0.00000043),
    "BoxUsage:m7g.large": (0.0816, 0.0976),
    "BoxUsage:t3.micro": (0.0104, 0.012),
    "BoxUsage:t3.large": (0.0832, 0.096),
    "BoxUsage:c7g.xlarge": (0.145, 0.1648),
    "EBS:VolumeUsage.gp3": (0.08, 0.0952),
    "EBS:VolumeUsage.gp2": (0.10, 0.119),
    "EBS:SnapshotUsage": (0.05, 0.054),
    "NatGateway-Hours": (0.045, 0.052),
    "NatGateway-Bytes": (0.045, 0.052),
    "DataTransfer-Out-Bytes": (0.09, 0.09),
    "DataTransfer-Regional-Bytes": (0.01, 0.01),
    "PublicIPv4:InUseAddress": (0.005, 0.005),
    "LoadBalancerUsage": (0.0225, 0.027),
    "LCUUsage": (0.008, 0.008),
    "Fargate-vCPU-Hours:perCPU": (0.04048, 0.04656),
    "Fargate-GB-Hours": (0.004445, 0.00511),
    "Multi-AZUsage:db.m7g.large": (0.337, 0.404),
    "InstanceUsage:db.t4g.large": (0.129, 0.147),
    "InstanceUsage:db.t4g.small": (0.032, 0.038),
    "RDS:GP3-Storage": (0.115, 0.137),
    "RDS:Multi-AZ-GP3-Storage": (0.23, 0.274),
    "RDS:ChargedBackupUsage": (0.095, 0.103),
    "DataProcessing-Bytes": (0.50, 0.63),
    "Logs:TimedStorage-ByteHrs": (0.03, 0.0324),
    "CW:MetricMonitorUsage": (0.30, 0.30),
    "CW:AlarmMonitorUsage": (0.10, 0.10),
    "CW:GMD-Metrics": (0.00001, 0.00001),
    "XRay-TracesStored": (0.000005, 0.000005),
    "KMS-Keys": (1.0, 1.0),
    "AWSSecretsManager-Secrets": (0.40, 0.40),
    "Build-Min:Linux:g1.small": (0.005, 0.005),
}
# fmt: on
"""By usage type; a word before a colon is ours where two services share the name."""

_OURS = ("SNS:", "DDB:", "S3:", "Logs:")


def price(key: str, region: str) -> float:
    """US dollars for one unit."""
    america, europe = PRICES[key]
    return europe if region == EUROPE else america


def usage_type(key: str, region: str) -> str:
    """The name on the bill."""
    for ours in _OURS:
        key = key.removeprefix(ours)
    if key == "KMS-Keys":
        return f"{region}-{key}"
    return _CODES.get(region, f"{region}-") + key
