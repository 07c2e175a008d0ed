"""A service file as plain values, read by libyaml because the pages wait for it at the start.

Words follow YAML 1.2 (only true and false are booleans), and a key given
twice is refused. Lines are looked up a second time, only when something is
wrong (:mod:`app.config.source`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from yaml import CSafeLoader as _Base
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a PyYAML built without libyaml


class DoubleKey(yaml.YAMLError):
    """A key stands twice in one mapping."""


class _Loader(_Base):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 # PyYAML's own way to name resolvers


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _unique(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    built: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    if len(built) < len(node.value):
        raise DoubleKey("a key stands twice")
    return built


_Loader.add_constructor("tag:yaml.org,2002:map", _unique)


def plain_values(path: Path) -> Any:
    """What the file says; raises YAMLError, OSError or UnicodeDecodeError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 # _Loader is a SafeLoader
