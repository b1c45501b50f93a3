"""Finding products, and adding them to the form."""

from dataclasses import replace

import pytest

from services.editing.products import find_products, manufacturers, new_line, products_of, quantities_in, with_products
from services.editing.typed import Typed, TypedLine
from tests.factories import make_product

pytestmark = pytest.mark.usefixtures("database")


def skus(words: str, manufacturer: str = "") -> list[str]:
    return [product.sku for product in find_products(words, manufacturer=manufacturer)]


def test_products_are_found_by_words_in_any_of_their_texts() -> None:
    make_product("Ball valve ½″", "BV-12", ean="8711234500127", manufacturer="Łódź Metal", manufacturer_code="K7")
    make_product("Copper pipe", "CU-22", supplier="Wölfel", supplier_code="W-9")
    make_product("Old valve", "BV-00", is_active=False)
    assert skus("valve ball") == ["BV-12"]
    assert skus("8711234500127") == skus("lodz k7") == ["BV-12"]
    assert skus("wolfel w-9") == ["CU-22"]
    assert skus("valve pipe") == skus("50%") == skus("\x00") == skus("_") == []
    assert sorted(skus("")) == ["BV-12", "CU-22"]
    assert skus("", "Łódź Metal") == ["BV-12"]
    assert list(manufacturers()) == ["Łódź Metal"]


def test_an_exact_sku_or_ean_comes_first() -> None:
    make_product("A pump for 100", "P-1")
    make_product("Zinc 100", "100")
    make_product("Yoke", "1001")
    make_product("A hundred", "X", ean="100")
    assert skus("100") == ["X", "100", "1001", "P-1"]
    assert skus("p-1") == ["P-1"]


def test_at_most_twenty_are_given() -> None:
    for number in range(22):
        make_product("Pipe", f"P-{number}")
    assert len(skus("pipe")) == 20


def test_only_what_is_sold_can_be_added() -> None:
    pump, old = make_product("Pump", "P"), make_product("Old", "O", is_active=False)
    assert list(products_of([pump.id, old.id, 10**18])) == [pump.id]


def test_a_new_line_has_the_least_that_is_sold() -> None:
    product = make_product("Valve", "BV", minimum_quantity=12, step_quantity=12)
    assert new_line(product) == TypedLine("", product.id, sku="BV", name="Valve", quantity="12")
    assert new_line(product, "36").quantity == "36"


def test_a_product_is_added_to_its_line_unless_that_has_a_price_of_its_own() -> None:
    pump, pipe, valve = make_product("Pump", "A"), make_product("Pipe", "B"), make_product("Valve", "C")
    form = Typed("0" * 32).with_lines([new_line(pump, "2"), replace(new_line(pipe), is_price_typed=True, price="1")])
    form = replace(form, lines=(*form.lines, replace(new_line(valve, "5"), key="17")))
    assert quantities_in(form, "en") == {pump.id: 2}
    added = with_products(form, [(pump, 3), (pipe, 4), (valve, 1)], "en")
    assert [(line.key, line.sku, line.quantity) for line in added.lines] == [
        ("n1", "A", "5"), ("n2", "B", "1"), ("17", "C", "5"), ("n3", "B", "4"), ("n4", "C", "1"),
    ]  # fmt: skip
