"""Segments of one request, as the services and SDKs would send them to X-Ray.

An invocation has two: the one of the service (``AWS::Lambda``, under the id that
its REPORT line tells) and the one of the function. REST APIs send one of their own;
HTTP and WebSocket APIs cannot be traced, so there the service's is the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.demo.logs.requests import ERROR, OK, REFUSED, THROTTLED, TIMEOUT
from app.demo.logs.stories import PLAIN, STORIES
from app.demo.traces.pages import page
from app.demo.traces.parts import Document, exception, judged, span_id
from app.demo.traces.requests import Request, Row, changes
from app.demo.traces.steps import PREVIEWS, STEPS, Step, filled_in
from app.demo.world.platform import Deployment

_GATEWAY_MS = 5.0
"""Between the start of a request at the gateway and that of the invocation."""

_FAILED = (ERROR, TIMEOUT)
_OUTSIDE = (OK, REFUSED)


def documents(request: Request, deployment: Deployment) -> Iterator[Document]:
    """Every segment of a request; those of X-Ray's own making are not among them."""
    if request.page is not None:
        yield page(request.trace_id, request.page, deployment)
        return
    first = request.invocations[0]
    for row in request.invocations:
        yield from _Invocation(row, first, deployment).documents()


class _Invocation:
    """The segments of one invocation; ``first`` is the one that the request began with."""

    def __init__(self, row: Row, first: Row, deployment: Deployment) -> None:
        self.row, self.first, self.deployment = row, first, deployment
        self.function = row["function"]
        self.name = self.function.name
        self.start, self.end = row["at"] / 1000, (row["at"] + row["lasts"]) / 1000
        self.init = (180 + row["memory"] % 190) / 1000 if row["cold"] else 0.0
        self.failed = row["outcome"] in _FAILED

    def documents(self) -> Iterator[Document]:
        rest = self.row.get("api") is not None and self.row["api"].protocol == "REST"
        if rest:
            yield self._stage()
        parent = self._id(2) if rest else self._caller()
        yield self._service(parent)
        if self.row["outcome"] != THROTTLED:
            yield self._function()

    def _id(self, number: int) -> str:
        return span_id(self.row["mark"], number)

    def _caller(self) -> str | None:
        """The call of the first invocation that made this one run, through a rule or a stream."""
        if self.row is self.first or self.first["outcome"] not in _OUTSIDE:
            return None
        is_stream = self.function.source.startswith("stream")
        return published_by(self.first, "DynamoDB" if is_stream else "Events")

    def _base(self, name: str, number: int, start: float, end: float) -> Document:
        return {
            "trace_id": self.row["trace"],
            "id": self._id(number),
            "name": name,
            "start_time": round(start, 6),
            "end_time": round(max(start, end), 6),
        }

    def _stage(self) -> Document:
        row, api = self.row, self.row["api"]
        start = self.start - self.init - _GATEWAY_MS / 1000
        end = start + self.init + row["outer"] / 1000
        host = f"{api.id}.execute-api.{self.deployment.place.region}.amazonaws.com"
        invoke = self._base("Lambda", 2, start + 0.002, end - 0.004) | {
            "namespace": "aws",
            "aws": {
                "operation": "Invoke",
                "function_name": self.name,
                "region": self.deployment.place.region,
                "request_id": row["request"],
                "resource_names": [self.name],
            },
            "http": {"response": {"status": self._invoked_status()}},
            **self._flags(),
        }
        invoke.pop("trace_id")
        return self._base(f"{api.name}/{api.stage}", 1, start, end) | {
            "origin": "AWS::ApiGateway::Stage",
            "resource_arn": self.deployment.arn(
                "apigateway", f"/restapis/{api.id}/stages/{api.stage}"
            ),
            "http": {
                "request": {
                    "url": f"https://{host}/{api.stage}{row['path']}",
                    "method": row["method"],
                    "user_agent": row["agent"],
                    "client_ip": row["ip"],
                    "x_forwarded_for": True,
                },
                "response": {"status": row["status"], "content_length": row["bytes"]},
            },
            "aws": {
                "account_id": self.deployment.account.id,
                "rest_api_id": api.id,
                "api_id": api.id,
                "stage": api.stage,
                "request_id": row["gateway"],
            },
            "annotations": {"aws:api_id": api.id, "aws:api_stage": api.stage},
            "metadata": {"default": {"extended_request_id": row["gateway"][:15] + "="}},
            "subsegments": [invoke],
            **judged(row["status"]),
        }

    def _invoked_status(self) -> int:
        return 429 if self.row["outcome"] == THROTTLED else 200

    def _flags(self) -> Document:
        if self.row["outcome"] == THROTTLED:
            return {"error": True, "throttle": True}
        return {"fault": True} if self.failed else {}

    def _service(self, parent: str | None) -> Document:
        lead, tail = (0.0005 + self.init, 0.0008)
        document = self._base(self.name, 3, self.start - lead, self.end + tail)
        if self.row["outcome"] == THROTTLED:
            document["end_time"] = round(self.start + 0.004, 6)
        document |= {
            "id": self.row["segment"],
            "origin": "AWS::Lambda",
            "resource_arn": self._arn(),
            "http": {"response": {"status": self._invoked_status()}},
            "aws": {
                "account_id": self.deployment.account.id,
                "function_arn": self._arn(),
                "resource_names": [self.name],
                "request_id": self.row["request"],
            },
            **self._flags(),
        }
        return document | ({"parent_id": parent} if parent else {})

    def _function(self) -> Document:
        document = self._base(self.name, 4, self.start - self.init, self.end)
        parts = [self._invocation()]
        if self.init:
            init = self._base("Initialization", 5, self.start - self.init, self.start - 0.001)
            init.pop("trace_id")
            parts.insert(0, init)
        document |= {
            "parent_id": self.row["segment"],
            "origin": "AWS::Lambda::Function",
            "resource_arn": self._arn(),
            "service": {"version": "7" if self.function.alias else "$LATEST"},
            "aws": {
                "account_id": self.deployment.account.id,
                "function_arn": self._arn(),
                "request_id": self.row["request"],
                "cold_start": bool(self.row["cold"]),
                "cloudwatch_logs": [{"log_group": f"/aws/lambda/{self.name}"}],
            },
            "annotations": {"ColdStart": bool(self.row["cold"]), "Service": self.name},
            "user": f"user_{self.row['user']}",
            "subsegments": parts,
            "links": self._links(),
            **self._flags(),
        }
        if self.failed:
            document["cause"] = self._cause()
        return document

    def _invocation(self) -> Document:
        inner = self._base("Invocation", 6, self.start + 0.0005, self.end - 0.0003) | self._flags()
        inner.pop("trace_id")
        inner["subsegments"] = list(self._calls())
        inner["annotations"] = {"post": f"p-{self.row['post']}", "items": self.row["items"]}
        inner["metadata"] = {self.name: {"correlation_id": self.row["correlation"]}}
        if self.failed:
            inner["cause"] = self._cause()
        return inner

    def _calls(self) -> Iterator[Document]:
        """What the function called, one after the other; where time ran out the rest is missing."""
        changing = changes(self.deployment, self.row)
        steps = [
            (n, step)
            for n, step in enumerate(STEPS.get(self.name, ()))
            if changing or not step.changing
        ]
        shares = self._shares([step for _, step in steps])
        at = self.start + 0.03 * (self.end - self.start)
        for (number, step), share in zip(steps, shares, strict=True):
            took = share * (self.end - self.start)
            broken = self.failed and step.breaks
            yield self._call(10 + number, step, (at, at + took), broken=broken)
            if broken:
                return
            at += took + 0.01 * (self.end - self.start)

    def _shares(self, steps: list[Step]) -> list[float]:
        """What is slower than usual is the call that the trouble is with."""
        usual = self.function.milliseconds
        excess = max(0.0, 1.0 - 2.5 * usual / max(self.row["lasts"], 1.0))
        broken = [step.breaks for step in steps]
        if not any(broken) or not excess:
            return [step.share for step in steps]
        rest = sum(step.share for step, bad in zip(steps, broken, strict=True) if not bad)
        left = 0.92 - rest * (1 - excess)
        return [
            left if bad else step.share * (1 - excess)
            for step, bad in zip(steps, broken, strict=True)
        ]

    def _call(
        self, number: int, step: Step, times: tuple[float, float], *, broken: bool
    ) -> Document:
        document = self._base(step.name, number, *times)
        document.pop("trace_id")
        if not step.namespace:
            return document
        document["namespace"] = step.namespace
        aws = filled_in(step, self.deployment)
        if aws:
            request = f"{self.row['request'][:-4]}{number:04x}"
            document["aws"] = aws | {"request_id": request, "retries": 2 if broken else 0}
        document["http"] = self._http(step, broken=broken)
        if broken and step.name == "DynamoDB":
            return document | {"error": True, "throttle": True, "cause": self._cause()}
        return document | ({"fault": True, "cause": self._cause()} if broken else {})

    def _http(self, step: Step, *, broken: bool) -> Document:
        if step.namespace == "aws":
            return {"response": {"status": 400 if broken else 200, "content_length": 512}}
        path = "/cards" if step.name == PREVIEWS else "/posts/_search"
        request = {"method": "GET", "url": f"http://{step.name}{path}"}
        return {"request": request} | ({} if broken else {"response": {"status": 200}})

    def _links(self) -> list[Document]:
        return [
            {"trace_id": sender["trace"], "id": published}
            for sender in self.row.get("linked", ())
            if (published := published_by(sender, "Events")) is not None
        ]

    def _cause(self) -> Document:
        if self.row["outcome"] == TIMEOUT:
            said = f"Task timed out after {self.function.timeout}.00 seconds"
            return exception(self._id(80), "Sandbox.Timedout", said, [])
        story = STORIES.get(self.name, PLAIN)
        head = story.mistake[0] if story.mistake else "Error: failed"
        kind, _, said = head.removeprefix("[ERROR] ").partition(": ")
        return exception(
            self._id(80), kind if said else "Error", said or kind, _frames(story.mistake)
        )

    def _arn(self) -> str:
        return self.deployment.arn("lambda", f"function:{self.name}")


def published_by(row: Row, service: str) -> str | None:
    """The id of the call by which an invocation changed something that others hear of."""
    steps = STEPS.get(row["function"].name, ())
    found = [n for n, step in enumerate(steps) if step.name == service and step.changing]
    return span_id(row["mark"], 10 + found[0]) if found else None


def _frames(mistake: tuple[str, ...]) -> list[Document]:
    """Frames of a Python traceback, the innermost first."""
    found = []
    for line in mistake[1:]:
        parts = line.strip().split('"')
        if len(parts) == 3 and parts[0] == "File ":
            number, _, label = parts[2].removeprefix(", line ").partition(", in ")
            found.append({"path": parts[1], "line": int(number), "label": label})
    return found[::-1]
