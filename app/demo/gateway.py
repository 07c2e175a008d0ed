"""The one door of the pretend AWS: every request comes through here.

In order: our own pages, who asks, which call it is, faults planted on it,
then STS, CloudWatch's metrics and logs, what tells of spend, X-Ray, or moto. What is answered
is billed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from app.demo.answer import Answer, error_answer
from app.demo.billing import Bill
from app.demo.call import Call, Environ, Signer, Wire, call_of, header, read_body, signer_of
from app.demo.clock import Clock
from app.demo.cloudwatch import CloudWatch
from app.demo.cloudwatch_logs import CloudWatchLogs
from app.demo.control import Control
from app.demo.faults import FaultKind, Faults, expired, refusal
from app.demo.identity import Credentials, Identities
from app.demo.messages import Inbox, Message
from app.demo.plane.application import Plane
from app.demo.refusal import Refused
from app.demo.signature import check_signature
from app.demo.spend.service import Spend
from app.demo.traces.service import PATHS, XRay

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Gateway:
    """A WSGI application."""

    def __init__(
        self,
        identities: Identities,
        cloudwatch: CloudWatch,
        logs: CloudWatchLogs,
        spend: Spend,
        xray: XRay,
        plane: Plane,
        *,
        control: Control,
        clock: Clock,
        faults: Faults,
        bill: Bill,
        inbox: Inbox,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._identities, self._cloudwatch, self._plane = identities, cloudwatch, plane
        self._logs, self._spend, self._xray = logs, spend, xray
        self._control, self._clock, self._faults = control, clock, faults
        self._bill, self._inbox, self._sleep = bill, inbox, sleep

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = read_body(environ)
        answer = self._control.answer(environ, body) or self._aws(environ, body)
        start_response(answer.status_line, answer.header_list)
        return [answer.body]

    def _aws(self, environ: Environ, body: bytes) -> Answer:
        now, wire = self._clock.now(), _guessed_wire(environ)
        query_mode = header(environ, "x-amzn-query-mode") == "true"
        try:
            signer = signer_of(environ)
            who = self._who(environ, signer, wire, now)
            check_signature(environ, body, signer, who.secret)
            call = call_of(environ, body, signer, who.account, self._route)
            wire = call.wire
            return self._billed(call, environ, who, now)
        except Refused as error:
            return error_answer(error, wire, query_mode=query_mode)

    def _route(self, api: str, environ: Environ) -> str:
        """The operation of a REST request; X-Ray's need not wait for the plane."""
        path = str(environ.get("PATH_INFO", "/"))
        if api == "xray" and path in PATHS:
            return PATHS[path]
        return self._plane.route(api, environ)

    def _who(self, environ: Environ, signer: Signer, wire: Wire, now: datetime) -> Credentials:
        token = header(environ, "X-Amz-Security-Token")
        try:
            return self._identities.of(signer.access_key, token, now)
        except Refused as error:
            if error.code == "ExpiredToken":
                raise expired(wire) from None
            if wire in {Wire.JSON, Wire.REST_JSON}:
                raise Refused("UnrecognizedClientException", error.message) from None
            raise

    def _billed(self, call: Call, environ: Environ, who: Credentials, now: datetime) -> Answer:
        try:
            answer = self._answer(call, environ, who, now)
        except Refused:
            self._bill.refuse(call.place, call.api, call.operation)
            raise
        if answer.status >= 400:
            self._bill.refuse(call.place, call.api, call.operation)
        elif not (self._cloudwatch.bills(call) or self._xray.bills(call)):
            self._bill.add(call.place, call.api, call.operation)
        return answer

    def _answer(self, call: Call, environ: Environ, who: Credentials, now: datetime) -> Answer:
        hitting = self._faults.hitting(call)
        for fault in hitting:
            if fault.kind is FaultKind.SLOW:
                self._sleep(fault.seconds)
            if (error := refusal(fault, call, who.arn)) is not None:
                raise error
        if call.api == "sts":
            return self._identities.answer(call, who, now)
        if self._cloudwatch.answers(call):
            return self._cloudwatch.answer(call, now, hitting)
        if self._logs.answers(call):
            return self._logs.answer(call, now, hitting)
        if self._spend.answers(call):
            return self._spend.answer(call, now, hitting)
        if self._xray.answers(call):
            return self._xray.answer(call, now, hitting)
        answer = self._plane.answer(call, environ, now)
        if (call.api, call.operation) == ("sns", "Publish") and answer.status == 200:
            self._record(call, now)
        return answer

    def _record(self, call: Call, now: datetime) -> None:
        form = call.form
        topic = form.get("TopicArn") or form.get("TargetArn", "")
        text, subject = form.get("Message", ""), form.get("Subject", "")
        self._inbox.add(Message(now, "sns", text, topic=topic, subject=subject))


def _guessed_wire(environ: Environ) -> Wire:
    """How to write an error before the call is known."""
    if str(environ.get("PATH_INFO", "")).startswith("/service/"):
        return Wire.CBOR
    if header(environ, "X-Amz-Target"):
        return Wire.JSON
    if header(environ, "Content-Type").startswith("application/x-www-form-urlencoded"):
        return Wire.EC2 if "/ec2/aws4_request" in header(environ, "Authorization") else Wire.QUERY
    signed = header(environ, "Authorization")
    rest_json = any(f"/{s}/aws4" in signed for s in ("lambda", "apigateway", "xray"))
    return Wire.REST_JSON if rest_json else Wire.REST_XML
