"""What must hold for the rows that owners keep, whoever changes them: a page, an import, a command."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, inspect, select, update
from sqlalchemy.orm.util import has_identity

from models.base import db
from models.choices import Carrier, PaymentMethod
from models.firm import Firm
from models.incentive import DISCOUNTS, ConditionKind, Incentive, IncentiveCondition, IncentiveEffect
from models.mail import MailTemplate
from models.order import Order
from models.party import Company, Language, PartyAddress, Person, PersonKind
from models.price import PriceList
from models.product import Product
from models.staff import Staff, StaffGrant
from models.status import OrderStatus, StatusKind, StatusSet
from models.tax import TaxCode
from models.wish_list import WishList
from models.workflow import Workflow
from permissions import Actor, Grant, Level, Role
from services.addresses import stored
from services.countries import countries
from services.errors import Invalid, Refused
from services.formats import is_bic, is_email, is_gtin, is_iban, is_usable_currency, is_web_address
from services.mails.templates import tried
from services.outbound import named, read_address
from services.sign_in import end_links, end_sessions, kept_email
from services.unit_of_work import Edit


class AlsoChanged(NamedTuple):
    """A field that is told beside the change itself: of another row, or what a new row came with."""

    row: Any
    field: str
    old: str
    new: str


LEAST_SECRET = 16
Rule = Callable[[Any, Edit], list[AlsoChanged] | None]


def _status(status: OrderStatus, edit: Edit) -> list[AlsoChanged]:
    """The code is one that other systems can hold; each order type has one default."""
    if not re.fullmatch(r"[A-Z0-9_-]{1,32}", status.code or ""):
        raise Invalid("code", "A code has capital letters, digits, - and _ only, such as ON_HOLD.")
    _give_place(status)
    if status in status.next_statuses:
        raise Invalid("next_statuses", "A status does not follow itself.")
    others = select(OrderStatus).where(
        OrderStatus.order_type == status.order_type, OrderStatus.is_default, OrderStatus.id != (status.id or 0)
    )
    former = db.session.scalars(others).all()
    if not status.is_default:
        if not former:
            raise Invalid("is_default", "One status must be the default. Make another one the default instead.")
        return []
    for other in former:
        # At once: the database takes no second default, not even for a moment.
        table: Any = OrderStatus.__table__
        changed = update(table).where(table.c.id == other.id)
        db.session.execute(changed.values(is_default=False, version=table.c.version + 1, updated_at=edit.now))
        db.session.refresh(other)
    return [AlsoChanged(other, "is_default", "True", "False") for other in former]


def _status_set(status_set: StatusSet, _edit: Edit) -> None:
    _give_place(status_set)


def _give_place(row: OrderStatus | StatusSet | Incentive) -> None:
    """Let a new row stand last, statuses and sets among one another, unless a place was chosen."""
    if not has_identity(row) and not row.position:
        models = (Incentive,) if isinstance(row, Incentive) else (OrderStatus, StatusSet)
        places = [db.session.scalar(select(func.max(model.position))) or 0 for model in models]
        row.position = max(places) + 10


def _staff(staff: Staff, edit: Edit) -> list[AlsoChanged]:
    """Somebody always keeps the staff; whoever is deactivated is out at once, and no link leads back in."""
    _still_allowed(edit)
    _check_limit(staff, edit)
    staff.email = kept_email(staff.email or "")
    if not is_email(staff.email):
        raise Invalid("email", "This is not an e-mail address.")
    if not _keeps_staff(staff) and keepers_of_staff() == {staff.id}:
        field = "grants" if staff.is_active else "is_active"
        raise Invalid(field, "Nobody else is an owner of Staff. Make somebody else one first.")
    if staff.id and not staff.is_active:
        end_sessions(staff.id, now=edit.now)
        end_links(staff.id)
    return [] if staff.id else _told_of_new(staff)


def _told_of_new(staff: Staff) -> list[AlsoChanged]:
    """Tell what somebody new may do, and where: who reads later what was changed has to know from what."""
    came_with = {"grants": map(str, staff.grants), "companies": map(str, staff.companies)}
    told = {field: ", ".join(sorted(names)) for field, names in came_with.items()}
    return [AlsoChanged(staff, field, "", names) for field, names in told.items() if names]


def _still_allowed(edit: Edit) -> None:
    """Look again, now that nobody else changes the staff: the right may have been taken away meanwhile."""
    if edit.actor.staff_id is None:
        return
    rows = db.session.execute(
        select(StaffGrant.role, StaffGrant.level)
        .join(Staff, Staff.id == StaffGrant.staff_id)
        .where(Staff.id == edit.actor.staff_id, Staff.is_active)
    )
    held = frozenset(Grant(Role(row.role), Level(row.level)) for row in rows)
    replace(edit.actor, grants=held).must(edit.action)


def _check_limit(staff: Staff, edit: Edit) -> None:
    """Companies are chosen for a limit, and whoever is limited lets nobody see more."""
    own, changes = edit.actor.companies, inspect(staff).attrs
    limit, companies = changes.is_limited.history, changes.companies.history
    if own is not None and not staff.is_limited:
        raise Invalid(
            "is_limited", "You work for certain companies only, and so must everybody whom you add or change."
        )
    if own is not None and any(company.id not in own for company in companies.added or ()):
        raise Invalid("companies", "Choose companies that you work for yourself.")
    if (limit.has_changes() or companies.has_changes()) and staff.companies and not staff.is_limited:
        raise Invalid("is_limited", "Tick this, or take the companies away.")


def _keeps_staff(staff: Staff) -> bool:
    return bool(staff.is_active) and any(
        grant.role == Role.STAFF and grant.level == Level.OWNER for grant in staff.grants
    )


def keepers_of_staff() -> set[int]:
    """Give who keeps the staff, as the database has it."""
    return set(
        db.session.scalars(
            select(Staff.id)
            .join(StaffGrant, StaffGrant.staff_id == Staff.id)
            .where(Staff.is_active, StaffGrant.role == Role.STAFF, StaffGrant.level == Level.OWNER)
        )
    )


def _company(company: Company, _edit: Edit) -> None:
    _check_email(company.email)
    if company.currency and not is_usable_currency(company.currency):
        raise Invalid("currency", "This is not an ISO 4217 code of a currency with at most two decimals, such as EUR.")


def _person(person: Person, _edit: Edit) -> None:
    """A contact is somebody of a company; a private customer is nobody's."""
    _check_email(person.email)
    if person.kind == PersonKind.CONTACT and person.company is None:
        raise Invalid("company", "A contact orders for a company. Choose one.")
    if not person.name and not person.email:
        raise Invalid("last_name", "Give a name or an e-mail address.")
    if person.language not in set(Language):
        raise Invalid("language", "There is no language %(code)s.", code=person.language)


