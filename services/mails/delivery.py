"""Delivering mails: asked for in the transaction that writes them, done by the worker, and what came of it kept.

A mail is handed over once, but for one case: a try that ended after the mail was handed over and before there was an
answer is made again, with the same message, since nobody can know whether it arrived.
"""

from typing import Any

from sqlalchemy import Row, select, update

from models.base import db
from models.delivery import DeliveryState
from models.job import JobKind
from models.mail import MailDelivery, OrderMail, addresses_in
from models.order import Order
from permissions import Action, Actor
from services.errors import Refused
from services.jobs import LONGEST_REASON, Run, enqueue
from services.mails.transport import OutgoingMail, Receipt, ServerAway, ServerBusy, ServerRefuses, outbox
from services.unit_of_work import Edit, OrderGone


def ask_for_delivery(mail: OrderMail | None, edit: Edit) -> None:
    """Let a mail that was just written be delivered, in the same transaction; `wake` is called afterwards."""
    if mail is not None:
        db.session.add(MailDelivery(mail_id=mail.id, state=DeliveryState.WAITING))
        enqueue(JobKind.MAIL, mail.id, staff_id=edit.actor.staff_id, now=edit.now)


def deliver(run: Run) -> None:
    """Hand a mail over to those who have not got it, if who asked for it still may, for this order.

    One that is sent, or was purged with its order, is done with. Raises NotAllowed, Refused, and NotNow for what is
    tried again.
    """
    actor = run.asker()
    mail = _found(run.subject_id, actor)
    if mail is None or mail.state == DeliveryState.SENT:
        return
    actor.must(Action.ORDERS_EDIT)
    if not mail.is_visible:
        raise OrderGone(mail.order_id)
    if mail.is_deleted:
        raise Refused("The order was deleted before the mail was sent.")
    settled = {line.partition(": ")[0] for line in mail.refused.splitlines()} | set(addresses_in(mail.accepted))
    left = [address for address in addresses_in(mail.recipients, mail.copies) if address not in settled]
    window = _Window(run, mail.unanswered)
    with run.renewed(lambda: True):
        posted = OutgoingMail(f"order-{mail.order_id}-mail-{mail.id}.eml", mail.message, mail.sender, left)
        try:
            receipt = outbox.post(posted, handing_over=window.open)
        except ServerAway:
            raise
        except Refused:
            window.answered()
            raise
    _settle(run, mail, receipt, window)


class _Window:
    """The time in which nobody knows whether a mail arrived: from handing it over until there is an answer."""

    def __init__(self, run: Run, unanswered: int) -> None:
        self._run = run
        self.unanswered, self._before = unanswered, unanswered

    def open(self) -> None:
        """Note that the mail is handed over now. Raises Taken, Cancelled or HandedBack, and then it is not."""
        self._run.report(0)
        self.unanswered = self._before + 1
        _keep(self._run, state=DeliveryState.SENDING, unanswered=self.unanswered)

    def answered(self) -> None:
        """Note that there was an answer, whatever it was. Raises Taken."""
        if self.unanswered != self._before:
            self.unanswered = self._before
            _keep(self._run, unanswered=self.unanswered)


def _settle(run: Run, mail: Row[Any], receipt: Receipt, window: _Window) -> None:
    """Keep who got the mail and who never will. Raises what is said of the others, or Taken."""
    accepted = [*addresses_in(mail.accepted), *receipt.accepted]
    refused = [*mail.refused.splitlines(), *(f"{address}: {said}" for address, said in receipt.refused.items())]
    values: dict[str, Any] = {"accepted": ", ".join(accepted), "refused": "\n".join(refused)}
    if receipt.accepted:
        values["unanswered"] = window.unanswered - 1
    if accepted and not receipt.deferred:
        instead = receipt.instead.kept(LONGEST_REASON) if receipt.instead else ""
        values |= {"state": DeliveryState.SENT, "reason": instead, "sent_at": run.working.clock()}
    _keep(run, **values)
    for address, said in receipt.deferred.items():
        raise ServerBusy(f"{address}: {said}")
    if not accepted:
        raise ServerRefuses(refused[0])


def _found(mail_id: int | None, actor: Actor) -> Any:
    """Give a mail with its message, how far it is, and whether its order exists for the actor.

    The connection is free for others then.
    """
    found = db.session.execute(
        select(
            *(OrderMail.id, OrderMail.order_id, OrderMail.message, OrderMail.sender),
            *(OrderMail.recipients, OrderMail.copies),
            *(Order.is_deleted, Order.visible_to(actor).label("is_visible")),
            *(MailDelivery.state, MailDelivery.accepted, MailDelivery.refused, MailDelivery.unanswered),
        )
        .join(MailDelivery, MailDelivery.mail_id == OrderMail.id)
        .join(Order, Order.id == OrderMail.order_id)
        .where(OrderMail.id == mail_id)
    ).one_or_none()
    db.session.rollback()
    return found


def _keep(run: Run, **values: Any) -> None:
    """Write what is known of the mail now. Raises Taken."""
    with run.writing():
        db.session.execute(update(MailDelivery).where(MailDelivery.mail_id == run.subject_id).values(values))
