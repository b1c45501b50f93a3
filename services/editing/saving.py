"""Saving what the order editor made: a new order, or another version of one.

A form is taken once: its key is kept in the order's own transaction, and whoever sends it at the same time waits.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from models.base import db
from models.incentive import Incentive
from models.order import DiscountType, Order
from models.order_draft import OrderDraft, OrderSubmission
from models.order_history import OrderHistory
from models.party import AddressText, Company, Person
from models.product import Product
from models.status import OrderStatus, OrderType
from models.types import LARGEST_ID, LARGEST_WHOLE
from services.addresses import stored
from services.editing import lines
from services.editing.keeping import AlreadySaved, take_turn
from services.editing.priced import Priced
from services.editing.stored import typed_of
from services.editing.typed import Typed
from services.editing.wanted import Wanted
from services.errors import Invalid, Refused
from services.incentives import incentives_of, newly_applied
from services.order_saving import source_taken
from services.orders import smallest_amount
from services.pricing import PricedLine
from services.unit_of_work import Edit, changing_one, creating_one

DRAFT = "DRAFT_ORDER"
MEANT = (
    *("company_id", "user_id", "email", "phone", "debtor_id", "tax_number", "coc_number", "language", "currency"),
    *("currency_rate", "payment_term_days", "reference", "remarks", "shipping_method", "carrier", "requested_on"),
    *("is_partial_delivery_allowed", "payment_method", "payment_status", "accounting_id", "discount_type", "source"),
    "action_code",
)
"""The columns of an order that are what the form says."""
RECKONED = (
    *("discount_value", "shipping_costs", "shipping_tax_percentage", "shipping_costs_origin", "payment_costs"),
    *("payment_tax_percentage", "payment_costs_origin", "vat_rule", "is_credit"),
)
HELD = frozenset(
    {
        *("company", "user", "delivery_address", "invoice_address", "incentive", lines.LINE, lines.SEQUENCE),
        *(*MEANT, *RECKONED),
    }
)
"""The fields of the history that tell of what the form holds."""


class NotEditable(Refused):
    """The status of the order forbids to edit it."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__("%(status)s orders cannot be edited.", status=status.name)


class Stale(Refused):
    """Somebody changed meanwhile what the form holds: nothing is written.

    `theirs` is the order as a form now, in the version `version`.
    """

    def __init__(self, theirs: Typed) -> None:
        super().__init__("Not saved yet: it was changed while you were editing.")
        self.theirs = theirs
        self.version = theirs.version


def create(priced: Priced, *, as_draft: bool, base_currency: str, edit: Edit) -> int:
    """Make an order, in the default status or as a draft, and give its number; sent again it gives the same number.

    Raises NotAllowed, Invalid, AlreadySaved, or Refused when orders are kept in another base currency.
    """
    wanted, drafts, unit = priced.wanted, priced.lines, smallest_amount(priced.wanted.currency)
    with creating_one(base_currency, edit=edit) as take:
        take_turn(wanted.form_key)
        status = _first_status(as_draft=as_draft)
        if saved := _saved(wanted, edit):
            order = db.session.get_one(Order, saved.order_id)
            if order.status_id != status.id or not _is_so(order, priced):
                raise AlreadySaved(saved.order_id)
            return saved.order_id
        facts = [lines.facts_of(draft, unit) for draft in drafts]
        order = Order(status_id=status.id, item_count=lines.item_count(drafts), **_columns(priced))
        _set_customer(order, wanted, edit)
        order.account_manager_id = _manager(wanted.company_id, edit)
        _set_addresses(order, wanted)
        take(order, [PricedLine(line.columns["total"], line.columns["tax_percentage"]) for line in facts])
        _check_products(priced)
        _check_incentives(priced)
        lines.add(order, drafts, unit)
        db.session.add_all(newly_applied(order.id, wanted.incentive_ids))
        _note_saved(wanted.form_key, order, edit)
        return order.id


