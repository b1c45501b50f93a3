"""What the order list needs to know beside its rows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask import Flask

from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from models.list_settings import ListSettings
from permissions import SYSTEM, Actor
from services.list_context import (
    ListContext,
    find_companies,
    find_products,
    find_users,
    list_context,
    remember_columns,
    remember_search_fields,
)
from tests.factories import make_company, make_order, make_person, make_product, make_staff

NOBODY: dict[str, dict[int, str]] = {"user_id": {}, "product": {}}
NOTHING_KEPT: dict[str, tuple[str, ...]] = {"source": (), "payment_method": (), "carrier": ()}


def context_of(
    actor: Actor,
    *,
    company: int | None = None,
    users: tuple[int, ...] = (),
    products: tuple[int, ...] = (),
    number: int | None = None,
) -> ListContext:
    """Read the context."""
    rows_of = {"user_id": users, "product": products}
    return list_context(actor, company=company, rows_of=rows_of, number=number)


def a_person(name: str, *, companies: frozenset[int] | None = None) -> Actor:
    """Make somebody who sees orders."""
    staff = make_staff(name, ["order:viewer", "backoffice:viewer"])
    return Actor(staff.id, staff.name, SYSTEM.grants, companies)


def test_nothing_chosen_is_an_empty_context(app: Flask) -> None:
    with app.app_context():
        context = context_of(a_person("ann"))
        nothing = ListContext(
            ("",), "", ("", "", ""), 0, None, None, None, NOBODY, NOTHING_KEPT, views=[], counted=context.counted
        )
        assert context == nothing


def test_names_and_numbers_are_those_asked_for(app: Flask) -> None:
    with app.app_context():
        company = make_company("Acme")
        user, private = make_person("Ann", "Buyer", company), make_person("", "Private")
        number = make_order(company=company)
        context = context_of(a_person("ann"), company=company.id, users=(user.id, private.id, 999), number=number)
        assert (context.company, context.order) == ("Acme", number)
        assert context.names["user_id"] == {user.id: "Ann Buyer", private.id: "Private"}
        unknown = context_of(a_person("bob"), company=999, users=(999,), number=999)
        assert (unknown.company, unknown.order, unknown.names["user_id"]) == (None, None, {})


def test_products_are_named_whether_they_are_still_sold_or_not(app: Flask) -> None:
    with app.app_context():
        sold, gone = make_product("Adapter", "A-1"), make_product("Cable", "C-1", is_active=False)
        context = context_of(a_person("ann"), products=(sold.id, gone.id, 999))
        assert context.names["product"] == {sold.id: "Adapter", gone.id: "Cable"}
        assert context.names["user_id"] == {}


def test_a_user_and_a_product_of_one_number_are_kept_apart(app: Flask) -> None:
    with app.app_context():
        user, product = make_person("Ann", "Buyer"), make_product("Adapter", "A-1")
        assert user.id == product.id
        context = context_of(a_person("ann"), users=(user.id,), products=(product.id,))
        assert (context.names["user_id"], context.names["product"]) == ({user.id: "Ann Buyer"}, {product.id: "Adapter"})


def test_the_active_names_of_the_settings_are_offered_by_name(app: Flask) -> None:
    with app.app_context():
        db.session.add_all([OrderSource(name=name, is_active=name != "Fax") for name in ("webshop", "Fax", "EDI")])
        db.session.add_all([PaymentMethod(name="On account", code="ACCOUNT"), PaymentMethod(name="iDEAL", code="A")])
        db.session.add_all([Carrier(name="Østpost", kind="PICKUP"), Carrier(name="Post, NL"), Carrier(name="APD")])
        db.session.commit()
        assert context_of(a_person("ann")).offered == {
            "source": ("EDI", "webshop"),
            "payment_method": ("iDEAL", "On account"),
            "carrier": ("APD", "Østpost", "Post, NL"),
        }


def test_products_are_found_by_all_words_the_nearest_first(app: Flask) -> None:
    with app.app_context():
        made = {
            name: make_product(name, sku, **columns).id
            for name, sku, columns in (
                ("Längskabel 9", "L-9", {"manufacturer": "Kabel AG"}),
                ("Kabel rot", "K-2", {"supplier": "Łódź"}),
                ("Kabel", "K-1", {"ean": "4006381333931"}),
                ("Zange", "KABEL", {"is_active": False}),
            )
        }
        words = {name: (made[name], told) for name, told in {
            "Längskabel 9": "Längskabel 9 · L-9", "Kabel rot": "Kabel rot · K-2", "Kabel": "Kabel · K-1",
            "Zange": "Zange · KABEL",
        }.items()}  # fmt: skip
        assert find_products("kabel") == [words[name] for name in ("Zange", "Kabel", "Kabel rot", "Längskabel 9")]
        assert find_products("lodz kabel") == [words["Kabel rot"]]
        assert find_products("4006381") == [words["Kabel"]]
        assert find_products("langs ag") == [words["Längskabel 9"]]
        assert find_products("%") == find_products("nothing") == []
        assert len(find_products("")) == 4


def test_what_is_out_of_scope_does_not_exist(app: Flask) -> None:
    with app.app_context():
        inside, outside = make_company("Inside"), make_company("Outside")
        seen, unseen = make_person("Ann", "In", inside), make_person("Otto", "Out", outside)
        private = make_person("Petra", "Private")
        order, hidden, of_nobody = make_order(company=inside), make_order(company=outside), make_order()
        limited = a_person("ann", companies=frozenset({inside.id}))
        users = (seen.id, unseen.id, private.id)
        context = context_of(limited, company=outside.id, users=users, number=hidden)
        assert (context.company, context.order, context.names["user_id"]) == (None, None, {seen.id: "Ann In"})
        assert context_of(limited, number=order).order == order
        assert context_of(limited, number=of_nobody).order is None
        assert [name for _id, name, _debtor in find_companies(limited, "")] == ["Inside"]
        assert [words for _id, words in find_users(limited, "")] == ["Ann In · Inside"]
        nobody = replace(limited, companies=frozenset())
        assert (find_companies(nobody, ""), find_users(nobody, "")) == ([], [])


def test_managed_companies_are_counted_within_the_scope(app: Flask) -> None:
    with app.app_context():
        first, second = make_company("First"), make_company("Second")
        staff = make_staff("ann", ["order:viewer"])
        staff.managed_companies.extend([first, second])
        db.session.commit()
        actor = Actor(staff.id, staff.name, SYSTEM.grants)
        assert context_of(actor).managed == 2
        assert context_of(replace(actor, companies=frozenset({first.id}))).managed == 1


def test_the_last_choice_of_search_fields_is_kept(app: Flask) -> None:
    with app.app_context():
        ann, bob = a_person("ann"), a_person("bob")
        remember_search_fields(ann, ["email"])
        remember_search_fields(ann, ["remarks", "item_sku"])
        assert context_of(ann).search_fields == ("remarks", "item_sku")
        assert context_of(bob).search_fields == ("",)


def test_columns_are_kept_beside_the_search_fields(app: Flask) -> None:
    with app.app_context():
        ann, bob = a_person("ann"), a_person("bob")
        remember_search_fields(ann, ["email"])
        remember_columns(ann, ["order_number", "total"])
        assert (context_of(ann).columns, context_of(ann).search_fields) == ("order_number,total", ("email",))
        assert context_of(bob).columns == ""
        remember_columns(ann, [])
        assert (context_of(ann).columns, context_of(ann).search_fields) == ("", ("email",))


@pytest.mark.race
def test_two_tabs_may_choose_at_the_same_time(app: Flask) -> None:
    with app.app_context():
        ann = a_person("ann")
    together = Barrier(4)

    def choose(field: str) -> None:
        with app.app_context():
            together.wait(30)
            remember_search_fields(ann, [field])

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(choose, ["email", "remarks", "extra3", "extra4"]))
    with app.app_context():
        (kept,) = db.session.scalars(db.select(ListSettings)).all()
        assert kept.search_fields in {"email", "remarks", "extra3", "extra4"}
