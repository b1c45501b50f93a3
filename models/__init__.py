"""What is stored: one module per noun, constraints beside the columns."""

from models import (
    choices,
    firm,
    ledger,
    list_settings,
    order,
    order_history,
    party,
    price,
    product,
    record_history,
    staff,
    status,
    tax,
    wish_list,
)
from models.base import limit_texts

__all__ = [
    "choices",
    "firm",
    "ledger",
    "list_settings",
    "order",
    "order_history",
    "party",
    "price",
    "product",
    "record_history",
    "staff",
    "status",
    "tax",
    "wish_list",
]

limit_texts()
