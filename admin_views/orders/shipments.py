"""The pages that make, change and delete a shipment of an order; what lists them is a tab."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from admin_views.access import actor, zone
from admin_views.edits import edit_now, seen_version
from admin_views.errors import Written
from admin_views.notation import notation, said
from admin_views.orders.detail import OrderPages
from admin_views.orders.history_words import written_history
from admin_views.orders.tabs.shipments import shipment_badge
from admin_views.values import Unreadable, read_day, read_id
from admin_views.words import SHIPMENT_STATUSES
from models.order import Order
from models.shipment import Shipment, ShipmentStatus
from permissions import Action
from services import shipments
from services.errors import Invalid, Refused
from services.order_history import history_since
from services.orders import find_order
from services.shipment_rules import LONGEST_CODE, LineLeft, ShipmentWanted, Tracking
from services.unit_of_work import ChangedMeanwhile

SPARE_ROWS = 3
"""Empty rows for tracking codes, for whoever has no scripts that add one."""


@dataclass
class Typed:
    """The form of a shipment as it is filled in, and what is wrong with it, by field."""

    status: str
    expected_on: str
    quantities: Mapping[int, str]
    tracking: list[Tracking]
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, wanted: ShipmentWanted) -> "Typed":
        """Fill the form in with what a shipment is."""
        day = wanted.expected_on.isoformat() if wanted.expected_on else ""
        quantities = {line_id: str(pieces) for line_id, pieces in wanted.quantities.items()}
        return cls(wanted.status, day, quantities, list(wanted.tracking))

    @classmethod
    def sent(cls, form: MultiDict[str, str], usual_carrier: str) -> "Typed":
        """Read what was sent, as it was typed; the usual carrier stands in empty rows, too."""
        quantities, rows = {}, set()
        for name, value in form.items():
            if (line_id := read_id(name.removeprefix("quantity-"))) and value.strip().strip("0"):
                quantities[line_id] = value.strip()
            elif row := re.fullmatch(r"tracking-([0-9]{1,4})-(?:code|carrier)", name):
                rows.add(int(row[1]))
        codes = [
            Tracking(" ".join(form.get(f"tracking-{row}-code", "").split()), form.get(f"tracking-{row}-carrier", ""))
            for row in sorted(rows)
        ]
        codes = [given for given in codes if given.code or given.carrier not in {"", usual_carrier}]
        day = form.get("expected_on", "").strip()
        return cls(form.get("status", ""), day, quantities, codes)

    def wanted(self) -> ShipmentWanted:
        """Give what is wanted; what cannot be read is left out and stands among the faults."""
        quantities = {}
        for line_id, text in self.quantities.items():
            if re.fullmatch(r"[0-9]{1,9}", text):
                quantities[line_id] = int(text)
            else:
                self.faults[f"quantity-{line_id}"] = gettext("This is not a whole number.")
        return ShipmentWanted(self.status, quantities, self._day(), self.tracking)

    def _day(self) -> date | None:
        try:
            return read_day(self.expected_on) if self.expected_on else None
        except Unreadable as unreadable:
            self.faults["expected_on"] = str(unreadable)
            return None

    def tell(self, fault: Invalid) -> None:
        """Put a fault by its field, unless that cannot be read at all."""
        is_unread = fault.field == "lines" and any(name.startswith("quantity-") for name in self.faults)
        if not is_unread:
            self.faults.setdefault(fault.field, said(fault))


class OrderShipments(OrderPages):
    """The addresses of an order's shipments."""

    method_actions = dict.fromkeys(("new_shipment", "edit_shipment", "delete_shipment"), Action.ORDERS_EDIT)

    @expose("/<int:order_id>/shipments/new", methods=("GET", "POST"))
    def new_shipment(self, order_id: int) -> ResponseReturnValue:
        """Show the form of a shipment, with all that is left; make it."""
        if request.method == "POST":
            return self._save(order_id, None)
        order = self.to_change(order_id)
        lines = shipments.lines_left(order, shipments.shipments_of(order))
        if reason := shipments.refusal_of_order(order, lines):
            flash(said(reason), "error")
            return redirect(self._shipments_url(order_id))
        left = {line.line_id: line.left for line in lines.values() if line.left}
        return self._shipment_form(order, None, Typed.of(ShipmentWanted(ShipmentStatus.CREATED, left)))

    @expose("/<int:order_id>/shipments/<int:shipment_id>/edit", methods=("GET", "POST"))
    def edit_shipment(self, order_id: int, shipment_id: int) -> ResponseReturnValue:
        """Show the form of a shipment with what is in it; change it."""
        if request.method == "POST":
            return self._save(order_id, shipment_id)
        order = self.to_change(order_id)
        shipment = shipments.find_shipment(order, shipment_id) or abort(404)
        return self._shipment_form(order, shipment, Typed.of(shipments.as_wanted(shipment)))

    @expose("/<int:order_id>/shipments/<int:shipment_id>/delete", methods=("GET", "POST"))
    def delete_shipment(self, order_id: int, shipment_id: int) -> ResponseReturnValue:
        """Ask whether a shipment shall be deleted, then do it."""
        order, told = self.to_change(order_id), {}
        if request.method == "POST":
            seen = seen_version()
            try:
                number = shipments.delete(order_id, shipment_id, seen=seen, edit=edit_now(Action.ORDERS_EDIT))
            except ChangedMeanwhile as changed:
                order = self.to_change(order_id)
                told = {"fault": said(changed), "meanwhile": written_history(history_since(order, seen))}
            except shipments.AlreadyDeleted as refused:
                flash(said(refused), "error")
                return redirect(self._shipments_url(order_id))
            else:
                flash(gettext("Shipment %(number)s is deleted.", number=number), "success")
                return redirect(self._shipments_url(order_id))
        shipment = shipments.find_shipment(order, shipment_id) or abort(404)
        return self.render(
            "admin/orders/shipment_delete.html",
            number=order_id,
            version=order.version,
            shipment_number=shipment.number,
            badge=shipment_badge(shipment.status),
            pieces=notation().whole(sum(pieces for _line, pieces in shipments.packed(shipment))),
            shipments_url=self._shipments_url(order_id),
            **told,
        )

    def _save(self, order_id: int, shipment_id: int | None) -> ResponseReturnValue:
        """Keep what was typed, or show the form again with what is wrong, and what happened meanwhile."""
        order = self.still_there(order_id, lambda: _written(order_id))
        seen, today = seen_version(), datetime.now(UTC).astimezone(zone()).date()
        typed = Typed.sent(request.form, order.carrier)
        wanted, told = typed.wanted(), ""
        shipment = shipments.find_shipment(order, shipment_id) if shipment_id is not None else None
        for fault in shipments.faults_of(wanted, order, shipments.shipments_of(order), shipment, today=today):
            typed.tell(fault)
        try:
            if shipment_id is not None and shipment is None:
                raise shipments.AlreadyDeleted
            if not typed.faults:
                return self._saved(order_id, shipment_id, wanted, seen=seen, today=today)
        except Invalid as invalid:
            typed.tell(invalid)
        except Refused as refused:
            told = said(refused)
        order = self.to_change(order_id)
        shipment = shipments.find_shipment(order, shipment_id) if shipment_id is not None else None
        return self._shipment_form(order, shipment, typed, seen=seen, told=told)

    def _saved(
        self, order_id: int, shipment_id: int | None, wanted: ShipmentWanted, *, seen: int, today: date
    ) -> ResponseReturnValue:
        edit = edit_now(Action.ORDERS_EDIT)
        if shipment_id is not None:
            number = shipments.change(order_id, shipment_id, wanted, seen=seen, today=today, edit=edit)
            flash(gettext("Shipment %(number)s is saved.", number=number), "success")
        else:
            number = shipments.create(order_id, wanted, seen=seen, today=today, edit=edit)
            flash(gettext("Shipment %(number)s is created.", number=number), "success")
        return redirect(self._shipments_url(order_id))

    def _shipment_form(
        self, order: Order, shipment: Shipment | None, typed: Typed, *, seen: int | None = None, told: str = ""
    ) -> str:
        """Show the form of a shipment, or of a new one; only who is told what happened since has seen it."""
        is_stale = seen is not None and seen != order.version
        lines = shipments.lines_left(order, shipments.shipments_of(order), shipment).values()
        carriers = shipments.carrier_names()
        usual = order.carrier if order.carrier in carriers else ""
        own = {given.carrier for given in typed.tracking} - {"", *carriers}
        return self.render(
            "admin/orders/shipment_form.html",
            number=order.id,
            version=order.version,
            title=gettext("Edit shipment %(number)s", number=shipment.number) if shipment else gettext("New shipment"),
            action=self._shipment_form_url(order.id, shipment),
            shipments_url=self._shipments_url(order.id),
            typed=typed,
            statuses=[(str(code), str(word)) for code, word in SHIPMENT_STATUSES.items()],
            lines=[_line(line, typed.quantities) for line in lines if line.left or line.line_id in typed.quantities],
            carriers=[*carriers, *sorted(own)],
            usual_carrier=usual,
            codes=[*typed.tracking, *[Tracking("", usual)] * SPARE_ROWS],
            longest_code=LONGEST_CODE,
            told=told or (said(ChangedMeanwhile()) if is_stale else ""),
            meanwhile=written_history(history_since(order, seen)) if is_stale and seen is not None else [],
        )

    def _shipment_form_url(self, order_id: int, shipment: Shipment | None) -> str:
        asked = {"order_id": order_id, "list": request.args.get("list")}
        if shipment is None:
            return self.get_url(".new_shipment", **asked)
        return self.get_url(".edit_shipment", shipment_id=shipment.id, **asked)

    def _shipments_url(self, order_id: int) -> str:
        return self.get_url(".tab", order_id=order_id, tab="shipments", list=request.args.get("list"))


def _written(order_id: int) -> Written:
    """Give what was typed for a shipment of an order that is deleted."""
    order = find_order(order_id, actor())
    lines = shipments.lines_left(order, ()) if order else {}
    typed = Typed.sent(request.form, order.carrier if order else "")
    names = {line_id: line.name or line.sku for line_id, line in lines.items()}
    pieces = [" × ".join(filter(None, (text, names.get(line_id)))) for line_id, text in typed.quantities.items()]
    codes = [", ".join(filter(None, (given.code, given.carrier))) for given in typed.tracking]
    return [
        (gettext("Status"), str(SHIPMENT_STATUSES.get(typed.status, ""))),
        (gettext("Expected"), typed.expected_on),
        (gettext("Track and trace"), "\n".join(codes)),
        (gettext("Pieces"), "\n".join(pieces)),
    ]


def _line(line: LineLeft, quantities: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": line.line_id,
        "name": line.name,
        "sku": line.sku,
        "most": line.left,
        "left": notation().whole(line.left),
        "ordered": notation().whole(line.ordered),
        "typed": quantities.get(line.line_id, ""),
    }
