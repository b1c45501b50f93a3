"""Who an order is for: finding companies, contacts and private customers, and filling the form with what is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from models.base import db, visible
from models.folding import fold
from models.order import LineClass
from models.party import Address, AddressKind, AddressText, Company, Language, PartyAddress, Person, PersonKind
from models.trigrams import holding
from models.types import LARGEST_ID
from permissions import Actor
from services.editing.typed import Typed, TypedLine
from services.errors import Invalid

MOST_FOUND = 20
LONGEST_WORDS = 100
MOST_LISTED = 200
"""Contacts of a company and entries of an address book that are offered."""


@dataclass(frozen=True)
class FoundParty:
    """A company or private customer, with the city of the address by which it was found, or else of the first."""

    id: int
    name: str
    debtor_id: str
    email: str
    phone: str
    tax_number: str
    city: str


@dataclass(frozen=True)
class Customer:
    """Who orders: a company with or without a contact, or a private customer."""

    company: Company | None
    person: Person | None


@dataclass(frozen=True)
class CustomerQuestions:
    """What a change of the customer has to ask: what becomes of prices, and of addresses."""

    prices: bool
    addresses: bool


def find_companies(words: str, actor: Actor) -> Sequence[FoundParty]:
    """Find companies by name, debtor id, e-mail, phone, tax or CoC number or an address, all words, at most twenty.

    Hidden companies are not offered, nor those that do not exist for the actor.
    """
    offered = select(Company).where(Company.visible_to(actor), Company.is_hidden.is_(False))
    return [
        FoundParty(
            company.id, company.name, company.debtor_id, company.email, company.phone, company.tax_number, city or ""
        )
        for company, city in _found(Company, offered, PartyAddress.company_id, words)
    ]


def find_customers(words: str, actor: Actor) -> Sequence[FoundParty]:
    """Find active private customers by name, debtor id, e-mail, phone or an address, all words, at most twenty."""
    offered = select(Person).where(Person.visible_to(actor), Person.kind == PersonKind.CUSTOMER, Person.is_active)
    return [
        FoundParty(person.id, person.name, person.debtor_id, person.email, person.phone, "", city or "")
        for person, city in _found(Person, offered, PartyAddress.person_id, words)
    ]


def contacts_of(company_id: int, actor: Actor) -> Sequence[Person]:
    """Give the active contacts of a company, by name."""
    return db.session.scalars(
        select(Person)
        .where(Person.company_id == min(company_id, LARGEST_ID), Person.is_active, visible(Person, actor))
        .order_by(Person.search_text, Person.id)
        .limit(MOST_LISTED)
    ).all()


def addresses_of(company_id: int | None, user_id: int | None, kind: AddressKind) -> Sequence[Address]:
    """Give the addresses of a kind in the book of the company, or else of the person, in the book's order."""
    return [entry.address for entry in _book(company_id, user_id) if entry.kind == kind]


def customer_of(company_id: int | None, user_id: int | None, actor: Actor) -> Customer:
    """Give who these are; a contact alone stands for the company. Raises Invalid when nobody can order so."""
    person = _one(Person, user_id, actor)
    if user_id is not None and (person is None or not person.is_active):
        raise Invalid("customer", "This person no longer exists. Choose again.")
    if person is not None and company_id is None:
        company_id = person.company_id
    company = _one(Company, company_id, actor)
    if company_id is not None and (company is None or company.is_hidden):
        raise Invalid("customer", "This company no longer exists. Choose again.")
    if company is None and person is None:
        raise Invalid("customer", "Choose who the order is for.")
    if person is not None and person.company_id != company_id:
        raise Invalid("customer", "This person is no contact of the company. Choose again.")
    return Customer(company, person)


def to_ask(typed: Typed) -> CustomerQuestions:
    """Say what of the form another customer would lose: prices of lines, and addresses that are not the book's."""
    is_priced = any(
        _has_price(line) and (line.key.isdecimal() or line.is_price_typed or line.is_discount_typed)
        for line in typed.lines
    )
    written = {typed.invoice, typed.delivery} - {AddressText()}
    known = {entry.address.written for entry in _book(typed.company_id, typed.user_id)} if written else set()
    return CustomerQuestions(prices=is_priced, addresses=bool(written - known))


def with_customer(
    typed: Typed,
    company_id: int | None,
    user_id: int | None,
    *,
    keep_prices: bool,
    keep_addresses: bool,
    actor: Actor,
) -> Typed:
    """Fill the form with a customer's own data; the order keeps them as its own.

    What belonged to the earlier customer is dropped. Prices that are kept are those that were agreed or typed, else
    those of all lines are asked anew; addresses that are kept stay as they are. Another contact of the same company
    changes nothing but what is the contact's. Raises Invalid.
    """
    customer = customer_of(company_id, user_id, actor)
    company, person = customer.company, customer.person
    currency = company.currency if company else ""
    parties = [party for party in (person, company) if party is not None]
    debtor_id = company.debtor_id if company else parties[0].debtor_id
    with_contact = replace(
        typed,
        user_id=person.id if person else None,
        email=next((party.email for party in parties if party.email), ""),
        phone=next((party.phone for party in parties if party.phone), ""),
        language=person.language if person else _language_before(typed),
    )
    if company is not None and company.id == typed.company_id:
        return with_contact
    filled = replace(
        with_contact,
        company_id=company.id if company else None,
        debtor_id=debtor_id,
        tax_number=company.tax_number if company else "",
        coc_number=company.coc_number if company else "",
        currency=currency,
        currency_rate=typed.currency_rate if currency == typed.currency else "",
        payment_term_days=""
        if company is None or company.payment_term_days is None
        else str(company.payment_term_days),
    )
    if not keep_prices:
        filled = replace(filled, lines=tuple(map(_asked_anew, filled.lines)))
    return filled if keep_addresses else _with_book(filled)


