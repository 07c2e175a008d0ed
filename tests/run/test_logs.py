"""Log lines: one an event, and never a secret."""

from __future__ import annotations

import logging

from app.config import AccountSettings, NotificationSettings, Secret, Settings, SlackSettings
from app.run.logs import LineFormatter, secrets

SETTINGS = Settings(
    accounts=[
        AccountSettings(
            id="111111111111",
            regions=["eu-central-1"],
            access_key_id="AKIAEXAMPLE",
            secret_access_key=Secret("very-secret-key"),
        )
    ],
    notifications=NotificationSettings(
        channels={
            "ops": SlackSettings(type="slack", webhook_url=Secret("https://hooks.test/T/B/x"))
        }
    ),
)


def line(message: str, **extra: object) -> str:
    record = logging.LogRecord("app.run.work", logging.WARNING, "", 0, message, (), None)
    record.created = 1_795_507_200.25
    vars(record).update(extra)
    return LineFormatter("work", secrets(SETTINGS)).format(record)


def test_an_event_is_one_line_of_keys_and_values() -> None:
    assert line("a run was missed", job="alarms") == (
        "2026-11-24T08:00:00.250+00:00 level=warning part=work from=app.run.work "
        'event="a run was missed" job=alarms'
    )


def test_line_breaks_and_quotes_stay_inside_the_line() -> None:
    assert line('two\nlines and a "quote"').endswith(r'event="two\nlines and a \"quote\""')


def test_every_secret_of_the_settings_is_masked_wherever_it_appears() -> None:
    written = line("POST https://hooks.test/T/B/x failed", key="very-secret-key")
    assert written.endswith('event="POST *** failed" key=***')


def test_secrets_are_found_in_lists_and_mappings_of_the_settings() -> None:
    assert secrets(SETTINGS) == {"very-secret-key", "https://hooks.test/T/B/x"}


def test_an_exception_is_part_of_the_line() -> None:
    try:
        raise ValueError("broken very-secret-key")
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), failure)
    written = LineFormatter("work", secrets(SETTINGS)).format(record)
    assert "\n" not in written
    assert "ValueError: broken ***" in written
