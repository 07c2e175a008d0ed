"""HTTP answers, and how each protocol writes an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from xml.sax.saxutils import escape

from app.demo.call import Wire
from app.demo.refusal import Refused
from app.demo.telemetry import cbor

# Codes of the query protocol and the names of their shapes in the newer protocols.
_SHAPES = {
    "ValidationError": "ValidationException",
    "InvalidParameterValue": "InvalidParameterValueException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "MissingParameter": "MissingRequiredParameterException",
    "InternalServiceError": "InternalServiceFault",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body of one HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def header_list(self) -> list[tuple[str, str]]:
        own = {"Content-Type": self.content_type, "Content-Length": str(len(self.body))}
        return list((own | self.headers).items())


def json_answer(value: object, status: int = 200) -> Answer:
    """Any value as JSON."""
    return Answer(status, "application/json", json.dumps(value, indent=1).encode())


def error_answer(error: Refused, wire: Wire, *, query_mode: bool = False) -> Answer:
    """An error as the protocol of the caller writes it."""
    fault = "Receiver" if error.status >= 500 else "Sender"
    shape = _SHAPES.get(error.code, error.code)
    headers = {"x-amzn-requestid": "00000000-0000-4000-8000-000000000000"}
    if query_mode:
        headers["x-amzn-query-error"] = f"{error.code};{fault}"
    if wire is Wire.CBOR:
        body = cbor.written({"__type": shape, "message": error.message}, lambda _: None)
        headers["smithy-protocol"] = "rpc-v2-cbor"
        return Answer(error.status, "application/cbor", body, headers)
    if wire in {Wire.JSON, Wire.REST_JSON}:
        text = json.dumps({"__type": shape, "message": error.message})
        headers["x-amzn-errortype"] = shape
        return Answer(error.status, "application/x-amz-json-1.0", text.encode(), headers)
    return Answer(error.status, "text/xml", _xml(error, wire, fault).encode(), headers)


def _xml(error: Refused, wire: Wire, fault: str) -> str:
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if wire is Wire.EC2:
        return (
            f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>0</RequestID></Response>"
        )
    if wire is Wire.REST_XML:
        return f"<Error>{inner}<RequestId>0</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>{fault}</Type>{inner}</Error>"
        "<RequestId>0</RequestId></ErrorResponse>"
    )
