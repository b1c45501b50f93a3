"""Who an order is for: who is found, and what the form takes over from them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from models.base import db
from models.party import Address, AddressKind, AddressText, Company, PartyAddress, Person
from permissions import SYSTEM, Actor
from services.editing.customers import (
    FoundParty,
    addresses_of,
    contacts_of,
    find_companies,
    find_customers,
    to_ask,
    with_customer,
)
from services.editing.typed import Typed, TypedLine
from services.errors import Invalid
from services.sign_in import actor_of
from tests.admin_views.orders.test_statements import counted
from tests.factories import make_company, make_person, make_staff

pytestmark = pytest.mark.usefixtures("database")

EINDHOVEN = AddressText(company="Maas", street="Hurksestraat", number="60", city="Eindhoven", country="NL")
LODZ = AddressText(company="Maas", street="Piotrkowska", number="1", city="Łódź", country="PL")
FORM = Typed("0" * 32)


def change(row: Any, **columns: Any) -> Any:
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def make_entry(party: Company | Person, written: AddressText, kind: AddressKind) -> None:
    address = db.session.scalar(db.select(Address).where(Address.digest == written.digest)) or Address.of(written)
    owner = {"company": party} if isinstance(party, Company) else {"person": party}
    db.session.add(PartyAddress(kind=kind, address=address, **owner))
    db.session.commit()


def limited(company: Company) -> Actor:
    return actor_of(make_staff("limited", ["order:owner", "backoffice:viewer", "user:viewer"], limited_to=[company]).id)


def names(found: Sequence[FoundParty]) -> list[str]:
    return [party.name for party in found]


def filled(form: Typed, company: Company | None, person: Person | None = None, **kept: bool) -> Typed:
    return with_customer(
        form,
        company.id if company else None,
        person.id if person else None,
        actor=SYSTEM,
        **{"keep_prices": False, "keep_addresses": False, **kept},
    )


def test_companies_are_found_by_all_words_of_what_is_known_of_them() -> None:
    maas = make_company("Maas Elektrotechniek", "D10951")
    change(maas, email="inkoop@maas.example", phone="+31 40 123", tax_number="NL804177882B01", coc_number="17044")
    make_entry(maas, EINDHOVEN, AddressKind.DELIVERY)
    make_entry(maas, LODZ, AddressKind.INVOICE)
    make_company("Rijn")
    for words in ("maas", "MÁAS elektro", "d10951", "inkoop@", "123 maas", "nl8041", "17044", "lodz", "maas EINDHOVEN"):
        assert names(find_companies(words, SYSTEM)) == ["Maas Elektrotechniek"], words
    for words in ("maas rijn", "100%", "_", "\x00", "ma\x1fas"):
        assert find_companies(words, SYSTEM) == [], words
    assert names(find_companies("", SYSTEM)) == ["Maas Elektrotechniek", "Rijn"]
    assert [find_companies(words, SYSTEM)[0].city for words in ("maas", "łódź")] == ["Eindhoven", "Łódź"]


def test_the_nearest_company_comes_first_and_twenty_are_given() -> None:
    make_entry(make_company("A at the river"), replace(EINDHOVEN, street="Maasweg"), AddressKind.DELIVERY)
    make_company("B near Maas")
    make_company("Maasstad")
    make_company("Zorg", "maas")
    assert names(find_companies("maas", SYSTEM)) == ["Maasstad", "Zorg", "B near Maas", "A at the river"]
    for number in range(22):
        make_company(f"Rijn {number:02}")
    assert names(find_companies("rijn", SYSTEM)) == [f"Rijn {number:02}" for number in range(20)]


def test_hidden_companies_and_those_of_others_are_not_offered() -> None:
    ours, theirs = make_company("Maas Ours"), make_company("Maas Theirs")
    change(make_company("Maas Hidden"), is_hidden=True)
    contact = make_person("Anna", "Berg", theirs)
    actor = limited(ours)
    db.session.info["actor"] = actor
    assert names(find_companies("maas", actor)) == ["Maas Ours"]
    assert contacts_of(theirs.id, actor) == []
    for company_id, user_id in ((theirs.id, None), (None, contact.id)):
        with pytest.raises(Invalid, match="no longer exists"):
            with_customer(FORM, company_id, user_id, keep_prices=False, keep_addresses=False, actor=actor)


def test_private_customers_are_found_if_they_are_active() -> None:
    anna, _bo = make_person("Anna", "Berg"), change(make_person("Bo", "Berg"), is_active=False)
    make_person("Cleo", "Berg", make_company("Maas"))
    change(anna, debtor_id="P7", phone="0612")
    make_entry(anna, LODZ, AddressKind.DELIVERY)
    for words in ("berg", "anna p7", "0612", "anna.berg@buyer", "lodz"):
        assert names(find_customers(words, SYSTEM)) == ["Anna Berg"], words
    assert find_customers("berg", limited(make_company("Ours"))) == []


def test_contacts_are_the_active_ones_of_the_company() -> None:
    company = make_company("Maas")
    make_person("Cleo", "Berg", company)
    make_person("Anna", "Berg", company)
    change(make_person("Bo", "Berg", company), is_active=False)
    make_person("Dora", "Berg", make_company("Rijn"))
    assert [contact.first_name for contact in contacts_of(company.id, SYSTEM)] == ["Anna", "Cleo"]
    assert contacts_of(10**30, SYSTEM) == []


def test_the_form_takes_over_what_is_known_of_a_contact_and_the_company() -> None:
    company = make_company("Maas", "D1")
    change(company, email="maas@maas.example", phone="040", tax_number="NL1", coc_number="17", currency="PLN")
    change(company, payment_term_days=30)
    anna = change(make_person("Anna", "Berg", company), language="pl", debtor_id="other")
    make_entry(company, LODZ, AddressKind.DELIVERY)
    make_entry(company, EINDHOVEN, AddressKind.INVOICE)
    make_entry(company, replace(LODZ, number="2"), AddressKind.DELIVERY)
    earlier = replace(FORM, company_id=77, email="x", tax_number="x", currency="EUR", currency_rate="1", reference="PO")
    expected = Typed(
        "0" * 32,
        company_id=company.id,
        user_id=anna.id,
        email="anna.berg@buyer.example",
        phone="040",
        debtor_id="D1",
        tax_number="NL1",
        coc_number="17",
        language="pl",
        currency="PLN",
        payment_term_days="30",
        invoice=EINDHOVEN,
        delivery=LODZ,
        reference="PO",
    )
    assert filled(earlier, None, anna) == filled(earlier, company, anna) == expected
    alone = filled(earlier, company)
    assert (alone.user_id, alone.email, alone.language) == (None, "maas@maas.example", "en")
    assert filled(replace(earlier, language="de"), company).language == "de"
    assert filled(filled(earlier, None, anna), company).language == "en"


def test_the_form_takes_over_a_private_customer_and_drops_the_company_before() -> None:
    anna = change(make_person("Anna", "Berg"), debtor_id="P7", language="de")
    make_entry(anna, EINDHOVEN, AddressKind.INVOICE)
    before = replace(FORM, company_id=1, tax_number="NL1", coc_number="17", payment_term_days="30", currency="PLN")
    form = filled(before, None, anna)
    assert (form.company_id, form.user_id, form.debtor_id, form.language) == (None, anna.id, "P7", "de")
    assert (form.tax_number, form.coc_number, form.payment_term_days, form.currency) == ("", "", "", "")
    assert form.invoice == form.delivery == EINDHOVEN


def test_addresses_are_given_by_kind_in_the_order_of_the_book() -> None:
    company, anna = make_company("Maas"), make_person("Anna", "Berg")
    make_entry(company, LODZ, AddressKind.DELIVERY)
    make_entry(company, EINDHOVEN, AddressKind.DELIVERY)
    make_entry(anna, EINDHOVEN, AddressKind.INVOICE)
    assert [each.written for each in addresses_of(company.id, None, AddressKind.DELIVERY)] == [LODZ, EINDHOVEN]
    assert addresses_of(company.id, None, AddressKind.INVOICE) == []
    assert [each.written for each in addresses_of(None, anna.id, AddressKind.INVOICE)] == [EINDHOVEN]
    assert addresses_of(None, None, AddressKind.INVOICE) == []


def test_prices_and_addresses_stay_when_that_is_asked_for() -> None:
    company = make_company("Maas")
    make_entry(company, LODZ, AddressKind.DELIVERY)
    typed = TypedLine("n1", 1, price="9", is_price_typed=True, discount="5", is_discount_typed=True)
    agreed = TypedLine("17", 1, price="8")
    free = TypedLine("n2", price="7", is_price_typed=True)
    bonus = TypedLine("n3", 1, is_bonus=True, price="0", is_price_typed=True)
    form = replace(FORM, lines=(typed, agreed, free, bonus), delivery=EINDHOVEN)
    kept = filled(form, company, keep_prices=True, keep_addresses=True)
    assert (kept.lines, kept.delivery) == (form.lines, EINDHOVEN)
    anew = filled(form, company)
    assert anew.lines == (TypedLine("n1", 1), TypedLine("17", 1), free, bonus)
    assert anew.delivery == LODZ


def test_another_contact_of_the_same_company_changes_only_what_is_the_contacts() -> None:
    company = change(make_company("Maas", "D1"), currency="EUR", tax_number="NEW", phone="040")
    anna = change(make_person("Anna", "Berg", company), language="pl")
    line = TypedLine("n1", 1, price="100", is_price_typed=True)
    own: dict[str, Any] = {
        "debtor_id": "OLD",
        "tax_number": "OLDTAX",
        "currency": "USD",
        "currency_rate": "0.9",
        "lines": (line,),
    }
    before = replace(FORM, company_id=company.id, delivery=LODZ, **own)
    theirs: dict[str, Any] = {"user_id": anna.id, "email": "anna.berg@buyer.example", "phone": "040", "language": "pl"}
    assert filled(before, company, anna) == filled(before, None, anna) == replace(before, **theirs)


def test_what_another_customer_would_lose_is_asked_for() -> None:
    company = make_company("Maas")
    make_entry(company, LODZ, AddressKind.DELIVERY)
    form = filled(FORM, company)
    assert not to_ask(FORM).prices
    assert not to_ask(form).addresses
    assert to_ask(replace(form, delivery=EINDHOVEN)).addresses
    assert not to_ask(form.with_lines([TypedLine("", 1)])).prices
    assert to_ask(form.with_lines([TypedLine("", 1, price="3", is_price_typed=True)])).prices
    assert to_ask(replace(form, lines=(TypedLine("17", 1, price="3"),))).prices


@pytest.mark.parametrize("wrong", ["nobody", "of another", "inactive", "hidden", "unknown"])
def test_who_cannot_order_is_refused(wrong: str) -> None:
    company = make_company("Maas")
    anna = make_person("Anna", "Berg", company)
    bo = change(make_person("Bo", "Berg", company), is_active=False)
    rijn = make_company("Rijn")
    hidden = change(make_company("Hidden"), is_hidden=True)
    asked: dict[str, tuple[int | None, int | None]] = {
        "nobody": (None, None),
        "of another": (rijn.id, anna.id),
        "inactive": (company.id, bo.id),
        "hidden": (hidden.id, None),
        "unknown": (10**30, None),
    }
    with pytest.raises(Invalid) as refused:
        with_customer(FORM, *asked[wrong], keep_prices=False, keep_addresses=False, actor=SYSTEM)
    assert refused.value.field == "customer"


def test_statements_do_not_grow_with_what_is_found(app: Flask) -> None:
    company = make_company("Maas 0")
    make_entry(company, LODZ, AddressKind.DELIVERY)
    ask: Callable[[], object] = lambda: (  # noqa: E731
        find_companies("maas", SYSTEM),
        with_customer(FORM, company.id, None, keep_prices=False, keep_addresses=False, actor=SYSTEM),
    )
    with counted(app) as few:
        ask()
    for number in range(1, 9):
        make_entry(make_company(f"Maas {number}"), LODZ, AddressKind.DELIVERY)
        make_entry(company, replace(LODZ, number=str(number)), AddressKind.DELIVERY)
    with counted(app) as many:
        ask()
    assert len(few) == len(many) == 5
