"""ripgrep on the text file, with jq, awk and the like where a question needs more."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

from bench.log_engines.child import Rows, main


class Shell:
    """A peer; see :class:`bench.log_engines.child.Engine`."""

    def load(self, order: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError("the text is read as it is")

    def opened(self, order: dict[str, Any]) -> Callable[[], Rows]:
        command = ["bash", "-c", "set -o pipefail\n" + order["text"]]
        environment = os.environ | {"LC_ALL": "C", "RAW": order["raw"]}

        def ask() -> Rows:
            done = subprocess.run(command, env=environment, capture_output=True, check=True)
            return [line.split("\t") for line in done.stdout.decode().splitlines()]

        return ask


if __name__ == "__main__":
    main(Shell())
