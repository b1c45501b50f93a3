"""Which columns a person sees and in which order, read strictly from what was kept or sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from admin_views.values import Unreadable
from services.typed_values import clip


@dataclass(frozen=True)
class ShownColumns:
    """The visible columns in their order. `is_fallback`: what was kept could not be read."""

    names: tuple[str, ...]
    is_fallback: bool = False


def kept_columns(kept: str, default: Sequence[str], offered: Sequence[str]) -> ShownColumns:
    """Give the columns that were kept, comma-joined, or the default ones."""
    if not kept:
        return ShownColumns(tuple(default))
    try:
        return ShownColumns(read_columns(kept.split(","), offered))
    except Unreadable:
        return ShownColumns(tuple(default), is_fallback=True)


def read_columns(names: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """Read the visible columns in their order; the first that is offered stays first. Raises Unreadable."""
    if unknown := [name for name in names if name not in offered]:
        raise Unreadable(gettext("There is no column “%(name)s”.", name=clip(unknown[0])))
    if len(set(names)) < len(names):
        raise Unreadable(gettext("A column may be shown only once."))
    if tuple(names[:1]) != tuple(offered[:1]):
        raise Unreadable(gettext("The column “%(name)s” stays first and is always shown.", name=offered[0]))
    return tuple(names)


def moved(names: tuple[str, ...], name: str, by: int) -> tuple[str, ...]:
    """Give the columns with `name` so many places further down; the first stays first."""
    if name not in names[1:]:
        return names
    others = [other for other in names if other != name]
    others.insert(max(1, names.index(name) + by), name)
    return tuple(others)
