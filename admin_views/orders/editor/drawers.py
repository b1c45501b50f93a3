"""What opens over the editor to choose something."""

from collections.abc import Mapping

from admin_views.orders.editor.address_drawer import ADDRESSES
from admin_views.orders.editor.customer_drawer import CUSTOMER
from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.earlier_drawer import EARLIER
from admin_views.orders.editor.incentives import INCENTIVES
from admin_views.orders.editor.products_drawer import PRODUCTS

DRAWERS: Mapping[str, Drawer] = {
    "addresses": ADDRESSES,
    "customer": CUSTOMER,
    "earlier": EARLIER,
    "incentives": INCENTIVES,
    "products": PRODUCTS,
}
"""Drawers by name: `open:<name>` is the button that opens one."""
