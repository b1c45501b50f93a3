"""What the order list needs to know beside its rows, read in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, func, literal, null, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from models.base import db, listed, plain_rows, repeated_rows, visible, writing
from models.choices import Carrier, OrderSource, PaymentMethod
from models.deletion import DeletedOrder
from models.list_settings import ListSettings
from models.order import Order
from models.party import Company, Person
from models.product import Product
from models.staff import Staff, company_manager
from permissions import Action, Actor
from services.saved_views import KeptView, views_statement
from services.status_counts import StatusCounts, counts_statement

MOST_FOUND = 20

OFFERED: Mapping[str, type[OrderSource | PaymentMethod | Carrier]] = {
    "source": OrderSource,
    "payment_method": PaymentMethod,
    "carrier": Carrier,
}
"""The rows whose names a filter offers. Orders keep such a name as their own text."""

KEPT = (
    ListSettings.search_fields,
    ListSettings.columns,
    ListSettings.export_rows,
    ListSettings.export_format,
    ListSettings.export_form,
)
"""What is kept of each person."""


@dataclass(frozen=True)
class ListContext:
    """The person's choices and views, the tabs' numbers, what the address speaks of, and what filters offer.

    `columns` are the names of the columns as they were kept, comma-joined, or nothing; `export` is how a file was
    last asked for: rows, format and form, each empty at first.
    `company` is the chosen company's name and `order` the number searched for; each is None when it
    does not exist for this person. `binned` is that number when it is in the bin, for whoever may see that.
    `names` are the names by id of the rows that a filter speaks of, by its parameter, `offered` those of the
    active rows by the key of OFFERED.
    """

    search_fields: tuple[str, ...]
    columns: str
    export: tuple[str, str, str]
    managed: int
    company: str | None
    order: int | None
    binned: int | None
    names: dict[str, dict[int, str]]
    offered: dict[str, tuple[str, ...]]
    views: Sequence[KeptView]
    counted: StatusCounts


def list_context(
    actor: Actor,
    *,
    company: int | None = None,
    managed_by: int | None = None,
    rows_of: Mapping[str, Sequence[int]],
    number: int | None = None,
) -> ListContext:
    """Read the context of a list: `rows_of` are the ids that filters speak of, by parameter.

    Ids that are unknown or out of the actor's scope give nothing.
    """
    spoken_of = tuple((used_by, tuple(ids)) for used_by, ids in rows_of.items())
    statement = _context(actor, company, managed_by, spoken_of, number, db.engine.dialect.name)
    is_usual = company is None and number is None and not any(rows_of.values())
    [row] = repeated_rows(statement) if is_usual else plain_rows(statement)
    return ListContext(
        search_fields=tuple((row.search_fields or "").split(",")),
        columns=row.columns or "",
        export=(row.export_rows or "", row.export_format or "", row.export_form or ""),
        managed=row.managed,
        company=row.company,
        order=row.order_id,
        binned=row.binned,
        names={used: {key: name.strip() for by, key, name, _ in row.names if by == used} for used in rows_of},
        offered={used: tuple(name for by, _, name, _ in row.names if by == used) for used in OFFERED},
        views=[KeptView(*view) for view in row.views],
        counted=StatusCounts.of(row.counts),
    )


@lru_cache(256)
def _context(
    actor: Actor,
    company: int | None,
    managed_by: int | None,
    rows_of: tuple[tuple[str, tuple[int, ...]], ...],
    number: int | None,
    _dialect: str,
) -> Select[Any]:
    settings = [select(kept).where(ListSettings.staff_id == actor.staff_id).scalar_subquery() for kept in KEPT]
    managed = select(func.count()).where(company_manager.c.staff_id == actor.staff_id, _managed_scope(actor))
    named = select(Company.name).where(Company.id == company, Company.visible_to(actor))
    order = select(Order.id).where(Order.id == number, Order.listed_for(actor))
    binned = select(DeletedOrder.id).where(
        DeletedOrder.id == number, DeletedOrder.is_binned(), DeletedOrder.visible_to(actor)
    )
    may_see_bin = actor.may(Action.ORDERS_DELETE)
    return select(
        *(setting.label(kept.key) for setting, kept in zip(settings, KEPT, strict=True)),
        managed.scalar_subquery().label("managed"),
        named.scalar_subquery().label("company"),
        order.scalar_subquery().label("order_id"),
        (binned.scalar_subquery() if may_see_bin else null()).label("binned"),
        listed(_names(actor, rows_of)).label("names"),
        listed(views_statement(actor)).label("views"),
        listed(counts_statement(actor, company, managed_by)).label("counts"),
    )


def _names(actor: Actor, rows_of: Iterable[tuple[str, tuple[int, ...]]]) -> CompoundSelect[Any]:
    """Give the names that filters show or offer, each with the filter that uses it."""
    called: Mapping[str, tuple[type[Any], Any]] = {
        "user_id": (Person, Person.first_name + " " + Person.last_name),
        "product": (Product, Product.name),
        "companies": (Company, Company.name),
        "updated_by": (Staff, Staff.name),
    }
    named = union_all(
        *(
            _named(used_by, *called[used_by]).where(called[used_by][0].id.in_(ids), visible(called[used_by][0], actor))
            for used_by, ids in rows_of
        ),
        *(_named(used_by, model, model.name).where(model.is_active) for used_by, model in OFFERED.items()),
    )
    return named.order_by("search_text", "id")


def _named(used_by: str, model: type[Any], name: ColumnElement[str] | InstrumentedAttribute[str]) -> Select[Any]:
    return select(literal(used_by).label("used_by"), model.id, name.label("name"), model.search_text)


def remember_search_fields(actor: Actor, fields: Sequence[str]) -> None:
    """Keep the person's choice of search fields."""
    _remember(actor, search_fields=fields)


