"""What stands around the rows is kept by all that it depends on: a list that is asked for again shows what is new."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update

from admin_views import kept_answers, kept_parts
from admin_views.orders import list_frame
from models.base import begin_writing, db
from models.batch import BatchAction
from models.choices import Carrier
from models.party import Company
from models.saved_view import DefaultView, SavedView
from models.staff import Staff, StaffGrant, company_manager
from models.status import OrderStatus, StatusSet
from permissions import SYSTEM, Actor, Level
from services.list_context import remember_columns, remember_export, remember_search_fields
from tests.admin_views.reading import LIST
from tests.batches import did
from tests.batches import person as somebody
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS, signed_in

OF_THE_REQUEST = re.compile(r'(csrf_token" value|data-csrf-token|name="key" value|nonce)="[^"]*"')


def drawn(client: FlaskClient, path: str) -> str:
    """Give a page without what every request has anew."""
    return OF_THE_REQUEST.sub("", client.get(path, follow_redirects=True).text)


def drawn_anew(client: FlaskClient, path: str) -> str:
    """Give it with nothing kept of what was drawn before."""
    kept_answers.forget()
    kept_answers._frames.clear()
    list_frame._kept.cache_clear()
    kept_parts._kept.clear()
    return drawn(client, path)


def changes(staff: int, company: int, order: int, lone: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give whatever a list shows around its rows, each with how it becomes another."""
    person = Actor(staff, "Ann", frozenset(), frozenset())
    new = OrderStatus.code == "NEW"
    yield "an order", lambda: make_order(status="NEW")
    yield "a status", lambda: db.session.execute(update(OrderStatus).where(new).values(name="Fresh", colour="red"))
    yield "a set", lambda: db.session.add(StatusSet(id=99, name="Ours", position=1))
    yield "another set", lambda: db.session.execute(update(StatusSet).where(StatusSet.name == "Ours").values(name="My"))
    yield "the number searched for", lambda: did(BatchAction.DELETE, [order], somebody())
    yield (
        "its company",
        lambda: db.session.execute(update(Company).where(Company.id == company).values(name="Acme & Sons")),
    )
    yield "a carrier", lambda: db.session.add(Carrier(name="By bicycle"))
    yield (
        "the person's companies",
        lambda: db.session.execute(insert(company_manager).values(staff_id=staff, company_id=company)),
    )
    yield "the columns", lambda: remember_columns(person, ["order_number", "total"])
    yield "the fields", lambda: remember_search_fields(person, ["email"])
    yield "the file", lambda: remember_export(person, "lines", "csv", "semicolon")
    yield "a view", lambda: db.session.add(SavedView(staff_id=staff, name="Old", name_folded="old", asked="sort=id"))
    yield "its name", lambda: db.session.execute(update(SavedView).values(name="Older", version=2))
    yield (
        "the first view",
        lambda: db.session.execute(
            insert(DefaultView).from_select(["staff_id", "view_id"], db.select(SavedView.staff_id, SavedView.id))
        ),
    )
    yield (
        "what it asks",
        lambda: db.session.execute(update(SavedView).values(asked="sort=total&desc=1")),
    )
    yield "a company that it asks for", lambda: db.session.execute(update(SavedView).values(asked=f"company={lone}"))
    yield "that it is gone", lambda: db.session.execute(delete(Company).where(Company.id == lone))
    yield "the language", lambda: db.session.execute(update(Staff).values(language="nl"))
    yield "the zone", lambda: db.session.execute(update(Staff).values(timezone="Pacific/Kiritimati"))
    yield "the look", lambda: db.session.execute(update(Staff).values(theme="dark"))
    yield "the person's name", lambda: db.session.execute(update(Staff).values(name=Staff.name + " <Berg>"))
    yield "the e-mail address", lambda: db.session.execute(update(Staff).values(email="new." + Staff.email))
    yield "a second page", lambda: [make_order() for _ in range(10)]
    yield "the grants", lambda: db.session.execute(update(StaffGrant).values(level=Level.VIEWER))


def test_a_list_that_is_asked_for_again_shows_all_that_is_new(app: Flask) -> None:
    with app.app_context():
        company = make_company("Acme")
        order = make_order(company=company, status="CANCELLED")
        staff, limited = make_staff("ann", GRANTS["owner"]), make_staff("lim", GRANTS["owner"], limited_to=[company])
        emails, company_id, staff_id, lone = (staff.email, limited.email), company.id, staff.id, make_company("Lone").id
    person, other = (signed_in(app, email) for email in emails)
    lists = [
        (other, LIST),
        (person, LIST),
        (person, f"{LIST}?page=2"),
        (person, f"{LIST}?tab=set-99"),
        (person, f"{LIST}?tab=NEW&company={company_id}&status=NEW&carrier=By+bicycle"),
        (person, f"{LIST}?view=1&company="),
        (person, f"{LIST}?tab=all&view=1&search={order}&created_from=-7d"),
    ]
    before = [drawn(*each) for each in lists]
    unseen = []
    for name, change in changes(staff_id, company_id, order, lone):
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            begin_writing(db.session)
            change()
            db.session.commit()
        kept = [drawn(*each) for each in lists]
        assert [drawn_anew(*each) for each in lists] == kept, name
        if kept == before:
            unseen.append(name)
        before = [drawn(*each) for each in lists]
    assert not unseen, "each of these changes is to be seen somewhere"
