"""The page of one order: header, tabs, and what stands beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, g, request
from flask_admin import expose
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import Gone, NotFound

from admin_views.access import actor, may, zone
from admin_views.errors import Written
from admin_views.formatters import company_marks
from admin_views.notation import notation
from admin_views.orders.fast_list import FastList
from admin_views.orders.history_words import written_history
from admin_views.orders.page import Badge
from admin_views.orders.related_records import customer_url
from admin_views.orders.tabs import TABS, OrderTab
from admin_views.orders.tabs.financials import written_totals
from admin_views.sending import send_picture
from admin_views.words import EXPORT_STATUSES, ORIGINS, PAYMENT_STATUSES, SHIPPED, SHIPPING_METHODS
from models.deletion import DeletedOrder
from models.order import Order
from models.order_history import Origin
from models.types import LARGEST_ID
from permissions import Action
from services.addresses import address_lines
from services.deletion import find_deletion
from services.list_context import remember_search_fields
from services.order_history import latest_history
from services.orders import PartCounts, find_order, part_counts, totals, vat_number
from services.products import product_image
from services.shipments import shipped_of

TAB_KEYS = ", ".join(f"'{tab.key}'" for tab in TABS)


@dataclass(frozen=True)
class PageTab:
    """A link to a tab of the order page."""

    label: str
    url: str
    count: str
    is_current: bool


class OrderPages(FastList):
    """The addresses below the list: an order's page, its pictures, and the list's remembered choice."""

    @expose("/<int:order_id>/")
    def detail(self, order_id: int) -> str:
        """Show the first tab of an order."""
        return self._page(order_id, TABS[0].key)

    @expose(f"/<int:order_id>/<any({TAB_KEYS}):tab>/")
    def tab(self, order_id: int, tab: str) -> str:
        """Show a tab under its own address."""
        return self._page(order_id, tab)

    @expose("/products/<int:product_id>/image")
    def image(self, product_id: int) -> Response:
        """Send the picture of a product."""
        return send_picture(product_image(product_id))

    @expose("/search-fields", methods=("POST",))
    def remember_search_fields(self) -> tuple[str, int]:
        """Keep the person's choice of search fields."""
        chosen = request.form.get("fields", "").split(",")
        if len(set(chosen)) != len(chosen) or not set(chosen) <= self.search_fields.keys():
            abort(400)
        remember_search_fields(actor(), chosen)
        return "", 204

    def _page(self, order_id: int, tab: str, **told: Any) -> str:
        order, deletion = self.found(order_id)
        asked = self.list_asked()
        shown = next(each for each in TABS if each.key == tab)
        sums, counts = totals(order), part_counts(order)
        return self.render(
            "admin/orders/detail.html",
            order=_order(order),
            deleted=deletion,
            list_url=f"{self.get_url('.index_view')}?{asked}".rstrip("?"),
            delete_url=f"{self.get_url('.action_view')}?{asked}".rstrip("?")
            if may(Action.ORDERS_DELETE) and not order.is_deleted
            else "",
            tab=tab,
            neighbour_urls={
                way: self.get_url(".neighbour", order_id=order_id, way=way, tab=tab, list=asked or None)
                for way in ("previous", "next")
            },
            tabs=self._tabs(order, counts, tab, asked),
            shipped=SHIPPED[shipped_of(order, counts.pieces_shipped)],
            totals=written_totals(sums, order),
            subtotal_text=gettext("Subtotal %(amount)s excl. VAT", amount=notation().amount(sums.subtotal)),
            history=written_history(latest_history(order)),
            history_url=self.get_url(".history", order_id=order_id, list=asked or None),
            **{**self.beside(order, tab), **self.changing(order), **shown.shown(order), **told},
        )

    def found(self, order_id: int) -> tuple[Order, str]:
        """Give the order, and what is to be said of its deletion, if it is in the bin. Raises NotFound or Gone."""
        order = find_order(order_id, actor()) if order_id <= LARGEST_ID else None
        deletion = find_deletion(order_id, actor()) if order is None or order.is_deleted else None
        if deletion and (order is None or not may(Action.ORDERS_DELETE)):
            raise Gone(_deleted(deletion))
        if order is None:
            raise NotFound(gettext("There is no order %(number)s.", number=order_id))
        return order, _deleted(deletion) if deletion else ""

    def to_change(self, order_id: int) -> Order:
        """Give an order that is not in the bin. Raises NotFound or Gone."""
        order, deletion = self.found(order_id)
        if order.is_deleted:
            raise Gone(deletion)
        return order

    def still_there(self, order_id: int, written: Callable[[], Written]) -> Order:
        """Give the order that a form was sent for. Raises NotFound or Gone.

        If it is deleted by now, or a moment later, the page that says so shows what was `written` into the form.
        """
        g.written = written
        return self.to_change(order_id)

    def _tabs(self, order: Order, counts: PartCounts, current: str, asked: str) -> list[PageTab]:
        return [
            PageTab(
                label=str(each.label),
                url=self.tab_url(order.id, each, asked),
                count=notation().whole(getattr(counts, each.counted)) if each.counted else "",
                is_current=each.key == current,
            )
            for each in TABS
        ]

    def tab_url(self, order_id: int, tab: OrderTab, asked: str) -> str:
        """Give the address of a tab; `asked` is what the list asked for from which the person came."""
        if tab is TABS[0]:
            return self.get_url(".detail", order_id=order_id, list=asked or None)
        return self.get_url(".tab", order_id=order_id, tab=tab.key, list=asked or None)

    def way_back(self, order_id: int) -> str:
        """Give the address of the page of an order, on the tab that a form was sent from."""
        return self.tab_url(order_id, tab_below() or TABS[0], request.args.get("list", ""))

    def changing(self, _order: Order) -> dict[str, Any]:
        """Give what the page needs to change the order; whoever mixes this in adds to it."""
        return {}

    def beside(self, _order: Order, _tab: str) -> dict[str, Any]:
        """Give what stands beside a tab; whoever mixes this in adds to it."""
        return {}

    def list_asked(self) -> str:
        """Give what the list asked for from which the person came; only the part after its own address counts."""
        list_address = f"{request.host_url.rstrip('/')}{self.get_url('.index_view')}?"
        came_from = request.referrer or ""
        return (
            came_from.removeprefix(list_address) if came_from.startswith(list_address) else request.args.get("list", "")
        )


