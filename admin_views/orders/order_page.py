"""All addresses of the page of one order.

`/<id>/…` and pictures are `detail`, `/<id>/change-status` `status_change`, `/<id>/history/` `history`,
`/<id>/invoices/…` `invoices`, `/<id>/shipments/…` `shipments`, `/<id>/save` `order_saving`, `/<id>/notes/…`
`order_notes`, `/<id>/wished-items/…` `wished_items`, `/<id>/send` and `/<id>/mails/…` `mails`,
`/<id>/workflows/…` `workflows`, `/<id>/next` `neighbours`, `/<id>/news` `order_news`, `/new` and `/<id>/edit` `editor`.
"""

from admin_views.orders.editor.editor import OrderEditor
from admin_views.orders.editor.pickers import Pickers
from admin_views.orders.history import OrderHistoryPage
from admin_views.orders.invoices import OrderInvoices
from admin_views.orders.mails import OrderMails
from admin_views.orders.neighbours import Neighbours
from admin_views.orders.order_notes import OrderNotes
from admin_views.orders.order_saving import OrderSaving
from admin_views.orders.shipments import OrderShipments
from admin_views.orders.status_change import StatusChange
from admin_views.orders.wished_items import OrderWishes
from admin_views.orders.workflows import OrderWorkflows


class OrderPage(
    StatusChange,
    OrderMails,
    OrderEditor,
    Pickers,
    OrderSaving,
    OrderNotes,
    OrderWishes,
    OrderHistoryPage,
    OrderInvoices,
    OrderShipments,
    OrderWorkflows,
    Neighbours,
):
    """The page of one order, and what is done on it."""
