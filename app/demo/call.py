"""Which AWS call an HTTP request is: who asks, where, which API and operation.

The credential scope of the signature names Region and service; the operation
stands in a header, in the path or in the body, depending on the protocol.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, cast
from urllib.parse import parse_qs

from app.demo.refusal import Refused
from app.model.ids import Place

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)$")
_NAMES = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
}
_REST_JSON = {"lambda", "apigateway", "apigatewayv2", "xray"}


class Wire(Enum):
    """The protocol of a request, which decides how an error is written."""

    CBOR = "cbor"
    JSON = "json"
    QUERY = "query"
    EC2 = "ec2"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True)
class Signer:
    """What the signature's credential scope says."""

    access_key: str
    date: str
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an AWS API, by boto3's name of the service."""

    signer: Signer
    account: str
    api: str
    operation: str
    wire: Wire
    body: bytes

    @property
    def place(self) -> Place:
        return Place(self.account, self.signer.region)

    @property
    def action(self) -> str:
        """The IAM action, near enough for a message."""
        prefix = {"elbv2": "elasticloadbalancing", "apigatewayv2": "apigateway"}
        return f"{prefix.get(self.api, self.api)}:{self.operation}"

    @property
    def form(self) -> Mapping[str, str]:
        """Parameters of the query protocol."""
        pairs = parse_qs(self.body.decode(errors="replace"), keep_blank_values=True)
        return {name: values[0] for name, values in pairs.items()}


Environ = Mapping[str, object]


def header(environ: Environ, name: str) -> str:
    """A request header, empty if it was not sent."""
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    return str(environ.get(key, ""))


def read_body(environ: Environ) -> bytes:
    """The whole body, as it was sent."""
    stream = cast("BinaryIO", environ["wsgi.input"])
    length = header(environ, "Content-Length")
    if length:
        return stream.read(int(length))
    return stream.read() if environ.get("wsgi.input_terminated") else b""


def signer_of(environ: Environ) -> Signer:
    """Who signed; Refused where nobody did."""
    found = _CREDENTIAL.search(header(environ, "Authorization"))
    if found is None:
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        found = _CREDENTIAL.search("Credential=" + query.get("X-Amz-Credential", [""])[0])
    if found is None:
        raise Refused("MissingAuthenticationToken", "Request is missing a signature.", 403)
    return Signer(found[1], found[2], found[3], found[4])


def call_of(
    environ: Environ,
    body: bytes,
    signer: Signer,
    account: str,
    route: Callable[[str, Environ], str],
) -> Call:
    """The call; ``route`` names the operation of a REST request from method and path."""
    path = str(environ.get("PATH_INFO", "/"))
    api = _NAMES.get(signer.service, signer.service)
    if api == "apigateway" and path.startswith("/v2/"):
        api = "apigatewayv2"
    plain = body
    if header(environ, "Content-Encoding") == "gzip":
        plain = gzip.decompress(body)
    operation, wire = _operation(environ, plain, api, path)
    if wire in {Wire.REST_JSON, Wire.REST_XML}:
        operation = route(api, environ)
    return Call(signer, account, api, operation, wire, plain)


def _operation(environ: Environ, body: bytes, api: str, path: str) -> tuple[str, Wire]:
    if found := _CBOR_PATH.search(path):
        return found[2], Wire.CBOR
    if target := header(environ, "X-Amz-Target"):
        return target.rpartition(".")[2], Wire.JSON
    if header(environ, "Content-Type").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
        return action, Wire.EC2 if api == "ec2" else Wire.QUERY
    return "", Wire.REST_JSON if api in _REST_JSON else Wire.REST_XML
