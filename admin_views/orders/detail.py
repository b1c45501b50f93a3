"""The page of one order: header, product list, financials."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import abort, current_app, request
from flask_admin import expose
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug import Response
from werkzeug.exceptions import Gone, NotFound

from admin_views.access import actor, may, zone
from admin_views.formatters import company_marks
from admin_views.notation import notation
from admin_views.orders.fast_list import FastList
from admin_views.orders.page import Badge
from admin_views.sending import send_picture
from admin_views.words import EXPORT_STATUSES, LINE_CLASSES, ORIGINS, PAYMENT_STATUSES
from models.deletion import DeletedOrder
from models.order import Order, OrderLine
from models.order_history import OrderHistory, Origin
from models.party import Address
from models.types import LARGEST_ID
from permissions import Action
from services.deletion import find_deletion
from services.list_context import remember_search_fields
from services.orders import find_order, latest_history, pictured, smallest_amount, status_names, totals
from services.pricing import Totals, with_tax
from services.products import product_image

FIELDS: Mapping[str, LazyString] = {
    "export_status": lazy_gettext("Export status"),
    "exported_at": lazy_gettext("Exported date"),
    "export_message": lazy_gettext("Export message"),
}
"""What the fields of the history are called."""


@dataclass(frozen=True)
class PageTab:
    """A tab of the order page."""

    key: str
    label: str
    url: str
    count: str
    is_current: bool


class OrderPages(FastList):
    """The addresses below the list: an order's page, its pictures, and the list's remembered choice."""

    @expose("/<int:order_id>/")
    def detail(self, order_id: int) -> str:
        """Show the product list of an order."""
        return self._page(order_id, "products")

    @expose("/<int:order_id>/products/")
    def products(self, order_id: int) -> str:
        """Show the product list under its own address."""
        return self._page(order_id, "products")

    @expose("/<int:order_id>/financials/")
    def financials(self, order_id: int) -> str:
        """Show the money of an order."""
        return self._page(order_id, "financials")

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

    def _page(self, order_id: int, tab: str) -> str:
        order = find_order(order_id, actor()) if order_id <= LARGEST_ID else None
        deletion = find_deletion(order_id, actor()) if order is None or order.is_deleted else None
        if deletion and (order is None or not may(Action.ORDERS_DELETE)):
            raise Gone(_deleted(deletion))
        if order is None:
            raise NotFound(gettext("There is no order %(number)s.", number=order_id))
        sums, names, asked = totals(order), status_names(), self._list_asked()
        return self.render(
            "admin/orders/detail.html",
            order=_order(order),
            deleted=_deleted(deletion) if deletion else "",
            list_url=f"{self.get_url('.index_view')}?{asked}".rstrip("?"),
            tab=tab,
            tabs=[
                PageTab(
                    "products",
                    gettext("Product list"),
                    self.get_url(".detail", order_id=order_id, list=asked or None),
                    notation().whole(len(order.lines)),
                    tab == "products",
                ),
                PageTab(
                    "financials",
                    gettext("Financials"),
                    self.get_url(".financials", order_id=order_id, list=asked or None),
                    "",
                    tab == "financials",
                ),
            ],
            lines=self._lines(order),
            totals=_totals(sums) + _base_total(order),
            subtotal_text=gettext("Subtotal %(amount)s excl. VAT", amount=notation().amount(sums.subtotal)),
            history=[_event(event, names) for event in latest_history(order)],
            company_orders_url=self.get_url(".index_view", company=order.company_id) if order.company_id else "",
        )

    def _list_asked(self) -> str:
        """Give what the list asked for from which the person came; only the part after its own address counts."""
        list_address = f"{request.host_url.rstrip('/')}{self.get_url('.index_view')}?"
        came_from = request.referrer or ""
        return (
            came_from.removeprefix(list_address) if came_from.startswith(list_address) else request.args.get("list", "")
        )

    def _lines(self, order: Order) -> list[dict[str, Any]]:
        with_picture, unit = pictured(order), smallest_amount(order.currency)
        return [
            {
                **_line(line, unit),
                "image_url": self.get_url(".image", product_id=line.product_id)
                if line.product_id in with_picture
                else "",
            }
            for line in order.lines
        ]


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
        "source": " · ".join(part for part in (order.source, order.external_order_id) if part),
        "reference": order.reference,
        "remarks": order.remarks,
        "currency": order.currency,
        "debtor_id": order.debtor_id,
        "email": order.email,
        "contact": order.user.name if order.user else "",
        "phone": (order.user.phone if order.user else "") or (address.phone if address else ""),
        "vat_number": order.company.tax_number if order.company else "",
        "payment_status": order.payment_status,
        "payment_status_label": PAYMENT_STATUSES[order.payment_status],
        "payment_method": order.payment_method,
        "export_status_label": EXPORT_STATUSES[order.export_status],
        "exported": notation().moment(order.exported_at, zone()) if order.exported_at else "",
        "export_message": order.export_message,
        "delivery": _written(order.delivery_address),
        "invoice": _written(order.invoice_address),
        "account_manager": order.account_manager.name if order.account_manager else "",
        "is_credit": order.is_credit,
    }


def _written(address: Address | None) -> tuple[str, ...]:
    """Write an address in lines, in the order of the Universal Postal Union: who, street, place, country."""
    if address is None:
        return ()
    written = (
        address.company,
        f"{address.first_name} {address.last_name}",
        f"{address.street} {address.number} {address.number_extension}",
        f"{address.postal_code} {address.city}",
        address.region,
        address.country_name,
    )
    return tuple(" ".join(line.split()) for line in written if line.strip())


def _line(line: OrderLine, unit: Decimal) -> dict[str, Any]:
    price, pad = _unit_price(line.price)
    return {
        "sku": line.text.sku,
        "name": line.text.name,
        "notes": line.text.notes,
        "unit": line.text.unit,
        "quantity": notation().whole(line.quantity),
        "price": price,
        "price_pad": pad,
        "discount": notation().percentage(line.discount_percentage) if line.discount_percentage else "",
        "vat": notation().percentage(line.tax_percentage),
        "total": notation().amount(line.total),
        "total_incl": notation().amount(with_tax(line.total, line.tax_percentage, unit)),
        "is_child": line.parent_id is not None,
        "is_bonus": line.is_bonus,
        "kind_label": LINE_CLASSES[line.line_class],
    }


def _unit_price(price: Decimal) -> tuple[str, str]:
    """Give a unit price with at least two decimals, and the zeros that would fill it up to four."""
    text = notation().decimal(price)
    return text, "0" * (4 - len(text.partition(".")[2]))


def _totals(sums: Totals) -> list[tuple[str, str, bool, bool]]:
    rows = [(gettext("Subtotal"), sums.subtotal, False, False)]
    if sums.discount:
        rows.append((gettext("Discount"), -sums.discount, False, False))
        rows.append((gettext("Subtotal with discount"), sums.discounted, False, True))
    if sums.payment_costs:
        rows.append((gettext("Transaction costs"), sums.payment_costs, False, False))
    if sums.shipping_costs:
        rows.append((gettext("Shipping costs"), sums.shipping_costs, False, False))
    rows.append((gettext("Total excl. VAT"), sums.gross, True, True))
    rows.extend(
        (
            gettext(
                "VAT %(rate)s of %(base)s", rate=notation().percentage(tax.percentage), base=notation().amount(tax.base)
            ),
            tax.amount,
            False,
            False,
        )
        for tax in sums.taxes
    )
    rows.append((gettext("Total incl. VAT"), sums.net, True, True))
    return [(label, notation().amount(amount), strong, rule) for label, amount, strong, rule in rows]


def _base_total(order: Order) -> list[tuple[str, str, bool, bool]]:
    """Give the row that leads from the order's currency to the total in the list."""
    base = current_app.config["BASE_CURRENCY"]
    if order.currency == base:
        return []
    label = gettext(
        "Total excl. VAT, 1 %(currency)s = %(rate)s %(base)s at order time",
        currency=order.currency,
        rate=f"{order.currency_rate.normalize():f}",
        base=base,
    )
    return [(label, f"{notation().amount(order.total_base)} {base}", False, True)]


def _event(event: OrderHistory, names: dict[str, str]) -> dict[str, str]:
    who = event.staff.name if event.staff else str(ORIGINS[event.origin])
    return {
        "what": _happened(event, names),
        "when": notation().moment(event.at, zone()),
        "who": who,
        "note": event.note,
    }


def _happened(event: OrderHistory, names: dict[str, str]) -> str:
    if event.field == "is_deleted":
        return gettext("Deleted") if event.new_value == str(True) else gettext("Restored")
    if event.field == "status":
        old, new = (names.get(code, code) for code in (event.old_value, event.new_value))
        if old:
            return gettext("Status %(old)s → %(new)s", old=old, new=new)
        return gettext("Created, status %(new)s", new=new)
    old, new = (_held(event.field, value) for value in (event.old_value, event.new_value))
    return gettext("%(field)s: %(old)s → %(new)s", field=FIELDS.get(event.field, event.field), old=old, new=new)


def _held(field: str, value: str) -> str:
    """Write a value of the history as the page does elsewhere."""
    if field == "export_status":
        return str(EXPORT_STATUSES.get(value, value))
    if field == "exported_at" and value:
        return notation().moment(datetime.fromisoformat(value), zone())
    return value
