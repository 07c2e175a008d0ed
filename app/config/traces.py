"""How traces are collected: from X-Ray, and from applications that send spans themselves."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from app.config.accounts import Model
from app.config.values import Duration, Every, Secret

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OtlpSettings(Model):
    """Where applications send spans themselves; a token is a must beyond this machine."""

    host: str = "127.0.0.1"
    port: int = Field(default=4318, ge=0, le=65535)
    token: Secret | None = None

    @model_validator(mode="after")
    def _guarded(self) -> OtlpSettings:
        if self.host not in LOOPBACK and self.token is None:
            raise ValueError("set a token, because others can reach this address")
        return self


class TracesSettings(Model):
    """What is asked of X-Ray, and how much of it in a month.

    ``lag`` is how late a trace may come and still be expected, ``overlap`` how far each
    read goes back again, ``backfill`` how much history is fetched at first sight. Whole
    traces are fetched of all that failed, of the ``slowest`` of each entry point in each
    read, and of a ``share`` of the rest; of the others only the summary is kept.
    """

    xray: bool = True
    every: Every = timedelta(minutes=5)
    lag: Duration = timedelta(minutes=1)
    overlap: Duration = timedelta(minutes=2)
    backfill: Duration = timedelta(hours=6)
    filter: str | None = None
    slowest: int = Field(default=3, ge=0, le=1000)
    share: float = Field(default=0.05, ge=0, le=1)
    per_month: int = Field(default=5_000_000, ge=0)
    spans_group: str = "aws/spans"
    otlp: OtlpSettings | None = None
