"""What the functions say while they work: one entry for each, in the words of its trade.

``<<name>>`` is a column of the invocation. A ``mistake`` is a traceback, one
event of several lines; ``metric`` makes an Embedded Metric Format line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Form(Enum):
    """How a function writes its lines."""

    PYTHON = "python"
    NODE = "node"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Story:
    """``done`` and ``fields`` make the line of a success; ``fields`` are JSON members."""

    done: str
    fields: str
    form: Form = Form.PYTHON
    mistake: tuple[str, ...] = ()
    metric: str = ""
    metrics: tuple[tuple[str, str, str], ...] = field(default=())
    """Name, unit and value of each metric of the EMF line, in the namespace ``metric``."""

    debug: str = ""


def traceback(error: str, *frames: tuple[str, int, str, str]) -> tuple[str, ...]:
    """A Python traceback as Lambda writes it, the error first."""
    lines = [f"[ERROR] {error}", "Traceback (most recent call last):"]
    for file, line, name, code in frames:
        lines += [f'  File "/var/task/{file}", line {line}, in {name}', f"    {code}"]
    return tuple(lines)


_SLOW_TABLE = traceback(
    "ProvisionedThroughputExceededException: An error occurred "
    "(ProvisionedThroughputExceededException) when calling the Query operation (reached max "
    "retries: 2): The level of configured provisioned throughput for the table was exceeded.",
    ("app.py", 41, "handler", 'comments = load(event["pathParameters"])'),
    ("comments/table.py", 88, "load", "answer = table.query(**question)"),
)

STORIES: Mapping[str, Story] = {
    "posts-api": Story(
        "posts listed",
        '"posts":<<items>>,"post_id":"p-<<post>>","user_id":"user_<<user>>"',
        mistake=traceback(
            "KeyError: 'author'",
            ("app.py", 58, "handler", "return answer(render(found))"),
            ("posts/render.py", 23, "render", 'name = post["author"]["name"]'),
        ),
        metric="Blog/Application",
        metrics=(("PostsRead", "Count", "<<items>>"), ("HandlerTime", "Milliseconds", "<<lasts>>")),
    ),
    "comments-api": Story(
        "comments listed",
        '"comments":<<items>>,"post_id":"p-<<post>>","user_id":"user_<<user>>"',
        mistake=_SLOW_TABLE,
    ),
    "search-api": Story(
        "search answered",
        '"hits":<<items>>,"query":{"terms":2,"lang":"en"},"user_id":"user_<<user>>"',
        mistake=traceback(
            "ConnectionError: search-1.blog.internal:9200 did not answer",
            ("app.py", 30, "handler", "hits = index.search(terms)"),
        ),
    ),
    "feed-api": Story(
        "feed sent", '"items":<<items>>,"userId":"user_<<user>>"', Form.NODE,
        mistake=(
            "TypeError: Cannot read properties of undefined (reading 'feed')",
            "    at render (/var/task/feed.js:31:19)",
            "    at async handler (/var/task/index.js:12:10)",
        ),
        debug='cache {"hit":true,"key":"feed:user_<<user>>","ttl":300}',
    ),
    "chat-handler": Story(
        "message delivered", '"room":"r-<<items>>","userId":"user_<<user>>"', Form.NODE,
        mistake=(
            "GoneException: 410",
            "    at throwDefaultError (/var/runtime/node_modules/@smithy/smithy-client.js:388:20)",
            "    at async send (/var/task/room.js:44:5)",
        ),
        debug="authorised Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzQyIn0.b3Jfbm90X3RvX2Jl",
    ),
    "publish-events": Story("event published", '"bus":"blog","detail_type":"PostPublished"'),
    "moderate-comments": Story(
        "comment judged", '"post_id":"p-<<post>>","score":0.<<items>>,"verdict":"ok"',
        mistake=_SLOW_TABLE,
    ),
    "notify-subscribers": Story(
        "mail sent", '"to":"reader<<user>>@example.com","post_id":"p-<<post>>","batch":5',
        mistake=traceback(
            "SMTPServerDisconnected: Connection unexpectedly closed",
            ("app.py", 22, "handler", "send(record)"),
            ("mail.py", 61, "send", "server.sendmail(SENDER, [to], text)"),
        ),
    ),
    "render-audio": Story(
        "audio rendered", '"post_id":"p-<<post>>","seconds":<<items>>',
        mistake=traceback(
            "UnsupportedFormat: no voice for language 'tlh'",
            ("app.py", 71, "handler", "voice = voices[language]"),
        ),
    ),
    "feed-stream": Story("feed updated", '"records":<<items>>'),
    "thumbnail": Story(
        "thumbnail made",
        '"key":"uploads/<<post>>+cover.jpg","width":480,"bytes":<<memory>>000',
        mistake=traceback(
            "UnidentifiedImageError: cannot identify image file '/tmp/upload'",
            ("app.py", 19, "handler", "image = Image.open(path)"),
        ),
        metric="Blog/Media",
        metrics=(("ThumbnailTime", "Milliseconds", "<<lasts>>"),),
    ),
    "warm-cache": Story("cache warmed", '"keys":<<items>>'),
    "nightly-report": Story("report written", '"rows":<<post>>'),
    "legacy-import": Story(
        "import started", '"source":"legacy","card":"4111 1111 1111 1111"',
        mistake=traceback(
            "OperationalError: could not connect to server: Connection refused",
            ("app.py", 12, "handler", "db = connect(DSN)"),
            ("legacy/db.py", 34, "connect", "return psycopg.connect(dsn, connect_timeout=5)"),
        ),
    ),
    "image-resizer": Story(
        "image resized", '"width":<<items>>0,"userId":"user_<<user>>"', Form.JSON,
        mistake=("Input buffer contains unsupported image format",),
    ),
    "redirect": Story("redirected", '"to":"/p/<<post>>"', Form.NODE),
    "count-clicks": Story("clicks counted", '"batch":<<items>>'),
}  # fmt: skip
"""Every function of the blog platform."""

PLAIN = Story("done", '"items":<<items>>')
"""For a function that has no story of its own."""
