"""Reading what documents say of the seller."""

from sqlalchemy import select

from models.base import db
from models.firm import Firm
from services.images import Picture


def seller() -> Firm:
    """Give what documents say of the seller, the logo apart."""
    return db.session.scalars(select(Firm)).one()


def logo() -> Picture | None:
    """Give the seller's logo."""
    row = db.session.execute(select(Firm.logo_type, Firm.logo).where(Firm.logo.is_not(None))).one_or_none()
    return None if row is None else Picture(row.logo_type, row.logo)
