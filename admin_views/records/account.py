"""A person's own record: it alone is there, and he or she chooses its password and theme."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from wtforms import Field, PasswordField
from wtforms.validators import InputRequired

from admin_views.access import actor
from admin_views.auth import NewPasswordForm
from admin_views.edits import edit_now
from admin_views.records.sessions import SessionsView
from admin_views.records.view import Button
from admin_views.words import THEMES
from models.staff import Staff
from permissions import Action
from services.errors import Invalid
from services.sign_in import WrongPassword, confirm_password
from services.staff import choose_theme, keep_theme, set_password


class OwnPasswordForm(NewPasswordForm):
    """A new password, with the old one."""

    current = PasswordField(lazy_gettext("Your current password"), validators=[InputRequired()])

    def __iter__(self) -> Iterator[Field]:
        """Ask for the present one first; the library asks in the order in which fields were written down."""
        return iter((self.current, self.password, self.again))


class OwnRecordView(SessionsView):
    """The page of whoever looks at it."""

    action = edit_action = create_action = Action.OWN_ACCOUNT
    method_actions = dict.fromkeys(("end_session", "password", "theme"), Action.OWN_ACCOUNT)

    def is_visible(self) -> bool:
        return False

    @property
    def own_id(self) -> int:
        return actor().staff_id or 0

    def scope(self) -> list[Any]:
        return [Staff.id == self.own_id]

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Lead to the person's own page."""
        return redirect(self.get_url(".details_view", id=self.own_id))

    def buttons(self, _row: Any) -> list[Button]:
        return [Button(gettext("Change password"), "key", self.get_url(".password"), is_link=True)]

    @expose("/password/", methods=("GET", "POST"))
    def password(self) -> ResponseReturnValue:
        """Change the person's own password; the other sessions end."""
        row, form = self.get_one(str(self.own_id)), OwnPasswordForm()
        row_id = row.id
        if self.validate_form(form) and self._attempt(form, lambda: self._set_password(form, row_id)) is True:
            flash(gettext("Your password is changed. You are signed out everywhere else."), "success")
            return redirect(self.get_url(".index_view"))
        return self._form_page(self.edit_template, form, row, title=gettext("Change password"))

    def _set_password(self, form: OwnPasswordForm, staff_id: int) -> None:
        now, place = datetime.now(UTC), request.remote_addr or ""
        try:
            confirm_password(staff_id, form.current.data or "", place=place, now=now)
        except WrongPassword as wrong:
            raise Invalid("current", wrong.sentence) from wrong
        edit = edit_now(Action.OWN_ACCOUNT)
        set_password(staff_id, form.password.data or "", edit=edit, keeping=current_user.session_id)

    @expose("/theme", methods=("POST",))
    def theme(self) -> ResponseReturnValue:
        """Keep the theme that was chosen in the person's menu."""
        theme = request.form.get("theme", "")
        if theme and theme not in THEMES:
            abort(400)
        choose_theme(theme, edit=edit_now(Action.OWN_ACCOUNT))
        return "", 204

    def fill(self, form: Any, row: Any) -> None:
        """Keep the theme as its button does: the record has it already then, and is not changed by it."""
        keep_theme(form.theme.data, row.id)
        super().fill(form, row)
