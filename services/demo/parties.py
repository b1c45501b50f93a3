"""Who orders in the demo: companies with contacts and addresses, private customers, guests."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from faker import Faker

from models.folding import fold, fold_name
from models.party import AddressKind, AddressText, Company, PartyAddress, Person, PersonKind
from models.staff import company_manager
from services.demo.catalogue import MAKERS
from services.demo.people import People
from services.loading import Loading

POOL = 250
MOST_COMPANIES, MOST_CUSTOMERS, MOST_GUESTS = 20_000, 5_000, 3_000


class Country(NamedTuple):
    """A country that buys: how often, Faker's locale, language and currency there; `vat_number` takes nine digits."""

    code: str
    name: str
    weight: int
    locale: str
    language: str
    currency: str
    vat_number: str


COUNTRIES = (
    Country("NL", "Netherlands", 46, "nl_NL", "nl", "EUR", "NL{}B01"),
    Country("DE", "Germany", 16, "de_DE", "de", "EUR", "DE{}"),
    Country("BE", "Belgium", 12, "nl_BE", "nl", "EUR", "BE0{}"),
    Country("FR", "France", 7, "fr_FR", "fr", "EUR", "FR40{}"),
    Country("GB", "United Kingdom", 6, "en_GB", "en", "GBP", "GB{}"),
    Country("IT", "Italy", 4, "it_IT", "it", "EUR", "IT{}01"),
    Country("PL", "Poland", 4, "pl_PL", "pl", "PLN", "PL{}0"),
    Country("SE", "Sweden", 2, "sv_SE", "sv", "SEK", "SE{}001"),
    Country("DK", "Denmark", 2, "da_DK", "da", "DKK", "DK{:.8}"),
    Country("CH", "Switzerland", 1, "de_CH", "de", "CHF", "CHE{}"),
)


class Buyer(NamedTuple):
    """Someone who can place an order. A guest has neither company nor user."""

    company_id: int | None
    user_ids: tuple[int, ...]
    emails: tuple[str, ...]
    buyer_name: str
    debtor_id: str
    country: Country
    invoice_address_id: int
    delivery_address_ids: tuple[int, ...]
    account_manager_id: int | None
    discount_percentage: int
    focus: str
    tax_number: str = ""


class Buyers(NamedTuple):
    """Everybody who can place an order."""

    companies: list[Buyer]
    customers: list[Buyer]
    guests: list[Buyer]


class Agreements(NamedTuple):
    """What companies may have agreed: ids of customer groups and of price lists, and of the list of a currency."""

    groups: Sequence[int]
    lists: Sequence[int]
    list_of_currency: Mapping[str, int]


class _Firm(NamedTuple):
    name: str
    debtor_id: str
    country: Country
    email: str
    contacts: list[tuple[str, str, str]]
    addresses: list[AddressText]


class _Someone(NamedTuple):
    first_name: str
    last_name: str
    email: str
    country: Country
    address: AddressText


class _Place:
    """Names, streets and towns of a country, made once and then drawn from."""

    def __init__(self, country: Country, seed: int) -> None:
        fake = Faker(country.locale)
        fake.seed_instance(f"{seed}/{country.code}")
        self.country = country
        self.first_names = [fake.first_name() for _ in range(POOL)]
        self.last_names = [fake.last_name() for _ in range(POOL)]
        self.streets = [_street(fake) for _ in range(POOL)]
        self.towns = [(fake.postcode(), fake.city()) for _ in range(POOL)]
        self._fake = fake

    def firm_name(self) -> str:
        return str(self._fake.company())[:120]

    def address(self, rng: random.Random, **more: str) -> AddressText:
        postal_code, city = rng.choice(self.towns)
        return AddressText(
            street=rng.choice(self.streets),
            number=str(rng.randrange(1, 240)),
            number_extension=rng.choice("ABC") if rng.random() < 0.08 else "",
            postal_code=postal_code,
            city=city[:100],
            country=self.country.code,
            country_name=self.country.name,
            **more,
        )


