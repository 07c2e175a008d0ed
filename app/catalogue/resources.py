"""What a service file says of the inventory: which calls find which resources.

Nothing here calls AWS; ``collectors.inventory`` does what these models say.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of every model here: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(Model):
    """One AWS operation of the inventory.

    ``params`` are request members; a string that starts with ``$.`` is a
    JMESPath over the item being described (``$.QueueUrl``), ``$[]`` over the
    whole batch where ``batch`` is set (``$[].InstanceId``); a list knows where it is
    asked (``$.place.region``). ``items`` is a
    JMESPath over the answer that gives the list of items; a plain string item
    becomes ``{"value": ...}``. ``action`` is the IAM action, where it is not
    ``api:Operation``.
    """

    api: str
    operation: str
    params: dict[str, Any] = {}
    items: str = ""
    action: str = ""

    @property
    def iam_action(self) -> str:
        """The IAM action that allows the call."""
        return self.action or f"{self.api}:{self.operation}"


class Describe(Call):
    """A further call for each item (or for ``batch`` items at once).

    ``into`` is the key of the item that takes the answer (JMESPath ``pick``);
    empty merges the picked mapping into the item. With ``batch`` the answers
    are matched to the items by ``match`` (JMESPath on answer) equal to
    ``match_item`` (JMESPath on item). An item that a batch does not answer is
    gone, unless the call is ``optional``; optional calls may be denied without
    losing the resource, which then names the action in ``_missing``.
    """

    pick: str = "@"
    into: str = ""
    batch: int = 0
    match: str = ""
    match_item: str = ""
    optional: bool = False


class Mention(Model):
    """Marks resources that something else points at, such as dead-letter queues.

    ``sources`` is a JMESPath over the list of all items of the kind, or over
    the items of ``call`` when there is one (which may be denied). It gives
    ``[{"target": ..., "source": ...}]``. A resource whose ARN is a target gets
    ``flag: true`` and the sorted sources in ``into``, the others ``false``
    and no sources; both stand in its configuration.
    """

    flag: str
    into: str
    sources: str
    call: Call | None = None


class Lookup(Model):
    """A configuration member read from a table: first pattern (regex) that fits ``of`` wins."""

    into: str
    of: str
    table: tuple[tuple[str, float], ...]


class ResourceKind(Model):
    """One kind of resource: how to list it, what names it, what its metrics carry.

    ``id``, ``arn``, ``name``, ``state`` and ``tags`` are JMESPath over the
    item; ``arn`` may instead be a template (it starts with ``arn:``) with
    ``{partition}``, ``{region}``, ``{account}``, ``{id}`` and JMESPaths over the item
    (``{parent.id}``). ``tags`` gives a mapping or a list of Key/Value pairs.
    ``dimensions`` maps a dimension name to a JMESPath over the item. ``per``
    lists the parents first (``per_describe`` completes them), each feeding
    ``list``; an item then has its parent under ``parent``. ``configuration``
    names the members to keep, ``derived`` further ones by JMESPath; secrets are
    never among them. ``volatile`` names members of both that move by themselves
    and are no change of configuration.
    A ``quiet`` kind has no metric: it is listed for checks, in a round of its own, and stands
    neither in the health nor among the resources of its service. ``part_of`` is the kind whose
    numbers already contain this kind's. ``console`` is an address with ``{region}``, ``{account}``,
    ``{id}``, ``{name}``, ``{arn}`` and members of the configuration in braces.
    """

    kind: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    plural: str
    list: Call
    per: Call | None = None
    per_describe: tuple[Describe, ...] = ()
    describe: tuple[Describe, ...] = ()
    mentions: tuple[Mention, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    id: str
    arn: str
    name: str = ""
    state: str = ""
    tags: str = ""
    dimensions: dict[str, str]
    configuration: tuple[str, ...] = ()
    derived: dict[str, str] = {}
    volatile: tuple[str, ...] = ()
    part_of: str = ""
    quiet: bool = False
    console: str = ""

    def calls(self) -> tuple[Call, ...]:
        """Every call that the inventory of this kind makes."""
        mentions = (mention.call for mention in self.mentions if mention.call)
        parents = [self.per, *self.per_describe] if self.per else []
        return (*parents, self.list, *self.describe, *mentions)
