"""No page before it is sure in which currency the totals are kept."""

from flask import Flask, request
from werkzeug.exceptions import ServiceUnavailable

from admin_views.health import health
from admin_views.notation import said
from models.base import db
from services.errors import Refused
from services.ledger import check_base_currency


def init_base_currency(app: Flask, currency: str) -> None:
    """Refuse every page whose totals would be named in another currency than they are kept in."""
    is_fixed = False

    @app.before_request
    def check() -> None:
        nonlocal is_fixed
        if not is_fixed and request.blueprint != health.name:
            try:
                is_fixed = check_base_currency(db.session.connection(), currency)
            except Refused as refused:
                raise ServiceUnavailable(said(refused)) from refused
