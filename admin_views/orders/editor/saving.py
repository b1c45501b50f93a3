"""Saving what the editor's form says, and bringing together what two people changed at once."""

from contextlib import suppress

from flask import Response, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.access import actor
from admin_views.notation import language, said
from admin_views.orders.editor.conflict import conflict_page
from admin_views.orders.editor.form import opened_form
from admin_views.orders.editor.page import Messages
from admin_views.orders.editor.showing import EditorForm, editor_context, is_part, to
from models.order import Order
from permissions import Action
from services.editing import keeping, saving
from services.editing.chain import EvaluatedForm, checked, worked_out
from services.editing.merging import merged
from services.editing.names import names_in
from services.editing.typed import Typed
from services.errors import Invalid, Refused
from services.unit_of_work import Edit


class EditorSaving(EditorForm):
    """What Save does."""

    def saved(self, typed: Typed, order: Order | None, *, as_draft: bool = False) -> ResponseReturnValue:
        """Save the form and lead to the order, or show what keeps it from that."""
        worked = checked(worked_out(typed, editor_context()))
        before = keeping.submission(typed.form_key, actor())
        is_again = before is not None and (order is None or typed.version < before.order_version)
        if worked.faults and not is_again:
            theirs = saving.newer(order, typed, language()) if order else None
            return self._together(worked, theirs, order) if theirs else self.kept_and_shown(worked, order, Messages())
        try:
            number = _made(worked, as_draft=as_draft) if order is None else _changed(worked)
        except saving.Stale as stale:
            if before is None:
                return self._together(worked, stale.theirs, order)
            told = Messages()
        except saving.NotEditable as refused:
            kept = gettext("What you typed is kept as a draft, to be saved when the status allows it.")
            told = Messages(sentence=f"{said(refused)} {kept}", saved_as=order.id if order else None)
        except Invalid as invalid:
            told = Messages(faults={invalid.field: said(invalid)})
        except Refused as refused:
            told = Messages(sentence=said(refused))
        else:
            return to(self.get_url(".detail", order_id=number))
        return self.kept_and_shown(worked, order, told)

    def _together(self, worked: EvaluatedForm, theirs: Typed, order: Order | None) -> ResponseReturnValue:
        """Bring together what two people changed, and ask about what both did; that takes a page of its own."""
        if is_part():
            return Response(status=409, headers={"X-Page": "whole"})
        now, mine = editor_context(), worked.typed
        kept = keeping.kept(mine.form_key, now.actor)
        opened = opened_form(request.form) or (kept[0] if kept else None)
        names = names_in(filter(None, (opened, theirs, mine)), now.actor)
        together, clashes = merged(opened, theirs, mine, names)
        # Until somebody has chosen, it is kept as it was typed: whoever leaves the page is asked again.
        draft, as_opened = (mine, opened) if clashes else (together, theirs)
        with suppress(Refused):
            keeping.keep(draft, opened=as_opened, actor=now.actor, now=now.now)
        if clashes and order:
            page = conflict_page(order, together, theirs, clashes, mine.version)
            return self.render("admin/orders/editor_conflict.html", **page)
        sentence = gettext("Not saved yet: it was changed while you were editing. What others changed is here too.")
        told = Messages(sentence=sentence, opened=theirs, is_changed=True)
        return self.shown(worked_out(together, now), order, told)


def _made(worked: EvaluatedForm, *, as_draft: bool) -> int:
    now = editor_context()
    edit = Edit(actor(), Action.ORDERS_CREATE, now.now)
    number = saving.create(worked.priced, as_draft=as_draft, base_currency=now.base_currency, edit=edit)
    flash(gettext("Order %(number)s is created.", number=number), "success")
    return number


def _changed(worked: EvaluatedForm) -> int:
    now = editor_context()
    edit = Edit(actor(), Action.ORDERS_EDIT, now.now)
    number = saving.change(worked.priced, worked.typed, language=now.language, edit=edit)
    flash(gettext("Order %(number)s is saved.", number=number), "success")
    return number
