"""Groups of rounds have names for people."""

from __future__ import annotations

import pytest

from app.model.groups import log_group_words


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("logs/*", "logs, newest events"),
        ("log-groups", "logs, which groups"),
        ("logs-audit", "logs, audit"),
        ("logs//aws/lambda/a", "logs//aws/lambda/a"),
        ("logs-history//aws/lambda/a", "logs//aws/lambda/a, history"),
        ("logs-sweep/app", "logs/app, late events"),
    ],
)
def test_rounds_about_logs_are_called_by_what_they_read(group: str, words: str) -> None:
    assert log_group_words(group) == words
