"""Loading every service file: the pages wait for it at the start.

The peer only parses the same files with PyYAML's pure Python loader, checks nothing and
builds nothing.
"""

from __future__ import annotations

import sys

import yaml

from app.catalogue import load_catalogue
from app.catalogue.load import SERVICES
from bench.timing import compare, in_turns, report

LIMIT_MS = 150.0


def main() -> bool:
    """Print what loading takes; whether it is within its limit."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SERVICES.glob("*.yaml"))]
    ours, peer = in_turns(
        load_catalogue, lambda: [yaml.load(text, Loader=yaml.SafeLoader) for text in texts]
    )
    compare("catalogue: load", ours.median, peer.median, peer_name="PyYAML parse alone")
    return report(f"catalogue: load {len(texts)} services", ours.median, "ms", limit=LIMIT_MS)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
