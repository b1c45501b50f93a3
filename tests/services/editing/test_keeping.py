"""What is typed into the editor is kept for the person who types it, until it is saved."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.order_draft import OrderDraft, OrderSubmission
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.deletion import purge
from services.editing.keeping import (
    KEPT,
    MOST_KEPT,
    AlreadySaved,
    discard,
    discard_others,
    forget_old,
    keep,
    kept,
    submission,
    unfinished,
)
from services.editing.saving import create
from services.editing.typed import MOST_READ, Typed, TypedLine
from services.errors import Refused
from services.unit_of_work import Edit, OrderGone, changing_one, setting_many
from tests.editing import a_form, a_line, new_key, priced
from tests.factories import NOON, make_company, make_order

pytestmark = pytest.mark.usefixtures("database")


def create_of(form: Typed, who: Actor) -> int:
    return create(priced(form), as_draft=False, base_currency="EUR", edit=Edit(who, Action.ORDERS_CREATE, NOON))


def test_a_form_is_kept_as_it_stands_beside_the_one_that_was_opened(mia: Actor) -> None:
    form = a_form(remarks="Fünf \u2028 Stück")
    keep(form, opened=None, actor=mia, now=NOON)
    assert kept(form.form_key, mia) == (None, form)
    keep(form, opened=form, actor=mia, now=NOON)
    typed = replace(form, reference="typed")
    keep(typed, opened=None, actor=mia, now=NOON + timedelta(minutes=1))
    assert kept(form.form_key, mia) == (form, typed)
    merged = replace(typed, version=2)
    keep(typed, opened=merged, actor=mia, now=NOON + timedelta(minutes=2))
    assert kept(form.form_key, mia) == (merged, typed)


def test_what_was_typed_earlier_does_not_come_over_what_was_typed_later(mia: Actor) -> None:
    form = a_form()
    keep(replace(form, remarks="later"), opened=form, actor=mia, now=NOON + timedelta(seconds=1))
    keep(replace(form, remarks="earlier"), opened=form, actor=mia, now=NOON)
    found = kept(form.form_key, mia)
    assert found
    assert found[1].remarks == "later"


def test_a_form_is_nobody_elses(mia: Actor, eve: Actor) -> None:
    form = a_form()
    keep(form, opened=form, actor=mia, now=NOON)
    with pytest.raises(Refused, match="somebody else"):
        keep(form, opened=form, actor=eve, now=NOON)
    discard(form.form_key, eve)
    assert (kept(form.form_key, eve), unfinished(eve, None)) == (None, [])
    assert kept(form.form_key, mia)
    assert [kept(key, mia) for key in ("", "\0" * 32, "\ud800", form.form_key.upper() + "x")] == [None] * 4
    with pytest.raises(NotAllowed):
        keep(a_form(), opened=None, actor=SYSTEM, now=NOON)


def test_unfinished_forms_are_those_of_the_order_the_latest_first(mia: Actor) -> None:
    number = make_order()
    for minutes, order_id in enumerate((None, number, None, number)):
        form = a_form(order_id=order_id, remarks=str(minutes))
        keep(form, opened=None, actor=mia, now=NOON + timedelta(minutes=minutes))
    assert [Typed.read(draft.content).remarks for draft in unfinished(mia, None)] == ["2", "0"]
    assert [Typed.read(draft.content).remarks for draft in unfinished(mia, number)] == ["3", "1"]


def test_all_forms_but_one_are_discarded_of_one_person_and_one_order(mia: Actor, eve: Actor) -> None:
    number = make_order()
    forms = [a_form(), a_form(), a_form(order_id=number), a_form()]
    for form, actor in zip(forms, (mia, mia, mia, eve), strict=True):
        keep(form, opened=None, actor=actor, now=NOON)
    discard_others(forms[0].form_key, mia, None)
    assert [bool(kept(form.form_key, mia)) for form in forms] == [True, False, True, False]
    assert kept(forms[3].form_key, eve)


def test_a_form_of_an_order_that_is_not_there_or_not_visible_is_not_kept(mia: Actor) -> None:
    number = make_order(company=make_company("Acme"))
    for who, order_id in ((mia, number + 1), (replace(mia, companies=frozenset({9})), number)):
        with pytest.raises(OrderGone):
            keep(a_form(order_id=order_id), opened=None, actor=who, now=NOON)


def test_a_form_beyond_a_megabyte_is_refused_and_one_of_a_thousand_lines_is_kept(mia: Actor) -> None:
    form = a_form(*(a_line(f"n{place}", notes="x" * 100) for place in range(1, 1_001)))
    keep(form, opened=form, actor=mia, now=NOON)
    assert kept(form.form_key, mia) == (form, form)
    small, long = replace(a_form(), form_key=new_key()), replace(form, remarks="x" * 1024 * 1024)
    many = replace(small, lines=()).with_lines([TypedLine("")] * (MOST_READ + 1))
    for typed, opened in ((long, None), (small, long), (many, None)):
        with pytest.raises(Refused, match="too large"):
            keep(replace(typed, form_key=small.form_key), opened=opened, actor=mia, now=NOON)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_form_is_kept_while_its_order_is_being_changed(app: Flask, mia: Actor) -> None:
    """On PostgreSQL: SQLite has one writer at a time."""
    number = make_order()

    def do() -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            keep(a_form(order_id=number), opened=None, actor=mia, now=NOON)

    with ThreadPoolExecutor(1) as thread, changing_one(number, edit=Edit(mia, Action.ORDERS_EDIT, NOON)):
        thread.submit(do).result(timeout=10)
    assert len(unfinished(mia, number)) == 1


def test_a_form_is_let_go_when_it_is_saved_and_not_kept_again(mia: Actor, eve: Actor) -> None:
    form = a_form()
    keep(form, opened=form, actor=mia, now=NOON)
    create_of(form, mia)
    keep(form, opened=form, actor=mia, now=NOON)
    assert kept(form.form_key, mia) is None
    with pytest.raises(AlreadySaved) as raised:
        keep(form, opened=form, actor=mia, now=NOON + timedelta(seconds=1))
    saved = submission(form.form_key, mia)
    assert saved
    assert (saved.order_id, submission(form.form_key, eve)) == (raised.value.order_id, None)


def test_a_person_has_room_for_so_many_forms_and_the_oldest_go(mia: Actor, eve: Actor) -> None:
    forms = [a_form() for _ in range(MOST_KEPT + 2)]
    keep(forms[0], opened=None, actor=eve, now=NOON)
    for minutes, form in enumerate(forms[1:]):
        keep(form, opened=None, actor=mia, now=NOON + timedelta(minutes=minutes))
    assert [kept(form.form_key, mia) is not None for form in forms[1:4]] == [False, True, True]
    assert kept(forms[0].form_key, eve)
    assert [draft.form_key for draft in unfinished(mia, None)[:2]] == [forms[-1].form_key, forms[-2].form_key]


def test_forms_go_after_a_month_and_with_their_order(mia: Actor) -> None:
    number = create_of(a_form(), mia)
    keep(a_form(order_id=number), opened=None, actor=mia, now=NOON)
    keep(a_form(), opened=None, actor=mia, now=NOON)
    forget_old(NOON + KEPT)
    assert db.session.scalar(select(func.count()).select_from(OrderDraft)) == 2
    with setting_many(Edit(mia, Action.ORDERS_DELETE, NOON)) as orders:
        orders.lock([number])
        orders.set({number: {"is_deleted": True}})
    assert purge(0, now=NOON) == 1
    assert db.session.scalar(select(func.count()).select_from(OrderSubmission)) == 0
    assert [draft.order_id for draft in unfinished(mia, None)] == [None]
    forget_old(NOON + KEPT + timedelta(seconds=1))
    assert db.session.scalar(select(func.count()).select_from(OrderDraft)) == 0
