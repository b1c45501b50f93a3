"""What the customers, products and incentives are called that forms name by their ids, looked up in one statement."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select, union_all

from models.base import db, visible
from models.incentive import Incentive
from models.party import Company, Person
from models.product import Product
from permissions import Actor
from services.editing.typed import Typed, TypedLine

NOTHING = literal("")


@dataclass(frozen=True)
class Names:
    """Names by id; those of customers with their debtor ids."""

    companies: Mapping[int, str] = field(default_factory=dict)
    persons: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    incentives: Mapping[int, str] = field(default_factory=dict)

    def customer(self, form: Typed) -> str:
        """Say who orders: the company, the person, or both, by number where there is no name."""
        who = ((self.companies, form.company_id), (self.persons, form.user_id))
        told = (names.get(row_id, str(row_id)) for names, row_id in who if row_id is not None)
        return ", ".join(filter(None, told))

    def line(self, line: TypedLine) -> str:
        """Say what a line is of."""
        return line.name or self.products.get(line.product_id or 0, "") or line.sku


def names_in(forms: Iterable[Typed], actor: Actor) -> Names:
    """Look up the names of all that the forms name by id and that exists for the actor."""
    named = list(forms)
    given = [line for form in named for line in form.lines if line.incentive_id is not None]
    person = func.trim(Person.first_name + " " + Person.last_name)
    found = union_all(
        _named(Company, (form.company_id for form in named), actor, Company.name, Company.debtor_id),
        _named(Person, (form.user_id for form in named), actor, person, Person.debtor_id, Person.email),
        _named(Product, (line.product_id for line in given), actor, Product.name),
        _named(Incentive, (number for form in named for number in form.incentive_ids), actor, Incentive.name),
    )
    names: dict[str, dict[int, str]] = {model.__tablename__: {} for model in (Company, Person, Product, Incentive)}
    for kind, row_id, name, known_as, otherwise in db.session.execute(found):
        names[kind][row_id] = " · ".join(filter(None, (name or otherwise, known_as)))
    return Names(
        companies=names[Company.__tablename__],
        persons=names[Person.__tablename__],
        products=names[Product.__tablename__],
        incentives=names[Incentive.__tablename__],
    )


def _named(model: type[Any], ids: Iterable[int | None], actor: Actor, *columns: Any) -> Any:
    """Select the name of rows, what else they are known by, and what stands for a missing name."""
    wanted: Collection[int] = {row_id for row_id in ids if row_id is not None}
    told = [*columns, NOTHING, NOTHING][:3]
    return select(literal(model.__tablename__), model.id, *told).where(model.id.in_(wanted), visible(model, actor))
