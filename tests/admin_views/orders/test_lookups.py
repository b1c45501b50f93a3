"""What the pickers for companies, persons and products find."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from tests.factories import make_company, make_person, make_product, make_staff
from tests.people import signed_in

LOOKUP = "/admin/orders/ajax/lookup/"


def found(client: FlaskClient, name: str, query: str) -> list[Any]:
    """Give what a picker gets."""
    answer = client.get(LOOKUP, query_string={"name": name, "query": query})
    assert answer.status_code == 200
    rows: list[Any] = answer.get_json()
    return rows


def test_a_company_is_found_by_a_part_of_its_name_or_debtor_id(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        lodz = make_company("Łódź Straße", "D-100")
        acme = make_company("ACME 100%", "X_7")
        expected = {company: [company.id, company.name, company.debtor_id] for company in (lodz, acme)}
        first, second = expected[lodz], expected[acme]
    assert found(viewer, "company", "STRASSE") == [first]
    assert found(viewer, "company", "d-1") == [first]
    assert found(viewer, "company", "%") == [second]
    assert found(viewer, "company", "_") == [second]
    assert found(viewer, "company", " ") == [second, first]
    assert found(viewer, "company", "nobody") == []


def test_a_person_is_found_by_id_name_or_address_with_the_company(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        ann = make_person("Änn", "Buyer", make_company("Acme"))
        zita = make_person("Zita", "Private")
        first, second = [ann.id, "Änn Buyer · Acme"], [zita.id, "Zita Private"]
    assert found(viewer, "user", "ann buy") == [first]
    assert found(viewer, "user", "ZITA.private@") == [second]
    assert found(viewer, "user", str(second[0])) == [second]
    for query in ("9" * 30, "٣", "-1", "1e3"):
        assert found(viewer, "user", query) == []


def test_the_nearest_company_stands_first(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        for name, debtor_id in (
            ("13178", ""),
            ("178 Ltd", ""),
            ("Abc", "178"),
            ("17800", ""),
            ("Aab", "D-178"),
            ("178", ""),
        ):
            make_company(name, debtor_id)
    names = [name for _id, name, _debtor in found(viewer, "company", "178")]
    assert names == ["178", "Abc", "178 Ltd", "17800", "13178", "Aab"]
    assert [name for _id, name, _debtor in found(viewer, "company", "")] == sorted(names)


def test_the_nearest_person_stands_first(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        people = [("Bo", "Ann"), ("Ann", "Zuid"), ("Ann", ""), ("Ann", "Berg")]
        ids = {name: make_person(*name).id for name in people}
        with_number = make_person("Flat", str(ids["Bo", "Ann"])).id
    assert [words for _id, words in found(viewer, "user", "ann")] == ["Ann", "Ann Berg", "Ann Zuid", "Bo Ann"]
    assert [row[0] for row in found(viewer, "user", str(ids["Bo", "Ann"]))] == [ids["Bo", "Ann"], with_number]


def test_a_product_is_found_by_words_of_all_that_it_is_searched_by(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        cable = make_product("Kabel rot", "K-2", ean="4006381333931", supplier="Łódź", supplier_code="100%")
        gone = make_product("Zange", "KABEL", manufacturer="Kabel AG", is_active=False)
        named_so = make_product("85123A", "85123A")
        first, second = [cable.id, "Kabel rot · K-2"], [gone.id, "Zange · KABEL"]
        third = [named_so.id, "85123A"]
    assert found(viewer, "product", "KABEL") == [second, first]
    assert found(viewer, "product", "lodz  ROT") == [first]
    assert found(viewer, "product", "4006381333931") == [first]
    assert found(viewer, "product", "%") == [first]
    assert found(viewer, "product", "kabel 85123a") == []
    assert found(viewer, "product", " ") == [third, first, second]


def test_at_most_twenty_are_found(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        for number in range(23):
            make_company(f"Company {number:02}")
    rows = found(viewer, "company", "company")
    assert [name for _id, name, _debtor in rows] == [f"Company {number:02}" for number in range(20)]
    with app.app_context():
        for number in range(23):
            make_product(f"Product {number:02}", f"P-{number}")
    assert [words for _id, words in found(viewer, "product", "product")] == [
        f"Product {number:02} · P-{number}" for number in range(20)
    ]


def test_a_limited_person_finds_only_own_companies_and_their_people(app: Flask) -> None:
    with app.app_context():
        inside, outside = make_company("Inside Ltd"), make_company("Outside Ltd")
        contact = make_person("Ian", "Inside", inside)
        make_person("Otto", "Outside", outside)
        make_person("Petra", "Private")
        email = make_staff("limited", ["order:viewer", "backoffice:viewer"], limited_to=[inside]).email
        company, person = [inside.id, "Inside Ltd", ""], [contact.id, "Ian Inside · Inside Ltd"]
        db.session.commit()
    limited = signed_in(app, email)
    assert found(limited, "company", "ltd") == [company]
    assert found(limited, "user", "buyer.example") == [person]
    for number in range(1, 5):
        assert found(limited, "user", str(number)) in ([], [person])


def test_what_cannot_be_looked_up_is_refused(viewer: FlaskClient) -> None:
    for query, status in (
        ({"name": "company"}, 400),
        ({"name": "company", "query": "a\0b"}, 400),
        ({"name": "company", "query": "a\nb"}, 400),
        ({"name": "user", "query": "x" * 101}, 400),
        ({"name": "product"}, 400),
        ({"name": "product", "query": "a\0b"}, 400),
        ({"name": "product", "query": "x" * 101}, 400),
        ({"name": "product", "query": "x", "offset": "9" * 5000, "limit": "-1"}, 200),
        ({"name": "staff", "query": "x"}, 404),
        ({"query": "x"}, 404),
        ({"name": "user", "query": "x", "offset": "9" * 5000, "limit": "-1"}, 200),
        ({"name": "user", "query": "x", "offset": "NaN", "limit": "1e3"}, 200),
    ):
        assert viewer.get(LOOKUP, query_string=query).status_code == status, query


def test_bytes_that_are_no_text_find_nothing(viewer: FlaskClient) -> None:
    for raw in ("%ED%A0%80", "%FF", "%C0%80"):
        answer = viewer.get(f"{LOOKUP}?name=user&query={raw}")
        assert (answer.status_code, answer.get_json(silent=True)) in ((200, []), (400, None)), raw


@pytest.mark.parametrize(
    ("name", "query", "first"),
    [
        ("country", "nether", ["NL", "Netherlands"]),
        ("country", "de", ["DE", "Germany"]),
        ("country", "CÔTE", ["CI", "Côte d’Ivoire"]),
        ("currency", "euro", ["EUR", "Euro"]),
        ("currency", "usd", ["USD", "US Dollar"]),
        ("colleague", "vie", [1, "Viewer"]),
    ],
)
def test_codes_and_colleagues_are_found_by_name(
    viewer: FlaskClient, name: str, query: str, first: list[object]
) -> None:
    def found(term: str) -> Any:
        return viewer.get(LOOKUP, query_string={"name": name, "query": term}).json

    assert found(query)[0] == first
    assert 0 < len(found("")) <= 20
