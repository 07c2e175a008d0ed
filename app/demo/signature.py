"""Signature Version 4, checked the way AWS does: from the request as it arrived.

The date is not held against the clock, because tests drive the clock.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from app.demo.call import Environ, Signer, header
from app.demo.refusal import Refused

_SIGNED = re.compile(r"SignedHeaders=([^,\s]+)")
_SIGNATURE = re.compile(r"Signature=([0-9a-f]{64})")


def check_signature(environ: Environ, body: bytes, signer: Signer, secret: str) -> None:
    """Refuse a wrong signature; without a secret to check with, everything passes."""
    authorization = header(environ, "Authorization")
    if not secret or not authorization:
        return
    signed, signature = _SIGNED.search(authorization), _SIGNATURE.search(authorization)
    if signed is None or signature is None:
        raise Refused("IncompleteSignature", "The Authorization header is incomplete.", 403)
    names = signed[1].split(";")
    canonical = _canonical(environ, body, names)
    stamp = header(environ, "X-Amz-Date")
    scope = f"{signer.date}/{signer.region}/{signer.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (signer.date, signer.region, signer.service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(key.hex(), signature[1]):
        raise Refused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
            403,
        )


def _canonical(environ: Environ, body: bytes, names: list[str]) -> str:
    values = {name: re.sub(r" +", " ", header(environ, name).strip()) for name in names}
    if "host" in values:
        values["host"] = str(environ.get("HTTP_HOST", ""))
    payload = header(environ, "X-Amz-Content-SHA256") or hashlib.sha256(body).hexdigest()
    return "\n".join(
        (
            str(environ.get("REQUEST_METHOD", "GET")),
            _path(environ),
            _query(environ),
            *(f"{name}:{values[name]}" for name in names),
            "",
            ";".join(names),
            payload,
        )
    )


def _path(environ: Environ) -> str:
    """The path as it was sent, encoded once more for every service but S3."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"))
    path = raw.partition("?")[0] or "/"
    if "/s3/aws4_request" in header(environ, "Authorization"):
        return path
    return quote(path, safe="/~-_.")


def _query(environ: Environ) -> str:
    pairs = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    encoded = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in pairs)
    return "&".join(f"{k}={v}" for k, v in encoded)
