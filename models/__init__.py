"""What is stored: one module per noun, constraints beside the columns."""

from models import (
    batch,
    choices,
    deletion,
    export_file,
    firm,
    invoice,
    job,
    ledger,
    list_settings,
    order,
    order_count,
    order_history,
    party,
    price,
    product,
    record_history,
    selection,
    shipment,
    staff,
    status,
    tax,
    wish_list,
)
from models.base import limit_texts

__all__ = [
    "batch",
    "choices",
    "deletion",
    "export_file",
    "firm",
    "invoice",
    "job",
    "ledger",
    "list_settings",
    "order",
    "order_count",
    "order_history",
    "party",
    "price",
    "product",
    "record_history",
    "selection",
    "shipment",
    "staff",
    "status",
    "tax",
    "wish_list",
]

limit_texts()
