"""Showing the form of the editor: on its page, or alone to the script that exchanges what has changed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from admin_views.access import actor, may, seller_zone, zone
from admin_views.notation import language, said
from admin_views.orders.editor.drawers import DRAWERS
from admin_views.orders.editor.form import opened_form
from admin_views.orders.editor.page import Messages, Unfinished, editor_page
from admin_views.orders.order_news import OrderNewsPart
from models.order import Order
from models.party import AddressText
from permissions import Action
from services.editing import keeping
from services.editing.chain import EditorContext, EvaluatedForm, worked_out
from services.editing.typed import Typed
from services.errors import Refused


class EditorForm(OrderNewsPart):
    """The form of the editor, and the keeping of it."""

    def shown(self, worked: EvaluatedForm, order: Order | None, told: Messages) -> str:
        """Show the form, and over it the drawer that is opened."""
        if not is_part():
            unfinished = self._unfinished(worked, order)
            told = told.also(opened=told.opened or opened_form(request.form), unfinished=unfinished)
        opened = told.drawer or (request.args.get("open", "") if request.method == "GET" else "")
        drawer = DRAWERS.get(opened)
        return self.render(
            "admin/orders/editor/part.html" if is_part() else "admin/orders/editor.html",
            page=editor_page(worked, order, told, with_costs=may(Action.CATALOGUE_SEE)),
            is_part=is_part(),
            news=self.news_of(order.id, worked.typed.version) if order and not is_part() else None,
            opened=opened,
            drawer=drawer,
            drawer_shown=drawer.shown(worked, request.form, editor_context()) if drawer else {},
        )

    def kept_and_shown(self, worked: EvaluatedForm, order: Order | None, told: Messages) -> str:
        """Keep the form as it stands now, and show it."""
        now = editor_context()
        try:
            keeping.keep(worked.typed, opened=opened_form(request.form), actor=now.actor, now=now.now)
        except keeping.AlreadySaved as saved:
            again = told.also(sentence=said(saved), saved_as=saved.order_id, is_changed=True)
            return self.shown(worked, order, again)
        except Refused as refused:
            return self.shown(worked, order, told.also(sentence=said(refused), is_changed=True))
        kept = f"{now.now.astimezone(zone()):%H:%M}"
        return self.shown(worked, order, told.also(kept=kept, is_kept=True, is_changed=True))

    def begun(self, typed: Typed, order: Order | None, *, opened: Typed | None = None) -> str:
        """Show a form for the first time; `opened` is what it was before something was done to it already."""
        told = Messages(opened=opened or typed, is_changed=opened is not None)
        return self.shown(worked_out(typed, editor_context()), order, told)

    def _unfinished(self, worked: EvaluatedForm, order: Order | None) -> Sequence[Unfinished]:
        """Give forms like this one that were never saved, the latest first."""
        found = keeping.unfinished(actor(), order.id if order else None)
        read = [Unfinished(draft.form_key, draft.at, Typed.read(draft.content)) for draft in found]
        return [each for each in read if each.form_key != worked.typed.form_key and _has_content(each.typed)]

    def dropped(self, form_key: str, typed: Typed, order: Order | None) -> str:
        """Forget another form that was never saved, or all others, and show those that are left."""
        if form_key == ALL_OTHERS:
            keeping.discard_others(typed.form_key, actor(), typed.order_id)
        else:
            keeping.discard(form_key, actor())
        worked, is_kept = worked_out(typed, editor_context()), keeping.kept(typed.form_key, actor()) is not None
        told = Messages(unfinished=self._unfinished(worked, order), is_changed=is_kept, is_kept=is_kept)
        return self.shown(worked, order, told)


def _has_content(typed: Typed) -> bool:
    """Say whether a form is worth to be offered: it is of an order, or says who orders, what, or why."""
    told = (typed.order_id, typed.company_id, typed.user_id, typed.lines, typed.reference, typed.remarks)
    return any((*told, typed.invoice != AddressText(), typed.delivery != AddressText()))


ALL_OTHERS = "others"
"""What stands in the place of a form's key for all but the one that is shown."""


def to(url: str) -> ResponseReturnValue:
    """Lead on: a script is told where to go, as it would follow by itself and swallow the message."""
    return Response(status=204, headers={"X-Go": url}) if is_part() else redirect(url)


def is_part() -> bool:
    """Say whether a script asks, which exchanges what has changed."""
    return request.headers.get("X-Part") == "editor"


def editor_context() -> EditorContext:
    """Say who asks, in which language, and when."""
    now, zone = datetime.now(UTC), seller_zone()
    return EditorContext(
        actor(), language(), now, now.astimezone(zone).date(), current_app.config["BASE_CURRENCY"], zone
    )
