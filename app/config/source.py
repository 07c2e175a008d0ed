"""A YAML file as plain values that remember on which line they stand.

Numbers and booleans follow YAML 1.2, so an account id such as 012345670123
or a time such as 12:30 stays what was written. A key given twice is a
mistake, where YAML itself would silently take the last one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from app.config.mistakes import ConfigMistakes, Location, Mistake, field_path

MAX_VALUES = 50_000
"""More values than this are not a configuration but a mistake (or aliases that explode)."""

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(slots=True)
class Source:
    """What a file says: its values, the line of each, and the mistakes found so far."""

    path: Path
    value: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    broken: set[Location] = field(default_factory=set)

    def line(self, location: Location) -> int:
        """The line of a value, or of the nearest thing around it."""
        for size in range(len(location), -1, -1):
            if location[:size] in self.lines:
                return self.lines[location[:size]]
        return 1

    def wrong(self, location: Location, message: str) -> None:
        """Note a mistake; of those about one value, around and inside it only the first counts."""
        outside = any(location[:size] in self.broken for size in range(len(location) + 1))
        inside = any(broken[: len(location)] == location for broken in self.broken)
        if outside or inside:
            return
        self.broken.add(location)
        name = field_path(location)
        self.mistakes.append(Mistake(str(self.path), self.line(location), name, message))


def read(path: Path) -> Source:
    """Parse a file; raises ConfigMistakes when there is nothing to go on with."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise _lost(path, 0, "there is no such file; name another with --config") from None
    except OSError as error:
        raise _lost(path, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _lost(path, 0, f"is not UTF-8 text (byte {error.start})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"not YAML: {error.problem or error.context}; look at this line and the one above"
        raise _lost(path, mark.line + 1 if mark else 0, what) from error
    except yaml.YAMLError as error:
        raise _lost(path, 0, f"not YAML: {error}".replace("\n", " ")) from error
    source = Source(path)
    source.value = _Builder(source).build(root, (), ()) if root is not None else {}
    if not isinstance(source.value, dict):
        raise _lost(path, 1, "must be keys and values, as in `accounts:`")
    return source


def _lost(path: Path, line: int, message: str) -> ConfigMistakes:
    return ConfigMistakes([Mistake(str(path), line, "", message)])


class _Builder:
    """Turns YAML's nodes into values and writes down their lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.values = 0

    def build(self, node: yaml.Node, at: Location, around: tuple[yaml.Node, ...]) -> Any:
        self.source.lines.setdefault(at, node.start_mark.line + 1)
        self.values += 1
        if self.values > MAX_VALUES:
            message = f"holds more than {MAX_VALUES:,} values"
            raise ConfigMistakes([Mistake(str(self.source.path), 0, "", message)])
        if node in around:
            self.source.wrong(at, "an alias must not hold itself")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at, (*around, node))
        if isinstance(node, yaml.SequenceNode):
            inner = (*around, node)
            return [self.build(child, (*at, i), inner) for i, child in enumerate(node.value)]
        return self._scalar(node, at)

    def _mapping(
        self, node: yaml.MappingNode, at: Location, around: tuple[yaml.Node, ...]
    ) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*at, key)
            self.source.lines[here] = key_node.start_mark.line + 1
            if key in own:
                self.source.wrong(here, "this key stands twice; keep one of them")
            value = self.build(value_node, here, around)
            if key != "<<":
                own[key] = value
            elif isinstance(value, dict):
                merged |= value
        return merged | own

    def _scalar(self, node: yaml.Node, at: Location) -> Any:
        text = str(node.value)
        if node.tag.startswith("!"):
            self.source.wrong(at, f"the tag {node.tag} means nothing here; remove it")
        quoted = isinstance(node, yaml.ScalarNode) and node.style
        return text if quoted else _plain(text)


def _plain(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
