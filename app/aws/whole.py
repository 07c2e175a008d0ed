"""Answers that broke off must not pass for empty ones.

botocore does not compare Content-Length with what came, and turns JSON that it
cannot read into an empty answer: a list cut by a proxy would look as if there
were nothing. So each answer is checked before it is believed.
"""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ResponseStreamingError

_JSON = frozenset({"json", "rest-json"})


def watch(client: Any) -> None:
    """Check every answer that ``client`` gets."""
    client.meta.events.register("after-call", _check)


def check_length(response: AWSResponse) -> None:
    """Raise ResponseStreamingError for a body that is shorter than announced."""
    announced = response.headers.get("Content-Length")
    if announced and int(announced) != len(response.content):
        raise ResponseStreamingError(
            error=f"{len(response.content)} of {announced} bytes of the answer arrived"
        )


def _check(http_response: AWSResponse, model: Any, **_: Any) -> None:
    """A handler of botocore's ``after-call`` event; ``model`` is the operation's."""
    if model.has_streaming_output or model.http.get("method") == "HEAD":
        return
    check_length(http_response)
    answered = http_response.status_code < 300 and http_response.content
    if answered and _is_json(model) and not _looks_like_json(http_response.content):
        raise ResponseStreamingError(error="the answer is not JSON")


def _is_json(model: Any) -> bool:
    shape = model.output_shape
    carries_payload = shape is not None and "payload" in shape.serialization
    return model.service_model.resolved_protocol in _JSON and not carries_payload


def _looks_like_json(content: bytes) -> bool:
    text = content.strip()
    return text[:1] == b"{" and text[-1:] == b"}"