def add_buyers(
    load: Loading, orders: int, people: People, agreed: Agreements, made_at: datetime, rng: random.Random, seed: int
) -> Buyers:
    """Add as many buyers as so many orders need."""
    places = [_Place(country, seed) for country in COUNTRIES]
    weights = [country.weight for country in COUNTRIES]

    def drawn(count: int) -> list[_Place]:
        return rng.choices(places, weights, k=count)

    firms = [_firm(place, rng, place_no) for place_no, place in enumerate(drawn(_count(orders, 16, MOST_COMPANIES)))]
    customers = [_someone(place, rng) for place in drawn(_count(orders, 60, MOST_CUSTOMERS))]
    guests = [_someone(place, rng) for place in drawn(_count(orders, 90, MOST_GUESTS))]
    addresses = load.address_ids(
        {address for firm in firms for address in firm.addresses}
        | {someone.address for someone in (*customers, *guests)}
    )
    return Buyers(
        _add_companies(load, firms, addresses, people, agreed, made_at, rng),
        _add_customers(load, customers, addresses, made_at),
        [_guest(someone, addresses) for someone in guests],
    )


def _count(orders: int, per: int, most: int) -> int:
    return max(3, min(orders // per, most))


def _street(fake: Faker) -> str:
    return re.sub(r"\s*\d.*$", "", str(fake.street_name()))[:100] or "Main Street"


def _firm(place: _Place, rng: random.Random, number: int) -> _Firm:
    name = place.firm_name()
    domain = f"{_slug(name)}.example"
    contacts = []
    for _contact in range(rng.choice((1, 1, 2, 2, 3, 4))):
        first, last = rng.choice(place.first_names), rng.choice(place.last_names)
        contacts.append((first, last, f"{_slug(first)}.{_slug(last)}@{domain}"))
    invoice = place.address(rng, company=name, email=f"invoices@{domain}")
    deliveries = [
        place.address(rng, company=name, first_name=contacts[0][0], last_name=contacts[0][1])
        for _address in range(rng.choice((0, 1, 1, 2)))
    ]
    return _Firm(
        name,
        str(100_200 + number * 7),
        place.country,
        f"info@{domain}",
        contacts,
        [invoice, *(deliveries or [invoice])],
    )


def _someone(place: _Place, rng: random.Random) -> _Someone:
    first, last = rng.choice(place.first_names), rng.choice(place.last_names)
    email = f"{_slug(first)}.{_slug(last)}{rng.randrange(10, 99)}@mail.example"
    address = place.address(rng, first_name=first, last_name=last, email=email)
    return _Someone(first, last, email, place.country, address)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:60] or "office"


def _add_companies(
    load: Loading,
    firms: list[_Firm],
    addresses: dict[AddressText, int],
    people: People,
    agreed: Agreements,
    made_at: datetime,
    rng: random.Random,
) -> list[Buyer]:
    rows = [{**_company_row(firm, rng), **_terms(firm, agreed, rng), "created_at": made_at} for firm in firms]
    company_ids = load.add_rows(Company, rows)
    contacts = [
        _person_row(
            PersonKind.CONTACT, *contact, company_id=company_id, language=firm.country.language, created_at=made_at
        )
        for company_id, firm in zip(company_ids, firms, strict=True)
        for contact in firm.contacts
    ]
    contact_ids = iter(load.add_rows(Person, contacts))
    buyers = []
    entries: list[dict[str, Any]] = []
    for company_id, firm, row in zip(company_ids, firms, rows, strict=True):
        ids = [addresses[address] for address in firm.addresses]
        entries += _entries(company_id, None, firm.addresses, addresses, made_at)
        buyers.append(
            Buyer(
                company_id=company_id,
                user_ids=tuple(next(contact_ids) for _contact in firm.contacts),
                emails=tuple(email for _first, _last, email in firm.contacts),
                buyer_name="",
                debtor_id=firm.debtor_id,
                country=firm.country,
                invoice_address_id=ids[0],
                delivery_address_ids=tuple(ids[1:]),
                account_manager_id=rng.choice(people.colleagues[:4]),
                discount_percentage=int(row["discount_percentage"].scaleb(2)),
                focus=rng.choice(list(MAKERS)),
                tax_number=row["tax_number"],
            )
        )
    load.add_rows(PartyAddress, entries)
    load.connection.execute(company_manager.insert(), _managers(buyers, people))
    return buyers


def _managers(buyers: list[Buyer], people: People) -> list[dict[str, Any]]:
    """Every company has its account manager; the owner has some that are spread over the list."""
    owned = buyers[:: max(4, len(buyers) // 40)][:40]
    pairs = [(people.owner, buyer.company_id) for buyer in owned]
    pairs += [(buyer.account_manager_id or people.owner, buyer.company_id) for buyer in buyers]
    return [{"staff_id": staff_id, "company_id": company_id} for staff_id, company_id in pairs]


def _add_customers(
    load: Loading, customers: list[_Someone], addresses: dict[AddressText, int], made_at: datetime
) -> list[Buyer]:
    rows = [
        _person_row(
            PersonKind.CUSTOMER,
            someone.first_name,
            someone.last_name,
            someone.email,
            debtor_id=f"P{20_000 + number * 3}",
            language=someone.country.language,
            created_at=made_at,
        )
        for number, someone in enumerate(customers)
    ]
    ids = load.add_rows(Person, rows)
    entries: list[dict[str, Any]] = []
    buyers = []
    for person_id, row, someone in zip(ids, rows, customers, strict=True):
        entries += _entries(None, person_id, [someone.address] * 2, addresses, made_at)
        buyers.append(_guest(someone, addresses)._replace(user_ids=(person_id,), debtor_id=row["debtor_id"]))
    load.add_rows(PartyAddress, entries)
    return buyers


def _guest(someone: _Someone, addresses: dict[AddressText, int]) -> Buyer:
    address_id = addresses[someone.address]
    return Buyer(
        company_id=None,
        user_ids=(),
        emails=(someone.email,),
        buyer_name=f"{someone.first_name} {someone.last_name}",
        debtor_id="",
        country=someone.country,
        invoice_address_id=address_id,
        delivery_address_ids=(address_id,),
        account_manager_id=None,
        discount_percentage=0,
        focus="office",
    )


def _company_row(firm: _Firm, rng: random.Random) -> dict[str, Any]:
    return {
        "name": firm.name,
        "name_folded": fold_name(firm.name),
        "debtor_id": firm.debtor_id,
        "tax_number": firm.country.vat_number.format(str(rng.randrange(10**8, 10**9))),
        "coc_number": str(rng.randrange(10**7, 10**8)),
        "phone": f"+{rng.randrange(31, 49)} {rng.randrange(10, 99)} {rng.randrange(10**6, 10**7)}",
        "email": firm.email,
    }


def _terms(firm: _Firm, agreed: Agreements, rng: random.Random) -> dict[str, Any]:
    """Draw what a company has agreed: most pay within thirty days, and few have a price list of their own."""
    currency = firm.country.currency
    own_list = rng.choice(agreed.lists[:2]) if rng.random() < 0.06 else None
    return {
        "customer_group_id": rng.choice([*agreed.groups, None]),
        "price_list_id": agreed.list_of_currency.get(currency, own_list),
        "discount_percentage": Decimal(rng.choice((0, 0, 0, 250, 500, 500, 750, 1_000, 1_250, 1_500))).scaleb(-2),
        "payment_term_days": rng.choice((14, 30, 30, 30, 60)),
        "currency": "" if currency == "EUR" else currency,
        "is_hidden": rng.random() < 0.01,
    }


def _person_row(kind: PersonKind, first: str, last: str, email: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": str(kind),
        "first_name": first,
        "last_name": last,
        "name_folded": fold_name(f"{first} {last}"),
        "email": email,
        **more,
    }


def _entries(
    company_id: int | None,
    person_id: int | None,
    texts: list[AddressText],
    ids: dict[AddressText, int],
    made_at: datetime,
) -> list[dict[str, Any]]:
    kinds = [AddressKind.INVOICE, *[AddressKind.DELIVERY] * (len(texts) - 1)]
    return [
        {
            "company_id": company_id,
            "person_id": person_id,
            "kind": str(kind),
            "address_id": ids[text],
            "created_at": made_at,
            "search_text": PartyAddress.text_of({"line": text.line}),
        }
        for kind, text in zip(kinds, texts, strict=True)
    ]