def remember_columns(actor: Actor, columns: Sequence[str]) -> None:
    """Keep the person's columns in their order; none are the default ones."""
    _remember(actor, columns=columns)


def remember_export(actor: Actor, rows: str, file_format: str, form: str) -> None:
    """Keep how the person asks for files."""
    _remember(actor, export_rows=[rows], export_format=[file_format], export_form=[form])


def _remember(actor: Actor, **chosen: Sequence[str]) -> None:
    with writing():
        db.session.get(Staff, actor.staff_id, with_for_update=True)  # the person's other tab waits here
        settings = db.session.get(ListSettings, actor.staff_id) or ListSettings(staff_id=actor.staff_id)
        for name, names in chosen.items():
            setattr(settings, name, ",".join(names))
        db.session.add(settings)


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


def find_products(folded: str) -> Sequence[tuple[int, str]]:
    """Find products by words of what they are searched by, at most twenty, the nearest first: id and words."""
    rows = db.session.execute(
        select(Product.id, Product.name, Product.sku)
        .where(*(Product.search_text.contains(word, autoescape=True) for word in folded.split()))
        .order_by(*_nearest(folded, func.lower(Product.sku), Product.search_text), Product.search_text, Product.id)
        .limit(MOST_FOUND)
    )
    return [(row.id, row.name if row.sku in row.name else f"{row.name} · {row.sku}") for row in rows]


def find_staff_named(folded: str) -> Sequence[tuple[int, str]]:
    """Find people of the staff by words of their names, at most twenty, the nearest first: id and name."""
    rows = db.session.execute(
        select(Staff.id, Staff.name)
        .where(*(Staff.search_text.contains(word, autoescape=True) for word in folded.split()))
        .order_by(*_nearest(folded, Staff.search_text), Staff.search_text, Staff.id)
        .limit(MOST_FOUND)
    )
    return [(row.id, row.name) for row in rows]


def _nearest(folded: str, *texts: Any) -> list[ColumnElement[int]]:
    """Order by how near the texts come: one that is the term, one that begins with it, any other."""
    if not folded:
        return []
    is_it, begins = (text == folded for text in texts), (text.startswith(folded, autoescape=True) for text in texts)
    return [case((or_(*is_it), 0), (or_(*begins), 1), else_=2)]


def _managed_scope(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.companies is None else company_manager.c.company_id.in_(sorted(actor.companies))
