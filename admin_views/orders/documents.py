"""Printing: the documents of one order, and those of chosen orders, at once or as a file in the background."""

import io
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug import Response

from admin_views.access import actor, seller_zone
from admin_views.notation import notation, said
from admin_views.orders.actions import OrderActions, sent_key
from admin_views.orders.detail import OrderPages
from admin_views.sending import file_name, send_pdf
from admin_views.values import Unreadable
from admin_views.words import DOCUMENTS, PAGE_LANGUAGES
from models.export_file import Document, FileFormat
from models.order import Order
from models.selection import Selection
from services.documents import language_of, written, written_slip, written_together
from services.documents.chosen import AT_ONCE, Amount, check_amount, chosen_for_print, read_orders
from services.errors import Refused
from services.export_files import FileRequest, ask
from services.jobs import wake
from services.notation import LANGUAGES
from services.order_file import OrderFile
from services.shipments import find_shipment
from services.typed_values import clip

ONE_DOCUMENT = f"any({', '.join(repr(str(document)) for document in Document)})"


class OrderDocuments(OrderActions, OrderPages):
    """The addresses of what is printed of orders. Days are those of the seller, whoever prints."""

    @action("print", lazy_gettext("Print"))
    def action_print(self, selection_id: int) -> str:
        """Lead to the choice of the document."""
        return self.get_url(".print_orders", selection_id=selection_id)

    @expose("/<int:order_id>/documents/")
    def documents(self, order_id: int) -> str:
        """Ask which document of an order shall be printed, and in which language."""
        order, _deletion = self.found(order_id)
        return self.render(
            "admin/orders/print.html",
            title=gettext("Print order %(number)s", number=order.id),
            crumb=gettext("Order %(number)s", number=order.id),
            back_url=self.get_url(".detail", order_id=order_id, list=request.args.get("list")),
            back_text=gettext("Back to the order"),
            urls=[(label, self._document_url(order, document)) for document, label in DOCUMENTS.items()],
            languages=[(code, PAGE_LANGUAGES[code]) for code in LANGUAGES],
            language=language_of(order),
        )

    @expose(f"/<int:order_id>/documents/<{ONE_DOCUMENT}:document>")
    def document(self, order_id: int, document: str) -> Response:
        """Send a document of an order, to be looked at; in the order's language unless the address names one."""
        order, _deletion = self.found(order_id)
        pdf = written(order, Document(document), language=_language() or language_of(order), zone=seller_zone())
        return send_pdf(f"{document}-{order.id}.pdf", io.BytesIO(pdf), is_attached=False)

    @expose("/<int:order_id>/shipments/<int:shipment_id>/packing-slip")
    def shipment_slip(self, order_id: int, shipment_id: int) -> Response:
        """Send the packing slip of what is in one shipment of an order."""
        order, _deletion = self.found(order_id)
        shipment = find_shipment(order, shipment_id) or abort(404)
        language = _language() or language_of(order)
        pdf = written_slip(order, shipment, language=language, zone=seller_zone())
        return send_pdf(f"packing-slip-{order.id}-{shipment.number}.pdf", io.BytesIO(pdf), is_attached=False)

    def changing(self, order: Order) -> dict[str, Any]:
        return {
            **super().changing(order),
            "print_urls": [(label, self._document_url(order, document)) for document, label in DOCUMENTS.items()],
            "print_url": self.get_url(".documents", order_id=order.id, list=self.list_asked() or None),
        }

    def _document_url(self, order: Order, document: Document) -> str:
        return self.get_url(".document", order_id=order.id, document=document)

    # ---- of chosen orders ----

    @expose("/selections/<int:selection_id>/documents/")
    def print_orders(self, selection_id: int) -> str:
        """Ask which document of the chosen orders shall be printed, and in which language."""
        return self._choice(self._selection(selection_id))

    @expose(f"/selections/<int:selection_id>/documents/<{ONE_DOCUMENT}:document>", methods=("GET", "POST"))
    def print_together(self, selection_id: int, document: str) -> ResponseReturnValue:
        """Send the documents of few orders in one PDF; have those of many written in the background."""
        selection = self._selection(selection_id)
        wanted = OrderFile(
            chosen_for_print(selection),
            (),
            seller_zone(),
            format=FileFormat.PDF,
            document=Document(document),
            language=_language(),
        )
        amount = Amount.of(wanted.query, actor())
        check_amount(amount)
        if request.method == "POST":
            ask(wanted, _asking(Document(document), amount), actor=actor(), now=datetime.now(UTC))
            wake()
            return redirect(self.get_url("files.index_view"))
        if amount.exceeds(AT_ONCE):
            return redirect(self.get_url(".print_orders", selection_id=selection_id))
        orders = read_orders(wanted.query, actor())
        pdf = written_together(orders, Document(document), language=wanted.language, zone=seller_zone())
        return send_pdf(file_name(f"{document}s", FileFormat.PDF), io.BytesIO(pdf), is_attached=False)

    def _choice(self, selection: Selection) -> str:
        amount, fault = Amount.of(chosen_for_print(selection), actor()), ""
        try:
            check_amount(amount)
        except Refused as refused:
            fault = said(refused)
        urls = [
            (label, self.get_url(".print_together", selection_id=selection.id, document=document))
            for document, label in DOCUMENTS.items()
        ]
        return self.render(
            "admin/orders/print.html",
            title=ngettext("Print %(n)s order", "Print %(n)s orders", amount.orders, n=notation().whole(amount.orders)),
            crumb=gettext("Orders"),
            back_url=self.list_url(selection),
            back_text=gettext("Back to the list"),
            urls=urls,
            languages=[("", gettext("That of each order")), *((code, PAGE_LANGUAGES[code]) for code in LANGUAGES)],
            language="",
            fault=fault,
            key=secrets.token_urlsafe(24) if amount.exceeds(AT_ONCE) else "",
        )


def _asking(document: Document, amount: Amount) -> FileRequest:
    orders = ngettext("%(n)s order", "%(n)s orders", amount.orders, n=notation().whole(amount.orders))
    return FileRequest(
        key=sent_key(),
        name=file_name(f"{document}s", FileFormat.PDF),
        question=f"{DOCUMENTS[document]} · {orders}",
        asked="",
    )


def _language() -> str:
    """Read the language that is asked for; empty for that of the order. Raises Unreadable."""
    code = request.values.get("language", "")
    if code and code not in LANGUAGES:
        raise Unreadable(gettext("There are no documents in the language “%(code)s”.", code=clip(code)))
    return code
