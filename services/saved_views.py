"""Views of the order list: kept under a name, opened, changed, shared, and which one opens first.

A private view is changed by its maker, a shared one by whoever may share: it is everybody's by then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, delete, func, select
from sqlalchemy.exc import IntegrityError

from models.base import db, plain_rows, writing
from models.folding import fold_name
from models.saved_view import DefaultView, SavedView
from models.staff import Staff
from models.types import LARGEST_ID
from permissions import Action, Actor
from services.errors import Invalid, Refused

LONGEST_NAME = 60
LONGEST_QUESTION = 8_192
MOST_VIEWS = 100


@dataclass(frozen=True)
class KeptView:
    """A view as somebody sees it: `asked` is the question in the list's address, `owner` who made it."""

    id: int
    name: str
    asked: str
    is_shared: bool
    version: int
    owner: str
    is_own: bool
    is_default: bool

    def may_be_changed_by(self, actor: Actor) -> bool:
        """Whether the person may change, rename and delete it."""
        return actor.may(Action.VIEWS_SHARE) if self.is_shared else self.is_own


class ViewChanged(Refused):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed or deleted this view since you opened it, so nothing was changed. "
            "Open the list again and look at it."
        )


def views_of(actor: Actor) -> Sequence[KeptView]:
    """Give the views that exist for somebody, by name."""
    return [KeptView(*row) for row in plain_rows(views_statement(actor))]


@lru_cache(256)
def views_statement(actor: Actor) -> Select[Any]:
    """Select what makes a KeptView, by name."""
    views: Any = (
        select(
            SavedView.id,
            SavedView.name,
            SavedView.asked,
            SavedView.is_shared,
            SavedView.version,
            Staff.name.label("owner"),
            (SavedView.staff_id == actor.staff_id).label("is_own"),
            DefaultView.view_id.is_not(None).label("is_default"),
        )
        .join(Staff, Staff.id == SavedView.staff_id)
        .outerjoin(DefaultView, and_(DefaultView.view_id == SavedView.id, DefaultView.staff_id == actor.staff_id))
        .where(SavedView.visible_to(actor))
        .order_by(SavedView.name_folded, SavedView.id)
    )
    return views


def save_view(name: str, asked: str, *, is_shared: bool, is_default: bool, actor: Actor) -> int:
    """Keep a question as a new view and give its number. Raises Invalid, NotAllowed or Refused."""
    if is_shared:
        actor.must(Action.VIEWS_SHARE)
    with writing():
        db.session.get(Staff, actor.person, with_for_update=True)  # the person's other tab waits here
        kept = select(func.count()).where(SavedView.staff_id == actor.staff_id)
        if (db.session.scalar(kept) or 0) >= MOST_VIEWS:
            raise Refused("At most %(most)d views can be kept. Delete one that you do not need.", most=MOST_VIEWS)
        view = SavedView(staff_id=actor.person, is_shared=is_shared, asked=_short_enough(asked))
        _give_name(view, name)
        db.session.add(view)
        _flush()
        if is_default:
            _prefer(view.id, actor)
    return view.id


def update_view(view_id: int, asked: str, *, seen: int, actor: Actor) -> None:
    """Let a view ask something else. Raises NotAllowed, ViewChanged or Refused."""
    with _changing(view_id, seen, actor) as view:
        view.asked = _short_enough(asked)


def rename_view(view_id: int, name: str, *, seen: int, actor: Actor) -> None:
    """Call a view something else. Raises Invalid, NotAllowed or ViewChanged."""
    with _changing(view_id, seen, actor) as view:
        _give_name(view, name)


def share_view(view_id: int, *, is_shared: bool, seen: int, actor: Actor) -> None:
    """Share a view with everybody, or leave it to its maker. Raises Invalid, NotAllowed or ViewChanged."""
    actor.must(Action.VIEWS_SHARE)
    with _changing(view_id, seen, actor) as view:
        view.is_shared = is_shared
        _give_name(view, view.name)
        if not is_shared:
            others = delete(DefaultView).where(DefaultView.view_id == view.id, DefaultView.staff_id != view.staff_id)
            db.session.execute(others)


def delete_view(view_id: int, *, seen: int, actor: Actor) -> None:
    """Delete a view; whoever had it as default has none. Raises NotAllowed or ViewChanged."""
    with _changing(view_id, seen, actor) as view:
        db.session.delete(view)


def make_default(view_id: int, *, is_default: bool, actor: Actor) -> None:
    """Let a view open first for the person, or none. Raises ViewChanged."""
    with writing():
        view = db.session.get(SavedView, min(view_id, LARGEST_ID), with_for_update={"read": True})
        if view is None or not (view.is_shared or view.staff_id == actor.staff_id):
            raise ViewChanged
        _prefer(view.id if is_default else None, actor)


def _prefer(view_id: int | None, actor: Actor) -> None:
    db.session.get(Staff, actor.person, with_for_update=True)
    db.session.execute(delete(DefaultView).where(DefaultView.staff_id == actor.staff_id))
    if view_id is not None:
        db.session.add(DefaultView(staff_id=actor.person, view_id=view_id))


@contextmanager
def _changing(view_id: int, seen: int, actor: Actor) -> Iterator[SavedView]:
    with writing():
        view = db.session.get(SavedView, view_id, with_for_update=True)
        if view is None or view.version != seen or not (view.is_shared or view.staff_id == actor.staff_id):
            raise ViewChanged
        if view.is_shared:
            actor.must(Action.VIEWS_SHARE)
        yield view
        _flush()


def _give_name(view: SavedView, name: str) -> None:
    """Name a view. Raises Invalid for no name, one that is too long, and one that there is already."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise Invalid("name", "A name may have at most %(most)d characters.", most=LONGEST_NAME)
    if not name.isprintable():
        raise Invalid("name", "The name has characters that cannot be read.")
    key = fold_name(name) or name
    with db.session.no_autoflush:
        same = select(SavedView.staff_id).where(SavedView.name_folded == key, SavedView.id != (view.id or 0))
        if db.session.scalar(same.where(SavedView.staff_id == view.staff_id)):
            raise Invalid("name", "There is a view of this name already.")
        if view.is_shared and db.session.scalar(same.where(SavedView.is_shared)):
            raise Invalid("name", "There is a shared view of this name already.")
    view.name, view.name_folded = name, key


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Invalid("name", "There is a view of this name already.") from None


def _short_enough(asked: str) -> str:
    if len(asked) > LONGEST_QUESTION:
        raise Refused("This list asks for too much to be kept as a view. Choose fewer values in its filters.")
    return asked