def change(priced: Priced, typed: Typed, *, language: str, edit: Edit) -> int:
    """Make an order what is wanted, where nobody else changed meanwhile what the form holds, and give its number.

    What is so already makes no new version. `language` is that in which `Stale.theirs` is written.
    Raises NotAllowed, OrderGone, NotEditable, Stale, AlreadySaved or Invalid.
    """
    wanted = priced.wanted
    changed: list[Order] = []
    try:
        with changing_one(
            wanted.order_id or 0, edit=edit, then=lambda: _note_saved(wanted.form_key, changed[0], edit)
        ) as order:
            changed.append(order)
            number, external_order_id = order.id, order.external_order_id
            take_turn(wanted.form_key)
            saved = _saved(wanted, edit)
            if saved and saved.order_id != order.id:
                raise AlreadySaved(saved.order_id)
            if saved and _is_so(order, priced):
                return number
            if not order.status.is_editable:
                raise NotEditable(order.status)
            if _is_stale(order, wanted.version):
                raise Stale(typed_of(order, typed.form_key, language))
            _apply(order, priced, edit)
    except IntegrityError as error:
        if taken := source_taken(error, wanted.source, external_order_id):
            raise taken from error
        raise
    return number


def newer(order: Order, typed: Typed, language: str) -> Typed | None:
    """Give the order as a form where somebody changed meanwhile what the form holds."""
    return typed_of(order, typed.form_key, language) if _is_stale(order, typed.version) else None


def _apply(order: Order, priced: Priced, edit: Edit) -> None:
    wanted = priced.wanted
    invoice = order.invoice_address.written if order.invoice_address else AddressText()
    is_guest = wanted.company_id is None and wanted.user_id is None
    is_other = (order.company_id, order.user_id) != (wanted.company_id, wanted.user_id)
    if is_other:
        order.wish_list_id = None
    if is_other or (is_guest and invoice != wanted.invoice):
        _set_customer(order, wanted, edit)
    for name, value in _columns(priced).items():
        setattr(order, name, value)
    _set_addresses(order, wanted)
    _check_products(priced)
    _check_incentives(priced)
    lines.write(order, priced.lines, smallest_amount(wanted.currency))
    _set_incentives(order, wanted)


def _set_incentives(order: Order, wanted: Wanted) -> None:
    """Keep which incentives were accepted; one that was deleted meanwhile is left out."""
    kept = {each.incentive_id: each for each in incentives_of(order.id)}
    for gone in kept.keys() - set(wanted.incentive_ids):
        db.session.delete(kept[gone])
    db.session.add_all(newly_applied(order.id, set(wanted.incentive_ids) - kept.keys()))


def _columns(priced: Priced) -> dict[str, Any]:
    """Give the columns of an order that a form sets. Raises Invalid."""
    wanted = priced.wanted
    has_discount = wanted.discount_type != DiscountType.NONE
    reckoned = (
        *(wanted.discount_value if has_discount else 0, priced.shipping.amount, priced.shipping.tax_percentage),
        *(str(priced.shipping_origin), priced.payment.amount, priced.payment.tax_percentage),
        *(str(priced.payment_origin), str(priced.vat_rule)),
        lines.is_credit(priced.lines),
    )
    return {**{name: getattr(wanted, name) for name in MEANT}, **dict(zip(RECKONED, reckoned, strict=True))}


def _is_so(order: Order, priced: Priced) -> bool:
    """Say whether an order is what is wanted already."""
    columns, wanted = _columns(priced), priced.wanted
    return (
        all(getattr(order, name) == value for name, value in columns.items())
        and _is_written(order.delivery_address, wanted.delivery)
        and _is_written(order.invoice_address, wanted.invoice)
        and {each.incentive_id for each in incentives_of(order.id)} == set(wanted.incentive_ids)
        and lines.are_so(lines.stored_lines(order), priced.lines, smallest_amount(wanted.currency))
    )


def _is_stale(order: Order, seen: int) -> bool:
    """Say whether somebody changed what the form holds since the version that was seen."""
    if order.version == seen:
        return False
    since = OrderHistory.order_id == order.id, OrderHistory.version > min(seen, LARGEST_WHOLE)
    return not HELD.isdisjoint(db.session.scalars(select(OrderHistory.field).where(*since).distinct()))


# ---- who orders, and where it goes ----


def _set_customer(order: Order, wanted: Wanted, edit: Edit) -> None:
    """Say who orders; a buyer's name stands for a missing company. Raises Invalid."""
    person = _locked(Person, wanted.user_id, edit)
    is_known = (
        (_locked(Company, wanted.company_id, edit) is not None) == (wanted.company_id is not None)
        and (person is not None) == (wanted.user_id is not None)
        and (person is None or person.company_id == wanted.company_id)
        and (wanted.company_id is not None or edit.actor.companies is None)
    )
    if not is_known:
        raise Invalid("customer", "This customer no longer exists or is not available to you. Choose another one.")
    if wanted.company_id is not None:
        order.buyer_name = ""
    elif person is not None:
        order.buyer_name = str(person)
    else:
        names = (wanted.invoice.first_name, wanted.invoice.last_name)
        order.buyer_name = wanted.invoice.company or " ".join(filter(None, names))


