"""The people who may sign in, what happened to what they keep, and each person's own account."""

from typing import Any

from flask import request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext

from admin_views.edits import edit_now
from admin_views.records.account import OwnRecordView
from admin_views.records.audit import HistoryList
from admin_views.records.cells import grants
from admin_views.records.filters import Doer
from admin_views.records.forms import CodeField, timezone_choices
from admin_views.records.grants import GrantsField
from admin_views.records.sessions import SessionsView
from admin_views.records.view import Button
from admin_views.words import COLUMNS, ORIGINS, PAGE_LANGUAGES, RECORD_TYPES, THEMES
from models.record_history import RecordHistory
from permissions import Action
from services.staff import new_password_link


class StaffView(SessionsView):
    """The people who may sign in, with what they may do. Nobody is deleted: history names them."""

    action = Action.STAFF_SEE
    edit_action = create_action = Action.STAFF_EDIT
    deletes = False
    icon = "users"
    new_title = lazy_gettext("New person")
    method_actions = {"end_session": Action.STAFF_EDIT, "password_link": Action.STAFF_EDIT}
    large = ("companies", "managed_companies")
    column_list = "name email grants is_active is_limited created_at updated_at".split()
    choices = {"language": PAGE_LANGUAGES}
    column_filters = "email is_active is_limited created_at updated_at".split()
    column_formatters = column_formatters_export = {"grants": grants}
    form_columns = "name email is_active grants is_limited companies managed_companies timezone".split()
    column_details_list = [*form_columns, "has_password", "created_at", "updated_at"]
    form_extra_fields = {
        "grants": GrantsField(lazy_gettext("Grants")),
        "timezone": CodeField(lazy_gettext("Time zone"), choices=timezone_choices),
    }
    column_descriptions = {
        "email": lazy_gettext("With this address the person signs in."),
        "is_active": lazy_gettext("Somebody who is not active is signed out at once and cannot sign in."),
        "is_limited": lazy_gettext("The person then sees orders and customers of the chosen companies and no others."),
        "companies": lazy_gettext("Those that a limited person sees."),
        "managed_companies": lazy_gettext("The person finds them under My Companies."),
    }

    def buttons(self, row: Any) -> list[Button]:
        link = Button(gettext("New password link"), "key", self.get_url(".password_link", id=row.id))
        return [link] if row.is_active else []

    @expose("/password-link/", methods=("POST",))
    def password_link(self) -> str:
        """Make a link that sets the person's password, and show it this once."""
        row = self.get_one(request.args.get("id", ""))
        token = new_password_link(row.id, edit=edit_now(self.edit_action))
        link = url_for("auth.password", token=token, _external=True)
        return self.page_of(
            row, gettext("Give this link to %(name)s. It works once, within one hour: %(link)s", name=row, link=link)
        )


class AccountView(OwnRecordView):
    """Each person's own account."""

    creates = deletes = can_export = False
    switch = None
    choices = {"theme": THEMES, "language": PAGE_LANGUAGES, "timezone": {"": lazy_gettext("Same as everybody")}}
    column_list = ("name",)
    column_formatters = {"grants": grants}
    column_details_list = "name email grants companies managed_companies language timezone theme".split()
    form_columns = "language timezone theme".split()
    form_extra_fields = {"timezone": CodeField(lazy_gettext("Time zone"), choices=timezone_choices)}


class AuditView(HistoryList):
    """Everything that happened to what owners keep, the latest first."""

    action = Action.STAFF_SEE
    icon = "history"
    column_list = "at who record_type name field old_value new_value note".split()
    column_labels = {"who": COLUMNS["staff"], "name": lazy_gettext("Record")}
    column_default_sort = ("id", True)
    column_filters = (Doer(COLUMNS["staff"], "staff", RecordHistory), "record_type", "field", "at")
    choices = {
        "who": ORIGINS,
        "record_type": RECORD_TYPES,
        "field": {**COLUMNS, "status": lazy_gettext("Order status")},
    }
