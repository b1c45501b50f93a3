"""The ways from an order to the records that it refers to, for whoever may see them."""

from flask import url_for

from admin_views.access import may
from models.order import Order
from permissions import Action


def customer_url(order: Order) -> str:
    """Give the page of the company or the private customer of an order; empty for a guest."""
    if order.company_id:
        return record_url("companies", order.company_id)
    return record_url("customers", order.user_id) if order.user_id else ""


def record_url(view: str, row_id: int) -> str:
    """Give the page of a customer's record; empty for whoever may not see customers."""
    return url_for(f"{view}.details_view", id=row_id) if may(Action.CUSTOMERS_SEE) else ""
