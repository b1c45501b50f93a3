"""Products for the lines of an order: finding them, and making lines of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import case, func, or_, select

from models.base import db, one_of
from models.folding import fold
from models.order import LineClass
from models.product import Product
from services.editing.pasted import whole_quantity
from services.editing.typed import NEW, Typed, TypedLine
from services.notation import notation_of

MOST_FOUND = 20
LONGEST_WORDS = 100


def find_products(words: str, *, manufacturer: str = "") -> Sequence[Product]:
    """Find products that are sold, at most twenty: all words in name, SKU, EAN, manufacturer or supplier.

    The one that has exactly this SKU or EAN comes first, then SKUs and names that begin so.
    """
    code, folded = words.strip()[:LONGEST_WORDS], fold(words.strip()[:LONGEST_WORDS])
    if not (code.isprintable() and manufacturer.isprintable()):
        return ()
    sku = func.lower(Product.sku)
    nearest = case(
        (or_(Product.sku == code, Product.ean == code), 0),
        (sku == folded, 1),
        (sku.startswith(folded, autoescape=True), 2),
        (Product.search_text.startswith(folded, autoescape=True), 3),
        else_=4,
    )
    found = select(Product).where(
        Product.is_active, *(Product.search_text.contains(word, autoescape=True) for word in folded.split())
    )
    if manufacturer:
        found = found.where(Product.manufacturer == manufacturer)
    order = (nearest, Product.search_text, Product.id) if folded else (Product.search_text, Product.id)
    return db.session.scalars(found.order_by(*order).limit(MOST_FOUND)).all()


def manufacturers() -> Sequence[str]:
    """Give the manufacturers of what is sold, by name."""
    names = select(Product.manufacturer).where(Product.is_active, Product.manufacturer != "").distinct()
    return db.session.scalars(names.order_by(Product.manufacturer)).all()


def products_of(ids: Iterable[int]) -> dict[int, Product]:
    """Give those of the products that are sold, by id."""
    found = db.session.scalars(select(Product).where(one_of(Product.id, sorted(set(ids))), Product.is_active))
    return {product.id: product for product in found}


def new_line(product: Product, quantity: str = "") -> TypedLine:
    """Make a line of a product at today's best price; without a quantity, of the least that is sold."""
    return TypedLine(
        "", product.id, sku=product.sku, name=product.name, quantity=quantity or str(product.minimum_quantity)
    )


def with_products(typed: Typed, added: Sequence[tuple[Product, int]], language: str) -> Typed:
    """Add products: to the line that has the product already, if it may grow, or else as lines at the end."""
    growing = {line.product_id: (line.key, quantity) for line, quantity in _growing(typed, language)}
    grown = {growing[product.id][0]: growing[product.id][1] + more for product, more in added if product.id in growing}
    lines = [replace(line, quantity=str(grown.get(line.key, line.quantity))) for line in typed.lines]
    new = [new_line(product, str(quantity)) for product, quantity in added if product.id not in growing]
    return replace(typed, lines=tuple(lines)).with_lines(new)


def quantities_in(typed: Typed, language: str) -> Mapping[int, int]:
    """Give how many of a product the order has, by its id, in the lines to which `with_products` adds."""
    return {line.product_id: quantity for line, quantity in _growing(typed, language) if line.product_id}


def _growing(typed: Typed, language: str) -> Iterable[tuple[TypedLine, int]]:
    """Give the lines that may grow: new ones at today's price. A stored line keeps what was agreed for its quantity."""
    notation = notation_of(language)
    for line in typed.lines:
        is_plain = line.line_class == LineClass.PRODUCT and not (line.is_bonus or line.parent or line.incentive_id)
        is_typed = line.is_price_typed or line.is_discount_typed
        if line.product_id and line.key.startswith(NEW) and is_plain and not is_typed:
            quantity = whole_quantity(line.quantity.strip(), notation)
            if quantity is not None:
                yield line, quantity
