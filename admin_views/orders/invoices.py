"""The pages that attach an invoice to an order and detach it, and the PDF itself; what lists them is a tab."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug import Response
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import Gone
from wtforms import FileField, StringField
from wtforms.validators import InputRequired, StopValidation

from admin_views.access import actor, zone
from admin_views.edits import edit_now
from admin_views.errors import Written
from admin_views.notation import said
from admin_views.orders.detail import OrderPages
from admin_views.records.forms import DayField, DecimalField, ValueRequired
from admin_views.sending import send_pdf
from models.order import Order
from permissions import Action
from services import invoices
from services.errors import Invalid
from services.storage import store


class PdfField(FileField):
    """A PDF, looked at whatever it is called."""

    content = b""
    file_name = ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        file = next((value for value in valuelist if isinstance(value, FileStorage) and value.filename), None)
        if file is not None:
            self.file_name = file.filename or ""
            with file.stream:
                self.content = file.stream.read(invoices.LARGEST_PDF + 1)

    def pre_validate(self, form: Any) -> None:
        if not self.file_name:
            raise StopValidation(gettext("Choose the PDF of the invoice."))
        try:
            invoices.check_pdf(self.content)
        except Invalid as invalid:
            raise StopValidation(said(invalid)) from invalid


class InvoiceForm(FlaskForm):
    """An invoice that is to be attached."""

    number = StringField(
        lazy_gettext("Number"),
        validators=[ValueRequired()],
        filters=[lambda text: " ".join((text or "").split())],
        render_kw={"maxlength": invoices.LONGEST_NUMBER},
    )
    issued_on = DayField(lazy_gettext("Date"))
    due_on = DayField(lazy_gettext("Due date"))
    total_gross = DecimalField(lazy_gettext("Amount excl. VAT"))
    total_net = DecimalField(lazy_gettext("Amount incl. VAT"))
    paid_on = DayField(lazy_gettext("Paid on"), description=lazy_gettext("Leave it empty while it is not paid."))
    pdf = PdfField(
        "PDF",
        validators=[InputRequired()],
        description=lazy_gettext("At most %(most)d MB.", most=invoices.LARGEST_PDF // 1024 // 1024),
        render_kw={"accept": "application/pdf,.pdf"},
    )

    def invoice(self) -> invoices.NewInvoice:
        """Give what was typed and chosen."""
        typed = {name: value for name, value in self.data.items() if name not in ("csrf_token", "pdf")}
        return invoices.NewInvoice(**typed, pdf=self.pdf.content, file_name=self.pdf.file_name)

    def written(self) -> Written:
        """Give the texts as they were typed."""
        typed = (field for field in self if field.name != "csrf_token")
        return [(str(field.label.text), request.form.get(field.name, "")) for field in typed]

    def tell(self, invalid: Invalid) -> None:
        """Put a fault by its field."""
        field = self[invalid.field]
        field.errors = [*field.errors, said(invalid)]

    def ask_for_the_file_again(self) -> None:
        """Say that the file has to be chosen once more: a browser sends it back to nobody."""
        if self.pdf.content and not self.pdf.errors:
            self.pdf.errors = [gettext("Choose the PDF again: a browser keeps no files for a form.")]


class OrderInvoices(OrderPages):
    """The addresses of an order's invoices."""

    method_actions = dict.fromkeys(("attach_invoice", "detach_invoice"), Action.ORDERS_EDIT)
    file_forms = ("attach_invoice",)

    @expose("/<int:order_id>/invoices/attach", methods=("GET", "POST"))
    def attach_invoice(self, order_id: int) -> ResponseReturnValue:
        """Show the form of an invoice; attach it."""
        form = InvoiceForm()
        order = self.still_there(order_id, form.written)
        if form.validate_on_submit() and _attach(form, order):
            flash(gettext("Invoice %(number)s is attached.", number=form.number.data), "success")
            return redirect(self._invoices_url(order_id))
        form.ask_for_the_file_again()
        for field in (form.total_gross, form.total_net):
            field.label.text = f"{field.label.text}, {order.currency}"
        return self.render(
            "admin/orders/invoice_form.html", form=form, number=order_id, invoices_url=self._invoices_url(order_id)
        )

    @expose("/<int:order_id>/invoices/<int:invoice_id>/detach", methods=("GET", "POST"))
    def detach_invoice(self, order_id: int, invoice_id: int) -> ResponseReturnValue:
        """Ask whether an invoice shall be detached, then do it."""
        self.to_change(order_id)
        invoice = invoices.find_invoice(order_id, invoice_id, actor())
        if request.method != "POST":
            return self.render(
                "admin/orders/invoice_detach.html",
                invoice=invoice or abort(404),
                number=order_id,
                invoices_url=self._invoices_url(order_id),
            )
        number = invoice.number if invoice else ""
        try:
            invoices.detach(order_id, invoice_id, edit=edit_now(Action.ORDERS_EDIT))
        except invoices.AlreadyDetached as refused:
            flash(said(refused), "error")
        else:
            flash(gettext("Invoice %(number)s is detached.", number=number), "success")
        return redirect(self._invoices_url(order_id))

    @expose("/<int:order_id>/invoices/<int:invoice_id>/pdf")
    def invoice_pdf(self, order_id: int, invoice_id: int) -> Response:
        """Send the PDF of an invoice, to be looked at, or to be kept with `download=1`."""
        self.found(order_id)
        invoice = invoices.find_invoice(order_id, invoice_id, actor())
        if invoice is None or not invoice.stored_as:
            abort(404)
        try:
            content = store.open(invoice.stored_as)
        except FileNotFoundError:
            raise Gone(gettext("This PDF is no longer in the store.")) from None
        return send_pdf(invoice.file_name, content, is_attached=request.args.get("download", "") == "1")

    def _invoices_url(self, order_id: int) -> str:
        return self.get_url(".tab", order_id=order_id, tab="invoices", list=request.args.get("list"))


def _attach(form: InvoiceForm, order: Order) -> bool:
    """Attach what was typed; what is wrong with it is told by its field."""
    new, today = form.invoice(), datetime.now(UTC).astimezone(zone()).date()
    told = list(invoices.faults(new, order, today=today))
    try:
        if not told:
            invoices.attach(order.id, new, today=today, edit=edit_now(Action.ORDERS_EDIT))
    except Invalid as refused:
        told = [refused]
    for fault in told:
        form.tell(fault)
    return not told
