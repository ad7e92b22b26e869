"""Options that several commands share are declared once, as a group: a struct whose fields are options of typer.

A command takes the group as one parameter (`reading: options.Reading`) and hands it on as one value; `flat` makes of it
what typer reads, a function of which each option is a parameter of its own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from copy import copy
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

from msgspec import Struct


class Group(Struct, frozen=True, kw_only=True):
    """Options that go together, in the help under their `heading`. What `__post_init__` raises is told before the
    command does anything.
    """

    heading: ClassVar[str] = "Options"


def flat(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with the options of its groups in their places, and the groups made of what was given."""
    groups: dict[str, type[Group]] = {}
    parameters: list[inspect.Parameter] = []
    for each in inspect.signature(command, eval_str=True).parameters.values():
        if isinstance(each.annotation, type) and issubclass(each.annotation, Group):
            groups[each.name] = each.annotation
            parameters += _options(each.annotation)
        else:
            parameters.append(each.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(command)
    def called(**given: Any) -> None:
        made = {name: kind(**{field: given.pop(field) for field in _fields(kind)}) for name, kind in groups.items()}
        command(**given, **made)

    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _fields(kind: type[Group]) -> tuple[str, ...]:
    return kind.__struct_fields__


def _options(kind: type[Group]) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    defaults = inspect.signature(kind).parameters
    found = []
    for name in _fields(kind):
        of, option = get_args(hints[name])
        option = copy(option)
        option.rich_help_panel = kind.heading
        placed: Any = Annotated[of, option]
        found.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name].default, annotation=placed)
        )
    return found
