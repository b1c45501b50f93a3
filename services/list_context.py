"""What the order list needs to know beside its rows, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from models.base import begin_writing, db
from models.list_settings import ListSettings
from models.order import Order
from models.party import Company, Person
from models.staff import Staff, company_manager
from permissions import Actor

MOST_FOUND = 20


@dataclass(frozen=True)
class ListContext:
    """The person's choices, and the names and rows that the address speaks of.

    `company` is the chosen company's name and `order` the number searched for; each is None when it
    does not exist for this person.
    """

    search_fields: tuple[str, ...]
    managed: int
    company: str | None
    order: int | None
    users: dict[int, str]


def list_context(actor: Actor, *, company: int | None, users: Sequence[int], number: int | None) -> ListContext:
    """Read the context of a list. Ids that are unknown or out of the actor's scope give nothing."""
    person = aliased(Person)
    fields = select(ListSettings.search_fields).where(ListSettings.staff_id == actor.staff_id)
    managed = select(func.count()).where(company_manager.c.staff_id == actor.staff_id, _managed_scope(actor))
    named = select(Company.name).where(Company.id == company, Company.visible_to(actor))
    order = select(Order.id).where(Order.id == number, Order.visible_to(actor))
    rows = db.session.execute(
        select(
            fields.scalar_subquery().label("search_fields"),
            managed.scalar_subquery().label("managed"),
            named.scalar_subquery().label("company"),
            order.scalar_subquery().label("order_id"),
            person.id.label("user_id"),
            person.first_name,
            person.last_name,
        )
        .select_from(select(literal(1).label("one")).subquery("one"))
        .outerjoin(person, and_(person.id.in_(users), person.visible_to(actor)))
    ).all()
    first = rows[0]
    return ListContext(
        search_fields=tuple((first.search_fields or "").split(",")),
        managed=first.managed,
        company=first.company,
        order=first.order_id,
        users={row.user_id: f"{row.first_name} {row.last_name}".strip() for row in rows if row.user_id},
    )


def remember_search_fields(actor: Actor, fields: Sequence[str]) -> None:
    """Keep the person's choice of search fields."""
    begin_writing(db.session)
    db.session.get(Staff, actor.staff_id, with_for_update=True)  # the person's other tab waits here
    settings = db.session.get(ListSettings, actor.staff_id) or ListSettings(staff_id=actor.staff_id)
    settings.search_fields = ",".join(fields)
    db.session.add(settings)
    db.session.commit()


def find_companies(actor: Actor, folded: str) -> Sequence[tuple[int, str, str]]:
    """Find companies by a part of name or debtor id, at most twenty, the nearest first: id, name, debtor id."""
    return [
        (row.id, row.name, row.debtor_id)
        for row in db.session.execute(
            select(Company.id, Company.name, Company.debtor_id)
            .where(
                Company.visible_to(actor),
                or_(
                    Company.name_folded.contains(folded, autoescape=True),
                    func.lower(Company.debtor_id).contains(folded, autoescape=True),
                ),
            )
            .order_by(
                *_nearest(folded, Company.name_folded, func.lower(Company.debtor_id)), Company.name_folded, Company.id
            )
            .limit(MOST_FOUND)
        )
    ]


def find_users(actor: Actor, folded: str) -> Sequence[tuple[int, str]]:
    """Find persons by id or a part of name or e-mail address, at most twenty, the nearest first: id and words."""
    number = int(folded) if folded.isascii() and folded.isdecimal() and len(folded) <= 18 else -1
    rows = db.session.execute(
        select(Person.id, Person.first_name, Person.last_name, Company.name.label("company"))
        .outerjoin(Person.company)
        .where(
            Person.visible_to(actor),
            or_(
                Person.id == number,
                Person.name_folded.contains(folded, autoescape=True),
                func.lower(Person.email).contains(folded, autoescape=True),
            ),
        )
        .order_by(
            case((Person.id == number, 0), else_=1),
            *_nearest(folded, Person.name_folded, func.lower(Person.email)),
            Person.name_folded,
            Person.id,
        )
        .limit(MOST_FOUND)
    )
    return [
        (row.id, " · ".join(part for part in (f"{row.first_name} {row.last_name}".strip(), row.company) if part))
        for row in rows
    ]


def _nearest(folded: str, *texts: Any) -> list[ColumnElement[int]]:
    """Order by how near the texts come: one that is the term, one that begins with it, any other."""
    if not folded:
        return []
    is_it, begins = (text == folded for text in texts), (text.startswith(folded, autoescape=True) for text in texts)
    return [case((or_(*is_it), 0), (or_(*begins), 1), else_=2)]


def _managed_scope(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.companies is None else company_manager.c.company_id.in_(sorted(actor.companies))
