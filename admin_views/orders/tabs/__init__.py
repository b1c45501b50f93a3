"""The tabs of the order page, in their order."""

from admin_views.orders.tabs.financials import FINANCIALS
from admin_views.orders.tabs.invoices import INVOICES
from admin_views.orders.tabs.order_tab import OrderTab
from admin_views.orders.tabs.products import PRODUCTS
from admin_views.orders.tabs.shipments import SHIPMENTS
from admin_views.orders.tabs.source import SOURCE
from admin_views.orders.tabs.statuses import STATUSES
from admin_views.orders.tabs.wished_items import WISHED_ITEMS

__all__ = ["TABS", "OrderTab"]

TABS: tuple[OrderTab, ...] = (PRODUCTS, INVOICES, STATUSES, FINANCIALS, SHIPMENTS, SOURCE, WISHED_ITEMS)