def _party_address(entry: PartyAddress, _edit: Edit) -> None:
    if (entry.company is None) == (entry.person is None):
        raise Invalid("company", "An address belongs to one company or to one private customer. Choose one of them.")
    written = entry.address.written
    if not written.line:
        raise Invalid("street", "Write an address.")
    if written.country and written.country not in countries():
        raise Invalid("country", "There is no country %(code)s.", code=written.country)
    _check_email(written.email)
    draft, entry.address = entry.address, stored(written)
    if draft is not entry.address and draft in db.session:
        db.session.expunge(draft)


def _wish_list(wish_list: WishList, _edit: Edit) -> None:
    if (wish_list.company is None) == (wish_list.person is None):
        raise Invalid("company", "A wish list belongs to one company or to one person. Choose one of them.")
    _stays_with_customer(wish_list)
    products = [item.product for item in wish_list.items]
    if len(set(products)) < len(products):
        raise Invalid("items", "A product stands on the list twice.")


def _stays_with_customer(wish_list: WishList) -> None:
    is_linked = exists().where(Order.wish_list_id == WishList.id)
    # Below the walls of the session: also by orders that do not exist for this person.
    linked = db.session.connection().execute(
        select(WishList.company_id, WishList.person_id).where(WishList.id == wish_list.id, is_linked)
    )
    now = tuple(party and party.id for party in (wish_list.company, wish_list.person))
    if any(before != now for before in linked):
        raise Invalid("company", "Orders of its customer are linked to this list, so it stays with that customer.")


def _product(product: Product, edit: Edit) -> None:
    if not (product.sku or "").strip():
        raise Invalid("sku", "Give a SKU.")
    if product.ean and not is_gtin(product.ean):
        raise Invalid(
            "ean", "This is not a valid EAN: it has 8, 12, 13 or 14 digits, and the last follows from the others."
        )
    _check_tax_code(product.tax_code, edit)
    if product.list_price is not None and product.list_price < 0:
        raise Invalid("list_price", "This may not be below %(least)d.", least=0)
    if product.minimum_quantity % product.step_quantity:
        raise Invalid("minimum_quantity", "The minimum is not a multiple of the step.")
    languages = [name.language for name in product.names]
    if len(set(languages)) < len(languages):
        raise Invalid("names", "A language has two names.")


