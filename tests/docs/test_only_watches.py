"""Nothing that people read claims that spending is stopped, by Watchdeck or by a budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.claims import READ, claims, texts_of

ROOT = Path(__file__).parents[2]
PLACES = {
    "app": ("app", "*.py"),
    "catalogue": ("app/catalogue", "*.yaml"),
    "alerts": ("alerts", "*.py"),
    "collectors": ("collectors", "*.py"),
    "dashboards": ("dashboards", "*.py"),
    "scripts": ("dashboards/assets", "[0-9a-z]*.js"),
    "guide": ("docs/guide", "*.md"),
    "services": ("docs/services", "*.md"),
    "readme": (".", "README.md"),
}

LARGEST = 200_000
"""Bytes; what is larger is a library's."""


@pytest.mark.parametrize("place", list(PLACES))
def test_no_text_claims_that_spending_is_stopped(place: str) -> None:
    assert texts(place)
    assert [told for text in texts(place) for told in claims(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Watchdeck stops spending at 100 %.",
        "Budget blog has its spending capped at $2,100",
        "At the limit all charges are blocked.",
        "The action shuts off whatever costs too much.",
        "Your bill cannot exceed this amount.",
        "A budget limits what you spend.",
        "You will never pay more than $5.",
        "Stop the spend",
    ],
)
def test_a_claim_would_be_seen(text: str) -> None:
    assert claims(f"All is well. {text}") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Watchdeck watches and tells; it cannot stop AWS from charging.",
        "Stop the instance, or end it.",
        "$45.10 of a limit of $45.00",
        "Nothing stops spending by itself.",
    ],
)
def test_advice_and_the_plain_truth_are_no_claims(text: str) -> None:
    assert claims(text) == []


def test_every_sentence_that_was_read_still_stands_somewhere() -> None:
    told = " ".join(" ".join(text.split()) for place in PLACES for text in texts(place))
    assert [known for known in READ if known not in told] == []


def texts(place: str) -> list[str]:
    """Everything that is written there."""
    folder, pattern = PLACES[place]
    found = (ROOT / folder).glob(pattern) if folder == "." else (ROOT / folder).rglob(pattern)
    return [text for file in found if file.stat().st_size < LARGEST for text in texts_of(file)]
