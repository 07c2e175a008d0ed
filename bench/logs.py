"""Seven questions to a day of ten million log lines, and what taking the day in costs.

Every engine gets two threads, a process of its own for each question, and the
same day; answers are compared by digest. ``python -m bench.logs 200000`` asks
a small day, ``--only needle,parsed`` some of the questions, ``--keep`` asks
our store as it was loaded the last time.
"""

from __future__ import annotations

import argparse
import os
import sys

from bench.log_engines.questions import Question, questions
from bench.log_engines.stage import OURS, Answered, Contender, Stage
from bench.logs_data import LINES, day
from bench.timing import report

PEAK_MB = 800
MOST_DISK_PLAIN = 0.25
MOST_DISK_FIELDS = 0.4
LEAST_LINES_PER_SECOND = 100_000


def main() -> None:
    asked = _arguments()
    os.environ["POLARS_MAX_THREADS"] = "2"
    stage = Stage(day(asked.lines))
    peers, absent = stage.peers()
    print("\n".join(absent))
    stage.files_for_peers()
    _load(stage, peers, keep=asked.keep)
    for question in questions(stage.day):
        if not asked.only or question.name in asked.only.split(","):
            _ask(stage, question, peers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", nargs="?", type=int, default=LINES)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def _load(stage: Stage, peers: list[Contender], *, keep: bool) -> None:
    lines, raw = stage.day.lines, stage.day.message_bytes
    print(f"{lines:,} lines, {raw / 1e6:,.0f} MB of messages")
    for peer in peers:
        if peer.storage == "native":
            loaded = stage.load_peer(peer)
            print(
                f"  {peer.name}: {lines / loaded.seconds:,.0f} lines/s,"
                f" {loaded.bytes / raw:.2f} of the raw size, {loaded.peak_mb:,.0f} MB"
            )
    if not keep:
        _load_ours(stage)


def _load_ours(stage: Stage) -> None:
    lines, raw = stage.day.lines, stage.day.message_bytes
    plain = stage.load_ours(fields=False)
    figures = stage.load_ours(fields=True)
    assert figures["rows"] == plain["rows"] == lines
    seconds = figures["taken_apart"] + figures["committed"]
    print(
        f"  Watchdeck: fields {figures['taken_apart']:,.0f} s,"
        f" commits {figures['committed']:,.0f} s (without fields {plain['committed']:,.0f} s),"
        f" merging {figures['merged']:,.0f} s, sealing {figures['sealed']:,.0f} s"
    )
    report("ingest", lines / seconds, "lines/s", limit=LEAST_LINES_PER_SECOND, better="more")
    report("ingest by a second of computing", lines / figures["cpu"], "lines")
    for step in ("merged", "sealed"):
        report(f"{step} by a second of computing", lines / figures[f"{step}_cpu"], "lines")
    report("ingest, peak memory", figures["ingest_peak_mb"], "MB")
    report("ingest, merging and sealing, peak memory", figures["peak_mb"], "MB")
    for name, told, limit in (
        ("without fields", plain, MOST_DISK_PLAIN),
        ("with fields", figures, MOST_DISK_FIELDS),
    ):
        report(f"disk of the newest day {name}", told["bytes"] / raw, "of the raw size")
        share = told["sealed_bytes"] / raw
        report(f"disk of a sealed day {name}", share, "of the raw size", limit=limit)


def _ask(stage: Stage, question: Question, peers: list[Contender]) -> None:
    print(f"\n{question.label}", flush=True)
    answers, problems = stage.ask(question, (OURS, *peers))
    for problem in problems:
        print(f"  {problem}: MISSED")
    for got in answers:
        print(
            f"  {got.contender.name:<18} {got.warm * 1000:>10,.1f} ms"
            f"   computing {got.cpu * 1000:>8,.0f} ms   cold {got.cold * 1000:>9,.0f} ms"
            f"   {got.peak_mb:>6,.0f} MB"
            f"   {got.rows:>4,} rows {got.digest} ({got.runs} runs)"
        )
    ours = [answer for answer in answers if answer.contender is OURS]
    peers_said = [answer for answer in answers if answer.contender is not OURS]
    for one in ours:
        for peer in peers_said:
            if peer.digest != one.digest:
                print(f"  {peer.contender.name} answers otherwise: MISSED")
        _judge(question, one, [peer for peer in peers_said if peer.digest == one.digest])


def _judge(question: Question, ours: Answered, peers: list[Answered]) -> None:
    """Print each limit of the question, and whether it holds."""
    limit = question.limit
    if limit.ms is not None:
        report(f"{question.label}", ours.warm * 1000, "ms", limit=limit.ms)
    databases = [peer for peer in peers if peer.contender.is_database]
    shell = [peer for peer in peers if not peer.contender.is_database]
    _compare(question, ours, peers, limit.of_best, "the best peer")
    _compare(question, ours, databases, limit.of_databases, "the best engine")
    _compare(question, ours, shell, limit.of_shell, "ripgrep")
    report(f"{question.label}, peak memory", ours.peak_mb, "MB", limit=PEAK_MB)


def _compare(
    question: Question, ours: Answered, peers: list[Answered], limit: float | None, name: str
) -> None:
    if peers and (limit is not None or name == "the best peer"):
        best = min(peers, key=lambda peer: peer.warm)
        label = f"{question.label}, of {name} ({best.contender.name})"
        report(label, ours.warm / best.warm, "times", limit=limit)


if __name__ == "__main__":
    sys.exit(main())