def _check_tax_code(code: str, edit: Edit) -> None:
    if code not in _tax_codes(edit):
        raise Invalid("tax_code", "There is no tax code %(code)s.", code=code)


def _tax_codes(edit: Edit) -> Collection[str]:
    if "tax_codes" not in edit.looked_up:
        edit.looked_up["tax_codes"] = set(db.session.scalars(select(TaxCode.code)))
    return edit.looked_up["tax_codes"]


def _price_list(price_list: PriceList, _edit: Edit) -> None:
    if not is_usable_currency(price_list.currency):
        raise Invalid("currency", "This is not an ISO 4217 code of a currency with at most two decimals, such as EUR.")
    if price_list.valid_from and price_list.valid_until and price_list.valid_until < price_list.valid_from:
        raise Invalid("valid_until", "The last day is before the first.")


def _incentive(incentive: Incentive, _edit: Edit) -> None:
    """What its conditions and effects have is what their kinds use, no less and no more."""
    if not re.fullmatch(r"[A-Z0-9_-]{0,32}", incentive.action_code or ""):
        raise Invalid("action_code", "An action code has capital letters, digits, - and _ only, such as SPRING-5.")
    if incentive.valid_from and incentive.valid_until and incentive.valid_until < incentive.valid_from:
        raise Invalid("valid_until", "The last day is before the first.")
    if not incentive.effects:
        raise Invalid("effects", "Say what it gives: add an effect.")
    for place, condition in enumerate(incentive.conditions):
        _fits_kind(condition, f"conditions.{place}")
    for place, effect in enumerate(incentive.effects):
        _fits_kind(effect, f"effects.{place}")
        if effect.kind in DISCOUNTS and (effect.percentage is None) == (effect.amount is None):
            raise Invalid(f"effects.{place}.percentage", "Give either a percentage or an amount.")
    _give_place(incentive)


def _fits_kind(part: IncentiveCondition | IncentiveEffect, place: str) -> None:
    is_choice = part.kind in DISCOUNTS
    for column, kinds in part.USES.items():
        is_given, is_used = getattr(part, column) not in (None, ""), part.kind in kinds
        if is_given and not is_used:
            raise Invalid(f"{place}.{column}", "Leave this empty: it does not belong to the kind that is chosen.")
        is_open = column == "per_quantity" or (is_choice and column in ("percentage", "amount"))
        if is_used and not is_given and not is_open:
            if column != "quantity" or part.kind == ConditionKind.ITEMS:
                raise Invalid(f"{place}.{column}", "The kind that is chosen needs this.")
            part.quantity = 1


def _tax_code(tax_code: TaxCode, _edit: Edit) -> None:
    if not re.fullmatch(r"[A-Z0-9]{1,8}", tax_code.code or ""):
        raise Invalid("code", "A code has one to eight capital letters and digits, such as H.")
    if not tax_code.rates:
        raise Invalid("rates", "Give at least one rate.")
    for rate in tax_code.rates:
        if rate.country and rate.country not in countries():
            raise Invalid("rates", "There is no country %(code)s.", code=rate.country)
    days = [(rate.country, rate.valid_from) for rate in tax_code.rates]
    if len(set(days)) < len(days):
        raise Invalid("rates", "Two rates of a country begin on the same day.")


def _carrier(carrier: Carrier, edit: Edit) -> None:
    _check_tax_code(carrier.tax_code, edit)
    url = carrier.tracking_url
    if url and ("{code}" not in url or not is_web_address(url.replace("{code}", "0"))):
        raise Invalid("tracking_url", "Write a web address with {code} where the tracking code of the parcel goes.")


def _payment_method(method: PaymentMethod, edit: Edit) -> None:
    _check_tax_code(method.tax_code, edit)
    if not re.fullmatch(r"[A-Z0-9_]{1,32}", method.code or ""):
        raise Invalid("code", "A code has capital letters, digits and _ only, such as ON_ACCOUNT.")


