"""Reading what is sold."""

from sqlalchemy import select

from models.base import db
from models.product import ProductImage
from models.tax import TaxCode
from models.types import LARGEST_ID
from services.images import Picture


def product_image(product_id: int) -> Picture | None:
    """Give a product's picture."""
    if product_id > LARGEST_ID:
        return None
    columns = select(ProductImage.media_type, ProductImage.content).where(ProductImage.product_id == product_id)
    row = db.session.execute(columns).one_or_none()
    return None if row is None else Picture(row.media_type, row.content)


def tax_choices() -> list[tuple[str, str]]:
    """Give the tax codes that a product, a carrier or a way to pay may be given, with their names."""
    codes = db.session.scalars(select(TaxCode).where(TaxCode.is_active).order_by(TaxCode.code))
    return [(tax_code.code, str(tax_code)) for tax_code in codes]