def _language_before(typed: Typed) -> str:
    """Give the language of the form, unless it is that of the person who is not there any more."""
    return typed.language if typed.language and typed.user_id is None else Language.ENGLISH.value


def _with_book(typed: Typed) -> Typed:
    """Take the first address of each kind from the book; where there is none, the first of the other kind."""
    book = _book(typed.company_id, typed.user_id)
    first = {entry.kind: entry.address.written for entry in reversed(book)}
    only = book[0].address.written if book else AddressText()
    return replace(typed, invoice=first.get(AddressKind.INVOICE, only), delivery=first.get(AddressKind.DELIVERY, only))


def _asked_anew(line: TypedLine) -> TypedLine:
    """Ask for today's price; a line without a product has none but its own."""
    if not _has_price(line):
        return line
    return replace(line, price="", is_price_typed=False, discount="", is_discount_typed=False)


def _has_price(line: TypedLine) -> bool:
    is_given = line.is_bonus or line.incentive_id is not None
    return line.product_id is not None and line.line_class == LineClass.PRODUCT and not is_given


def _one(model: type[Any], row_id: int | None, actor: Actor) -> Any:
    if row_id is None or row_id > LARGEST_ID:
        return None
    return db.session.scalar(select(model).where(model.id == row_id, visible(model, actor)))


def _book(company_id: int | None, user_id: int | None) -> Sequence[PartyAddress]:
    """Give the address book of a company, or else of a person."""
    if company_id is None and user_id is None:
        return ()
    is_owner = PartyAddress.company_id == company_id if company_id is not None else PartyAddress.person_id == user_id
    return db.session.scalars(
        select(PartyAddress)
        .where(is_owner)
        .options(joinedload(PartyAddress.address, innerjoin=True))
        .order_by(PartyAddress.id)
        .limit(MOST_LISTED)
    ).all()


def _found(party: type[Any], offered: Any, owner: Any, words: str) -> Iterable[tuple[Any, str | None]]:
    """Find rows with all words in their own texts, the nearest first, then those that have some in an address."""
    written = words.strip()[:LONGEST_WORDS]
    if not written.isprintable():
        return ()
    folded = fold(written)
    parts = folded.split()
    own = [party.search_text.contains(word, autoescape=True) for word in parts]
    begins = party.search_text.startswith(folded, autoescape=True)
    nearest = case((or_(func.lower(party.debtor_id) == folded, begins), 0), else_=1)
    order = (*((nearest,) if parts else ()), party.search_text, party.id)
    found = db.session.scalars(offered.where(*own).order_by(*order).limit(MOST_FOUND)).all()
    if parts and len(found) < MOST_FOUND:
        found = [*found, *_by_address(party, offered.where(party.id.not_in([row.id for row in found])), owner, parts)]
    cities = _cities(owner, [row.id for row in found[:MOST_FOUND]], parts)
    return [(row, cities.get(row.id)) for row in found[:MOST_FOUND]]


def _by_address(party: type[Any], offered: Any, owner: Any, parts: Sequence[str]) -> Sequence[Any]:
    """Find rows of which each word is in their own texts or in one of their addresses."""
    for word in parts:
        entries = holding(PartyAddress.__table__, ("search_text",), word)
        at_address = select(owner).where(owner.is_not(None), PartyAddress.id.in_(entries))
        offered = offered.where(or_(party.search_text.contains(word, autoescape=True), party.id.in_(at_address)))
    return db.session.scalars(offered.order_by(party.search_text, party.id).limit(MOST_FOUND)).all()


def _cities(owner: Any, ids: Sequence[int], parts: Sequence[str]) -> dict[int, str]:
    """Give a city for each owner: of the address that has most of the words, or else of the first."""
    held = [case((PartyAddress.search_text.contains(word, autoescape=True), 1), else_=0) for word in parts]
    place = func.row_number().over(
        partition_by=owner, order_by=(sum(held, literal(0)).desc(), PartyAddress.id) if held else PartyAddress.id
    )
    ranked = (
        select(owner.label("owner"), Address.city, place.label("place"))
        .join(PartyAddress.address)
        .where(owner.in_(ids))
        .subquery()
    )
    rows = db.session.execute(select(ranked.c.owner, ranked.c.city).where(ranked.c.place == 1))
    return {row.owner: row.city for row in rows}