def _locked(model: type[Any], row_id: int | None, edit: Edit) -> Any:
    """Give a row that exists for the actor, kept there until the order is saved."""
    if row_id is None:
        return None
    return db.session.scalar(
        select(model)
        .where(model.id == min(row_id, LARGEST_ID), model.visible_to(edit.actor))
        .with_for_update(read=True, key_share=True, of=model)
    )


def _manager(company_id: int | None, edit: Edit) -> int | None:
    """Give who looks after a company: the one who makes the order, if that is one of its managers, else the first."""
    company = db.session.get(Company, company_id) if company_id is not None else None
    managers = sorted(manager.id for manager in company.managers) if company else []
    return edit.actor.staff_id if edit.actor.staff_id in managers else next(iter(managers), None)


def _set_addresses(order: Order, wanted: Wanted) -> None:
    """Set both addresses; rows are made in the sequence of their digests, so that two orders never wait crosswise."""
    texts = {"delivery_address": wanted.delivery, "invoice_address": wanted.invoice}
    for name, text in sorted(texts.items(), key=lambda each: each[1].digest):
        if not _is_written(getattr(order, name), text):
            setattr(order, f"{name}_id", None if text == AddressText() else stored(text).id)


def _is_written(address: Any, text: AddressText) -> bool:
    """Say whether an address is so already; what its country was called stays while it is the same."""
    written = address.written if address is not None else AddressText()
    return bool(replace(written, country_name=text.country_name if text.country == written.country else "") == text)


# ---- what else must hold ----


def _first_status(*, as_draft: bool) -> OrderStatus:
    wanted = OrderStatus.code == DRAFT if as_draft else OrderStatus.is_default
    status = db.session.scalar(select(OrderStatus).where(OrderStatus.order_type == OrderType.ORDER, wanted))
    if status is None:
        raise Refused("There is no status for drafts any more. Save the order itself.")
    return status


def _check_products(priced: Priced) -> None:
    """Refuse new lines of products that are not there any more; the others stay until the order is saved."""
    new = {line.wanted.product_id: line.wanted.key for line in priced.lines if line.wanted.line_id is None}
    wanted = sorted(number for number in new if number is not None)
    if not wanted:
        return
    found = set(
        db.session.scalars(
            select(Product.id)
            .where(Product.id.in_(wanted))
            .order_by(Product.id)
            .with_for_update(read=True, key_share=True)
        )
    )
    for number in wanted:
        if number not in found:
            raise Invalid(f"line-{new[number]}-quantity", "This product no longer exists. Remove the line.")


def _check_incentives(priced: Priced) -> None:
    """Refuse what a deleted incentive gave; the others stay until the order is saved."""
    asked = {*priced.wanted.incentive_ids, *(line.wanted.incentive_id for line in priced.lines)} - {None}
    found = select(Incentive.id).where(Incentive.id.in_(asked)).order_by(Incentive.id)
    if asked and asked != set(db.session.scalars(found.with_for_update(read=True, key_share=True))):
        raise Invalid("lines", "An incentive of this order was deleted meanwhile. Apply the incentives again.")


# ---- once ----


def _saved(wanted: Wanted, edit: Edit) -> OrderSubmission | None:
    """Give what became of the form if it was saved before. Raises Refused when that was somebody else's."""
    saved = db.session.get(OrderSubmission, wanted.form_key)
    if saved is not None and saved.staff_id != edit.actor.person:
        raise Refused("This form belongs to somebody else. Start again.")
    return saved


def _note_saved(form_key: str, order: Order, edit: Edit) -> None:
    """Keep that the form was saved, and let go of what was kept of it until then."""
    columns = {"order_id": order.id, "order_version": order.version, "staff_id": edit.actor.person, "at": edit.now}
    db.session.merge(OrderSubmission(form_key=form_key, **columns))
    db.session.execute(
        delete(OrderDraft).where(OrderDraft.form_key == form_key, OrderDraft.staff_id == edit.actor.person),
        execution_options={"synchronize_session": False},
    )