def _firm(firm: Firm, _edit: Edit) -> None:
    _check_email(firm.email)
    firm.iban, firm.bic = (re.sub(r"\s", "", text or "").upper() for text in (firm.iban, firm.bic))
    if firm.iban and not is_iban(firm.iban):
        raise Invalid("iban", "This is not a valid IBAN: its check digits do not fit.")
    if firm.bic and not is_bic(firm.bic):
        raise Invalid("bic", "This is not a valid BIC; it has 8 or 11 capital letters and digits.")
    if firm.website and not is_web_address(firm.website):
        raise Invalid("website", "Write a web address, such as https://www.example.com.")
    if firm.country and firm.country not in countries():
        raise Invalid("country", "There is no country %(code)s.", code=firm.country)


def _workflow(workflow: Workflow, edit: Edit) -> list[AlsoChanged]:
    """One that can be started has an address that may be called. The history tells that the secret is another one."""
    target = read_address(workflow.url or "")
    if workflow.is_active is not False:
        named(target)
    if len(workflow.secret or "") < LEAST_SECRET:
        raise Invalid("secret", "A secret has at least %(least)d characters.", least=LEAST_SECRET)
    if not has_identity(workflow) or not inspect(workflow).attrs.secret.history.has_changes():
        return []
    workflow.updated_at = edit.now
    return [AlsoChanged(workflow, "secret", "", "")]


def _mail_template(template: MailTemplate, edit: Edit) -> None:
    """It is tried with an order, so that a fault is told to who can mend it and not to who sends a mail."""
    template.body = (template.body or "").replace("\r\n", "\n")
    with db.session.no_autoflush:
        tried(template, actor=edit.actor, zone=ZoneInfo("UTC"))


def _check_email(email: str | None) -> None:
    if email and not is_email(email):
        raise Invalid("email", "This is not an e-mail address.")


RULES: Mapping[type[Any], Rule] = {
    OrderStatus: _status,
    StatusSet: _status_set,
    Staff: _staff,
    Company: _company,
    Person: _person,
    PartyAddress: _party_address,
    WishList: _wish_list,
    Product: _product,
    PriceList: _price_list,
    Incentive: _incentive,
    TaxCode: _tax_code,
    Carrier: _carrier,
    PaymentMethod: _payment_method,
    Firm: _firm,
    Workflow: _workflow,
    MailTemplate: _mail_template,
}
"""The rule of each table that has one: looks at a new or changed row before it is written. Raises Invalid."""

ACROSS_ROWS: Mapping[type[Any], str] = {OrderStatus: "statuses", StatusSet: "statuses", Staff: "staff"}
"""Tables whose rows are looked at or changed along with others, by group: in each one writer at a time."""


def check_ranges(row: Any) -> None:
    """Hold the numbers of a row and of its parts to the bounds beside their columns. Raises Invalid."""
    _check_range(row, "")
    for relation in inspect(row).mapper.relationships:
        if relation.cascade.delete_orphan and relation.uselist:
            for place, part in enumerate(getattr(row, relation.key)):
                _check_range(part, f"{relation.key}.{place}.")


def _check_range(row: Any, part_of: str) -> None:
    for column, least, most in _bounds(type(row)):
        value = getattr(row, column)
        if value is not None and value < least:
            raise Invalid(f"{part_of}{column}", "This may not be below %(least)d.", least=least)
        if value is not None and most is not None and value > most:
            raise Invalid(f"{part_of}{column}", "This may be %(most)d at most.", most=most)


def _bounds(model: type[Any]) -> Iterator[tuple[str, int, int | None]]:
    for bound in (*model.__table__.constraints, *model.__table__.columns):
        if "least" in bound.info:
            yield bound.info["column"], bound.info["least"], bound.info["most"]


def refusal_of_creation(row: Any, actor: Actor) -> Refused | None:
    """Say why the actor cannot make such a row, whatever stands in it."""
    is_nobodys = isinstance(row, Company) or (isinstance(row, Person) and row.kind == PersonKind.CUSTOMER)
    return out_of_scope() if is_nobodys and actor.companies is not None else None


def out_of_scope() -> Refused:
    """Give what is said of a new row that would not exist for whom makes it."""
    return Refused("You work for certain companies only, and this would not belong to one of them.")


def refusal_of_deletion(row: Any) -> Refused | None:
    """Say why the row must stay, whether or not something uses it."""
    if isinstance(row, OrderStatus) and row.kind == StatusKind.SYSTEM:
        return Refused("%(name)s is a system status, which stays.", name=row.name)
    if isinstance(row, OrderStatus) and row.is_default:
        return Refused("%(name)s is the default status. Make another one the default first.", name=row.name)
    return None
