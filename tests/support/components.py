"""Looks into Dash components as values: their text, and those that carry a class or an id."""

from __future__ import annotations

from collections.abc import Iterator

from dash.development.base_component import Component


def every(component) -> Iterator[Component]:
    """The component and all below it, in reading order."""
    if isinstance(component, list | tuple):
        for one in component:
            yield from every(one)
    elif isinstance(component, Component):
        yield component
        yield from every(getattr(component, "children", None))


def text(component) -> str:
    """What a person reads, without the spaces that layout adds."""
    if component is None:
        return ""
    if isinstance(component, list | tuple):
        return "".join(text(one) for one in component)
    if isinstance(component, Component):
        return text(getattr(component, "children", None))
    return str(component)


def with_class(component, name: str) -> list[Component]:
    """Components whose class list holds ``name``."""
    return [
        one for one in every(component) if name in (getattr(one, "className", None) or "").split()
    ]


def of_type(component, name: str) -> list[Component]:
    """Components of one Dash type, such as ``Button``."""
    return [one for one in every(component) if type(one).__name__ == name]
