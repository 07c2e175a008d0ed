"""Reading requests to CloudWatch Logs: plain members in, checked values out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.demo.logs.book import LogBook
from app.demo.logs.groups import Group
from app.demo.refusal import Refused
from app.demo.telemetry.fields import Request, items, text
from app.model.ids import Place

T = TypeVar("T")
MOST_EVENTS = 10_000
MOST_STREAMS = 100
_MOST_LISTED = 50


def invalid(message: str) -> Refused:
    """A parameter that CloudWatch Logs refuses."""
    return Refused("InvalidParameterException", message)


def group_of(book: LogBook, place: Place, request: Request) -> Group:
    """The group that a request names; Refused if there is none."""
    name, identifier = text(request.get("logGroupName")), text(request.get("logGroupIdentifier"))
    if name and identifier:
        raise invalid("LogGroup name and LogGroup identifier cannot both be given.")
    found = book.groups(place).get(name or name_of(identifier))
    if found is None:
        raise Refused("ResourceNotFoundException", "The specified log group does not exist.")
    return found


def name_of(identifier: str) -> str:
    """The name of a group from its name or ARN."""
    if not identifier.startswith("arn:"):
        return identifier
    return identifier.partition(":log-group:")[2].removesuffix(":*")


def whole(request: Request, name: str, default: int, least: int = 0) -> int:
    """A whole number of a request."""
    value = request.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise invalid(f"{name} must be a whole number of at least {least}.")
    return value


def limit_of(request: Request, most: int) -> int:
    """How much a page may hold."""
    limit = whole(request, "limit", most, 1)
    if limit > most:
        raise invalid(f"1 validation error detected: 'limit' must be at most {most}.")
    return limit


def streams_of(request: Request) -> tuple[str, ...]:
    """Names of streams that were asked for."""
    names = tuple(text(name) for name in items(request.get("logStreamNames")))
    if len(names) > MOST_STREAMS:
        raise invalid(f"logStreamNames must not hold more than {MOST_STREAMS} names.")
    if names and request.get("logStreamNamePrefix"):
        raise invalid("logStreamNames and logStreamNamePrefix cannot both be given.")
    return names


def paged(found: Sequence[T], request: Request) -> tuple[Sequence[T], str]:
    """A page of a list, and the token of the next; empty at the end."""
    limit = limit_of(request, _MOST_LISTED)
    start = Token.of(request, ("0",)).place[0] if request.get("nextToken") else "0"
    first = int(start)
    rest = first + limit < len(found)
    token = Token.to(request, (str(first + limit),)) if rest else ""
    return found[first : first + limit], token


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on; good only for the request that it was given for."""

    place: tuple[str, ...]

    @classmethod
    def of(cls, request: Request, start: tuple[str, ...]) -> Token:
        """The place that a request asks for, ``start`` if it has no token."""
        given = text(request.get("nextToken"))
        if not given:
            return cls(start)
        try:
            mark, *place = json.loads(base64.urlsafe_b64decode(given))
        except (ValueError, TypeError):
            raise invalid("The specified nextToken is invalid.") from None
        if mark != _mark(request):
            raise invalid("The specified nextToken is invalid.")
        return cls(tuple(str(part) for part in place))

    @staticmethod
    def to(request: Request, place: tuple[str, ...]) -> str:
        """The token for the same request from ``place`` on."""
        plain = json.dumps([_mark(request), *place])
        return base64.urlsafe_b64encode(plain.encode()).decode()


def _mark(request: Request) -> str:
    same = {name: value for name, value in request.items() if name != "nextToken"}
    plain = json.dumps(same, sort_keys=True, default=str)
    return hashlib.blake2b(plain.encode(), digest_size=6).hexdigest()
