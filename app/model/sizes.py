"""The gigabyte that AWS bills, in one place.

It is 2^30 bytes on every meter that counts bytes (storage, transfer, NAT, log ingestion and
scans): "Amazon S3 FAQs" divide by 1,073,741,824 bytes for a gigabyte of the bill, and usage
reports count the same everywhere. What a page writes as GiB is the same size.
"""

from __future__ import annotations

from decimal import Decimal

BYTES_A_GB = 2**30


def billed_gb(size: float) -> Decimal:
    """So many bytes in gigabytes of the bill."""
    return Decimal(repr(size)) / BYTES_A_GB
