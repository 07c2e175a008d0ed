"""Sends parcels, channels side by side, and notes how each try ended.

After a failure that may pass, the rest of the channel's messages wait with it: a dead
receiver is asked once in a go, and the order is kept.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from alerts.delivery.group import Parcel
from alerts.delivery.outcome import failed, refused
from alerts.delivery.run import Run
from app.model.errors import NotifyFailed

_LOG = logging.getLogger(__name__)
_AT_ONCE = 8


def send_all(parcels: Mapping[str, Sequence[Parcel]], run: Run) -> None:
    """Send everything; one thread for each channel, so none waits for another."""
    busy = [line for line in parcels.values() if line]
    if not busy:
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(busy)), thread_name_prefix="deliver") as pool:
        for done in [pool.submit(_send_line, line, run) for line in busy]:
            done.result()


def _send_line(line: Sequence[Parcel], run: Run) -> None:
    for position, parcel in enumerate(line):
        error = _try(parcel, run)
        if error is None:
            for delivery in parcel.deliveries:
                run.sent(delivery)
            continue
        _LOG.warning(
            "a message was not delivered",
            extra={"channel": parcel.channel, "permanent": error.permanent, "why": str(error)},
        )
        if error.permanent:
            refused(parcel.deliveries, error, run)
            continue
        waiting = [d for later in line[position + 1 :] for d in later.deliveries]
        failed(parcel.deliveries, waiting, error, run)
        return


def _try(parcel: Parcel, run: Run) -> NotifyFailed | None:
    """Render and send; a mistake of a notifier counts as a permanent failure of its message."""
    try:
        notices = [run.notice(delivery) for delivery in parcel.deliveries]
        parcel.notifier.send(parcel.notifier.render(notices))
    except NotifyFailed as error:
        return error
    except Exception as error:  # one message that cannot be written must not stop the others
        kind = type(error).__name__  # its text might hold an address
        _LOG.error("a notifier failed", extra={"kind": kind, "where": _where(error)})
        return NotifyFailed(f"the message could not be written ({kind})", permanent=True)
    return None


def _where(error: Exception) -> str:
    """The line that raised, without what it said."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
