"""What is stored: one module per noun, constraints beside the columns."""

from models import ledger, list_settings, order, order_history, party, product, staff, status
from models.base import limit_texts

__all__ = ["ledger", "list_settings", "order", "order_history", "party", "product", "staff", "status"]

limit_texts()
