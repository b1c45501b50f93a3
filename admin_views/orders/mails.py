"""Sending an order to the client: a dialog over its page, a page of its own, and the mails that were sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import abort, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug import Response

from admin_views.access import actor, may, seller_zone, zone
from admin_views.edits import edit_now, seen_version
from admin_views.notation import notation, said
from admin_views.orders.detail import OrderPages, tab_below
from admin_views.orders.history_words import written_history
from admin_views.sending import framed, send_pdf
from admin_views.values import read_id
from admin_views.words import DELIVERY_COLOURS, DELIVERY_STATES, LANGUAGES, ORIGINS
from models.delivery import DeliveryState
from models.export_file import Document
from models.mail import LONGEST_ADDRESSES, LONGEST_SUBJECT, LONGEST_TEXT, OrderMail
from models.order import Order
from models.order_history import Origin
from permissions import Action
from services.documents import language_of
from services.errors import Invalid, Refused, reread
from services.jobs import wake
from services.mails.letter import read
from services.mails.sending import (
    Beginning,
    beginnings,
    client_address,
    find_mail,
    mails_of,
    pdf_name,
    preview,
    send,
    status_by_sending,
)
from services.mails.transport import outbox
from services.mails.typed import NewMail
from services.order_history import history_since
from services.unit_of_work import ChangedMeanwhile

SHOWN = 10
"""How many mails stand beside an order; its history names all."""


@dataclass(frozen=True)
class SentMail:
    """A mail in a log: to whom, when and by whom, and how far it is."""

    number: int
    url: str
    recipients: str
    subject: str
    when: str
    who: str
    state: str
    state_label: str
    colour: str
    reason: str
    is_failed: bool


class OrderMails(OrderPages):
    """The addresses of an order's mails."""

    method_actions = dict.fromkeys(("send_order", "preview_mail"), Action.ORDERS_EDIT)

    @expose("/<int:order_id>/send", methods=("GET", "POST"))
    def send_order(self, order_id: int) -> ResponseReturnValue:
        """Ask what is to be sent to the client, then send it."""
        order = self.to_change(order_id)
        begun = beginnings(order, zone=seller_zone())
        if request.method != "POST":
            return self._send_form(order, _first(order, begun), order.version, begun)
        new, seen = _typed(), seen_version()
        if "fill" in request.form:
            subject, body, fault = begun.get(new.language, Beginning())
            filled = NewMail(new.recipients, new.language, subject, body, new.copies, new.has_pdf)
            return self._send_form(order, filled, seen, begun, fault=said(fault) if fault else "")
        try:
            edit = edit_now(Action.ORDERS_EDIT)
            mail = send(order_id, new, seen=seen, zone=seller_zone(), edit=edit)
        except Invalid as invalid:
            return self._send_form(order, new, seen, begun, faults={invalid.field: said(invalid)})
        except ChangedMeanwhile:
            order = self.to_change(order_id)
            told = gettext("The order was changed meanwhile, so nothing was sent. Look at the preview, then send it.")
            meanwhile = written_history(history_since(order, seen))
            return self._send_form(
                order, new, order.version, beginnings(order, zone=seller_zone()), fault=told, meanwhile=meanwhile
            )
        except Refused as refused:
            return self._send_form(order, new, seen, begun, fault=said(refused))
        wake()
        flash(gettext("The mail to %(to)s is on its way.", to=mail.recipients), "success")
        return redirect(self.way_back(order_id))

    @expose("/<int:order_id>/send/preview", methods=("GET", "POST"))
    def preview_mail(self, order_id: int) -> Response:
        """Show what the client would read, of what is typed, or of what a mail begins with."""
        order = self.to_change(order_id)
        new = _typed() if request.method == "POST" else _first(order, beginnings(order, zone=seller_zone()))
        try:
            html = preview(order, new, zone=seller_zone()).html
        except Invalid as invalid:
            html = self.render("admin/orders/mail_fault.html", fault=said(invalid))
        return framed(html)

    @expose("/<int:order_id>/mails/<int:mail_id>/")
    def mail(self, order_id: int, mail_id: int) -> str:
        """Show a mail as it was sent, and what became of it."""
        order, _deletion = self.found(order_id)
        mail = _found(order_id, mail_id)
        written, pdf = read(mail.message)
        is_sendable = may(Action.ORDERS_EDIT) and not order.is_deleted
        return self.render(
            "admin/orders/mail.html",
            mail=self._shown(mail),
            facts=_facts(mail),
            delivery=mail.delivery,
            attachment=mail.attachment,
            refused=mail.delivery.refused.splitlines(),
            text=written.text,
            size=gettext("%(size)s KB", size=notation().whole(max(len(pdf) // 1024, 1))) if pdf else "",
            number=order_id,
            order_url=self.way_back(order_id),
            html_url=self.get_url(".mail_html", order_id=order_id, mail_id=mail_id),
            file_url=self.get_url(".mail_file", order_id=order_id, mail_id=mail_id),
            pdf_url=self.get_url(".mail_pdf", order_id=order_id, mail_id=mail_id) if pdf else "",
            again_url=self.get_url(".send_order", order_id=order_id, again=mail_id) if is_sendable else "",
        )

    @expose("/mails/<int:mail_id>/")
    def mail_of_order(self, mail_id: int) -> ResponseReturnValue:
        """Lead to the page of a mail whose order is not known."""
        mail = find_mail(mail_id, actor()) or abort(404)
        return redirect(self.get_url(".mail", order_id=mail.order_id, mail_id=mail_id))

    @expose("/<int:order_id>/mails/<int:mail_id>/html")
    def mail_html(self, order_id: int, mail_id: int) -> Response:
        """Show the HTML of a mail, in a frame."""
        self.found(order_id)
        return framed(read(_found(order_id, mail_id).message)[0].html)

    @expose("/<int:order_id>/mails/<int:mail_id>/eml")
    def mail_file(self, order_id: int, mail_id: int) -> Response:
        """Send a mail as a file, byte for byte what was handed over."""
        self.found(order_id)
        response = make_response(_found(order_id, mail_id).message)
        response.headers["Content-Type"] = "message/rfc822"
        response.headers["Content-Disposition"] = f'attachment; filename="order-{order_id}-mail-{mail_id}.eml"'
        return response

    @expose("/<int:order_id>/mails/<int:mail_id>/pdf")
    def mail_pdf(self, order_id: int, mail_id: int) -> Response:
        """Send the PDF of a mail, to be looked at."""
        self.found(order_id)
        mail = _found(order_id, mail_id)
        pdf = read(mail.message)[1] or abort(404)
        return send_pdf(mail.attachment, BytesIO(pdf), is_attached=False)

    def changing(self, order: Order) -> dict[str, Any]:
        given = super().changing(order)
        if not order.is_deleted and may(Action.ORDERS_EDIT):
            given["send_url"] = self.get_url(".send_order", order_id=order.id, list=self.list_asked() or None)
        return given

    def beside(self, order: Order, tab: str) -> dict[str, Any]:
        return {**super().beside(order, tab), "mails": self.mail_log(order)}

    def mail_log(self, order: Order, most: int = SHOWN) -> list[SentMail]:
        """Give the latest mails of an order."""
        return [self._shown(mail) for mail in mails_of(order, most)]

    def _shown(self, mail: OrderMail) -> SentMail:
        state = DeliveryState(mail.delivery.state)
        is_file = state is DeliveryState.SENT and bool(mail.delivery.reason)
        return SentMail(
            number=mail.id,
            url=self.get_url(".mail", order_id=mail.order_id, mail_id=mail.id),
            recipients=str(mail),
            subject=mail.subject,
            when=notation().moment(mail.asked_at, zone()),
            who=mail.asked_by.name if mail.asked_by else str(ORIGINS[Origin.SYSTEM]),
            state=state,
            state_label=gettext("Kept as a file") if is_file else str(DELIVERY_STATES[state]),
            colour=DELIVERY_COLOURS[DeliveryState.WAITING if is_file else state],
            reason=said(reread(mail.delivery.reason)) if mail.delivery.reason else "",
            is_failed=state is DeliveryState.FAILED,
        )

    def _send_form(
        self, order: Order, new: NewMail, version: int, begun: Mapping[str, Beginning], **told: Any
    ) -> ResponseReturnValue:
        """Ask with what was typed, over the tab of the page or on a page of its own."""
        form = {
            "number": order.id,
            "new": new,
            "version": version,
            "languages": [(code, str(LANGUAGES[code]), each) for code, each in begun.items()],
            "limits": {"addresses": LONGEST_ADDRESSES, "subject": LONGEST_SUBJECT, "body": LONGEST_TEXT},
            "whose": _whose(order),
            "pdf_name": pdf_name(order),
            "are_files": outbox.is_folder,
            "leads_to": status_by_sending(order),
            "earlier": self.mail_log(order, 3),
            "send_url": self.get_url(".send_order", order_id=order.id, list=request.args.get("list")),
            "preview_url": self.get_url(".preview_mail", order_id=order.id),
            "begins_url": self.get_url(
                ".preview_mail", order_id=order.id, language=new.language, again=request.args.get("again")
            ),
            "pdf_url": self.get_url(
                ".document", order_id=order.id, document=Document.CONFIRMATION, language=new.language
            ),
            "order_url": self.way_back(order.id),
            "faults": {},
            "fault": "",
            "meanwhile": (),
            **told,
        }
        if tab := tab_below():
            return self._page(order.id, tab.key, send_form=form)
        return self.render("admin/orders/send.html", send_form=form)


def _found(order_id: int, mail_id: int) -> OrderMail:
    mail = find_mail(mail_id, actor())
    if mail is None or mail.order_id != order_id:
        abort(404)
    return mail


def _typed() -> NewMail:
    typed = request.form
    return NewMail(
        recipients=typed.get("recipients", ""),
        language=typed.get("language", ""),
        subject=typed.get("subject", ""),
        body=typed.get("body", ""),
        copies=typed.get("copies", ""),
        has_pdf="pdf" in typed,
    )


def _first(order: Order, begun: Mapping[str, Beginning]) -> NewMail:
    """Give what a new mail begins with: what its template says, or what another mail of the order said."""
    asked = request.args.get("language", "")
    again = find_mail(read_id(request.args.get("again", "")) or 0, actor())
    if again is not None and again.order_id == order.id:
        return NewMail(
            again.recipients, again.language, again.subject, again.body, again.copies, bool(again.attachment)
        )
    language = asked if asked in begun else language_of(order)
    beginning = begun.get(language, Beginning())
    return NewMail(client_address(order), language, beginning.subject, beginning.body, has_pdf=True)


def _whose(order: Order) -> str:
    """Say whose the address is that a mail begins with."""
    if order.email:
        return gettext("The address on the order.")
    if order.user and order.user.email:
        return gettext("The address of %(name)s.", name=order.user.name)
    return gettext("The order has no address.")


def _facts(mail: OrderMail) -> list[tuple[str, str]]:
    sent_at = mail.delivery.sent_at
    return [
        (gettext("To"), mail.recipients),
        (gettext("Copy to"), mail.copies),
        (gettext("From"), mail.sender),
        (gettext("Subject"), mail.subject),
        (gettext("Language"), str(LANGUAGES[mail.language])),
        (gettext("Handed over"), notation().moment(sent_at, zone()) if sent_at else ""),
        (gettext("Message-ID"), mail.message_id),
    ]
