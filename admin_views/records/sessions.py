"""The page of somebody who may sign in: where that happened, and an end to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_login import current_user

from admin_views.edits import edit_now
from admin_views.records.cells import browser, grants_writer, moment
from admin_views.records.view import RecordView, Section
from admin_views.values import read_id
from services.staff import end_session, sessions_of


class SessionsView(RecordView):
    """Pages of people with their sign-ins."""

    history_writers = {"grants": grants_writer}

    def sections(self, row: Any) -> list[Section]:
        """Give the latest sign-ins, with a button to end those that are open."""
        idle = timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])
        rows = []
        for found in sessions_of(row.id, idle=idle, now=datetime.now(UTC)):
            state = gettext("Signed in") if found.is_open else gettext("Ended")
            if found.id == current_user.session_id:
                state = gettext("This browser")
            cells = [moment(found.created_at), moment(found.last_used_at), found.remote_address]
            end = self.get_url(".end_session", id=row.id, session=found.id)
            may_end = found.is_open and self.can_edit and found.id != current_user.session_id
            rows.append(
                ([*cells, browser(found.user_agent), state], (gettext("End session"), end) if may_end else None)
            )
        headings = [
            gettext("Signed in"),
            gettext("Last used"),
            gettext("Address"),
            gettext("Browser"),
            gettext("Session"),
        ]
        return [Section(gettext("Sign-ins and sessions"), headings, rows, gettext("Never signed in."))]

    @expose("/end-session/", methods=("POST",))
    def end_session(self) -> ResponseReturnValue:
        """End a session of a person."""
        row = self.get_one(request.args.get("id", ""))
        session_id = read_id(request.args.get("session", "")) or abort(404)
        end_session(session_id, row.id, edit=edit_now(self.edit_action))
        flash(gettext("The session is ended."), "success")
        return redirect(self.get_url(".details_view", id=row.id))
