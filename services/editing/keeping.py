"""Keeping what is typed into the order editor until it is saved: each form for the person who types it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, select
from sqlalchemy.orm import defer

from models.base import db, writing
from models.order import Order
from models.order_draft import OrderDraft, OrderSubmission
from permissions import Actor
from services.editing.typed import FORM_KEY, MOST_READ, Typed
from services.errors import Refused
from services.unit_of_work import OrderGone

LARGEST = 1024 * 1024
"""Bytes of a form."""
KEPT = timedelta(days=30)
MOST_KEPT = 50
"""Forms of a person; when there are more, those that nobody went on with longest are let go."""


class AlreadySaved(Refused):
    """The form was saved before with other content: nothing is written. `order_id` is the order that it made."""

    def __init__(self, order_id: int) -> None:
        super().__init__("This form was saved already, as order %(number)s. Change that one.", number=str(order_id))
        self.order_id = order_id


def keep(typed: Typed, *, opened: Typed | None, actor: Actor, now: datetime) -> None:
    """Keep a form as it stands; `opened`, as the person got it first, is kept when it is given.

    A form that was saved or kept later than `now` stays as it is. Raises AlreadySaved for one that was saved before,
    Refused for one that is too large or somebody else's, OrderGone, and NotAllowed for a program.
    """
    content, as_opened = typed.written(), opened.written() if opened else ""
    if max(len(content.encode()), len(as_opened.encode())) > LARGEST or len(typed.lines) > MOST_READ:
        raise Refused("This order is too large to be kept until it is saved. Take lines out, or save it now.")
    with writing():
        take_turn(typed.form_key)
        if (saved := db.session.get(OrderSubmission, typed.form_key)) is None:
            _check_order(typed.order_id, actor)
            _put(typed, content, as_opened, actor, now)
        else:
            _check_time(saved, actor, now)


def kept(form_key: str, actor: Actor) -> tuple[Typed | None, Typed] | None:
    """Give a form as it was opened and as it stood when it was kept last; None when the actor has no such.

    How it was opened is None when that was never told. The key may be anything that an address says.
    """
    if not FORM_KEY.fullmatch(form_key):
        return None
    draft = db.session.scalar(
        select(OrderDraft).where(OrderDraft.form_key == form_key, OrderDraft.staff_id == actor.person)
    )
    return (Typed.read(draft.opened) if draft.opened else None, Typed.read(draft.content)) if draft else None


def submission(form_key: str, actor: Actor) -> OrderSubmission | None:
    """Give what became of a form of the actor's that was saved."""
    saved = db.session.get(OrderSubmission, form_key)
    return saved if saved and saved.staff_id == actor.person else None


def unfinished(actor: Actor, order_id: int | None) -> Sequence[OrderDraft]:
    """Give the actor's forms of an order, or of new ones, that are not saved; the latest first."""
    return db.session.scalars(
        select(OrderDraft)
        .where(OrderDraft.of(actor.person, order_id))
        .order_by(OrderDraft.at.desc(), OrderDraft.id.desc())
        .options(defer(OrderDraft.opened))
    ).all()


def discard(form_key: str, actor: Actor) -> None:
    """Forget a form of the actor's; one that is not there is gone already."""
    with writing():
        db.session.execute(
            delete(OrderDraft).where(OrderDraft.form_key == form_key, OrderDraft.staff_id == actor.person)
        )


def discard_others(form_key: str, actor: Actor, order_id: int | None) -> None:
    """Forget all forms of the actor's of an order, or of new ones, but for one."""
    others = and_(OrderDraft.of(actor.person, order_id), OrderDraft.form_key != form_key)
    with writing():
        db.session.execute(delete(OrderDraft).where(others))


def forget_old(now: datetime) -> None:
    """Remove the forms that nobody went on with for a month."""
    with writing():
        db.session.execute(delete(OrderDraft).where(OrderDraft.at < now - KEPT))


def take_turn(form_key: str) -> None:
    """Let whoever keeps or saves the same form wait until this transaction ends; SQLite has but one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(form_key))))


def _check_time(saved: OrderSubmission, actor: Actor, now: datetime) -> None:
    """Let pass what was sent before the form was saved, and came after it."""
    if saved.staff_id == actor.person and saved.at < now:
        raise AlreadySaved(saved.order_id)


def _check_order(order_id: int | None, actor: Actor) -> None:
    if order_id is not None and not db.session.scalar(
        select(exists().where(Order.id == order_id, Order.visible_to(actor)))
    ):
        raise OrderGone(order_id)


def _put(typed: Typed, content: str, opened: str, actor: Actor, now: datetime) -> None:
    draft = db.session.scalar(select(OrderDraft).where(OrderDraft.form_key == typed.form_key).with_for_update())
    if draft is None:
        _make_room(actor)
        draft = OrderDraft(form_key=typed.form_key, staff_id=actor.person, order_id=typed.order_id, opened="")
        db.session.add(draft)
    elif draft.staff_id != actor.person:
        raise Refused("This form belongs to somebody else. Start again.")
    elif draft.at > now:
        return
    draft.content, draft.at, draft.opened = content, now, opened or draft.opened


def _make_room(actor: Actor) -> None:
    """Let go of a person's oldest forms, so that there is room for one more."""
    beyond = (
        select(OrderDraft.id)
        .where(OrderDraft.staff_id == actor.person)
        .order_by(OrderDraft.at.desc(), OrderDraft.id.desc())
        .offset(MOST_KEPT - 1)
        .with_for_update(skip_locked=True)
    )
    if old := db.session.scalars(beyond).all():
        db.session.execute(delete(OrderDraft).where(OrderDraft.id.in_(old)))
