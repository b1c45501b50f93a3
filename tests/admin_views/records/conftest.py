"""A shop with a few customers and products, for tests of the pages of records."""

from dataclasses import dataclass

import pytest
from flask import Flask

from models.base import db
from models.price import PriceList
from models.product import Product
from tests.factories import make_company, make_order, make_person


@dataclass(frozen=True)
class Shop:
    """Ids of rows that are there."""

    acme: int
    zeta: int
    contact: int
    customer: int
    product: int
    price_list: int
    order: int


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Two companies, a contact with an order, a private customer, a product, a price list."""
    with app.app_context():
        acme, zeta = make_company("Acme Łódź", "D1"), make_company("Zeta 100% <b>", "D2")
        contact, customer = make_person("Ann", "Buyer", acme), make_person("Zoë", "Private")
        product = Product(sku="SKU-1", name="Adapter", manufacturer="Hagenau")
        price_list = PriceList(name="Dealers", currency="EUR")
        db.session.add_all([product, price_list])
        db.session.commit()
        order = make_order(company=acme, user=contact)
        return Shop(acme.id, zeta.id, contact.id, customer.id, product.id, price_list.id, order)