def tab_below() -> OrderTab | None:
    """Give the tab of the order page that a form lay over or stood on; one on a page of its own has none."""
    return next((tab for tab in TABS if tab.key == request.form.get("tab")), None)


def _deleted(deletion: DeletedOrder) -> str:
    return gettext(
        "Order %(number)s was deleted on %(when)s by %(who)s.",
        number=deletion.id,
        when=notation().moment(deletion.deleted_at, zone()),
        who=deletion.deleted_by.name if deletion.deleted_by else ORIGINS[Origin.SYSTEM],
    )


def _order(order: Order) -> dict[str, Any]:
    address = order.delivery_address or order.invoice_address
    mark = "" if order.company else "private" if order.user else "guest"
    return {
        "number": order.id,
        "badge": Badge(order.status.code, order.status.name, order.status.colour),
        "company": order.company.name if order.company else order.buyer_name,
        "company_mark": company_marks()[mark],
        "nameless": {
            "private": gettext("Private customer, no name given"),
            "guest": gettext("Guest, no name given"),
        }.get(mark, ""),
        "created": notation().moment(order.created_at, zone()),
        "updated": notation().moment(order.updated_at, zone()),
        "updated_by": order.updated_by.name if order.updated_by else "",
        "source_name": order.source,
        "source": " · ".join(part for part in (order.source, order.external_order_id) if part),
        "reference": order.reference,
        "remarks": order.remarks,
        "currency": order.currency,
        "debtor_id": order.debtor_id,
        "email": order.email,
        "customer_url": customer_url(order),
        "contact": order.user.name if order.user else "",
        "phone": order.phone or (order.user.phone if order.user else "") or (address.phone if address else ""),
        "vat_number": vat_number(order),
        "payment_status": order.payment_status,
        "payment_status_label": PAYMENT_STATUSES[order.payment_status],
        "payment_since": notation().moment(order.payment_status_at, zone()) if order.payment_status_at else "",
        "payment_method": order.payment_method,
        "accounting_id": order.accounting_id,
        "export_status_label": EXPORT_STATUSES[order.export_status],
        "exported": notation().moment(order.exported_at, zone()) if order.exported_at else "",
        "export_message": order.export_message,
        "shipping": _shipping(order),
        "delivery": address_lines(order.delivery_address),
        "invoice": address_lines(order.invoice_address),
        "account_manager": order.account_manager.name if order.account_manager else "",
        "is_credit": order.is_credit,
    }


def _shipping(order: Order) -> list[tuple[str, str]]:
    """Give how the goods shall leave, and when: what each is called, and what it is, or empty."""
    return [
        (gettext("Shipping method"), str(SHIPPING_METHODS[order.shipping_method])),
        (gettext("Carrier"), order.carrier),
        (gettext("Preferred delivery date"), notation().day(order.requested_on) if order.requested_on else ""),
        (
            gettext("Partial delivery"),
            gettext("Allowed") if order.is_partial_delivery_allowed else gettext("Not allowed"),
        ),
    ]
