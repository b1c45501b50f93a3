"""Signing in and out."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from admin_views.access import LONGEST_TARGET, Access, SignedInPerson
from services.sign_in import LIFETIME, Paused, WrongPassword, resume, sign_in, sign_out

auth = Blueprint("auth", __name__)
DECLARED = {"auth.login": Access.PUBLIC, "auth.logout": Access.SIGNED_IN}


class SignInForm(FlaskForm):
    """What a person signs in with."""

    email = StringField(
        lazy_gettext("E-mail"),
        validators=[InputRequired(lazy_gettext("Give your e-mail address.")), Length(max=255)],
    )
    password = PasswordField(
        lazy_gettext("Password"), validators=[InputRequired(lazy_gettext("Give your password.")), Length(max=1024)]
    )


@auth.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Show the form; on the right answer, open a session and go where the person wanted to."""
    target = _local_path(request.values.get("next", ""))
    if current_user.is_authenticated:
        return redirect(target)
    form = SignInForm()
    fault, code, headers = "", 200, {}
    if form.validate_on_submit():
        try:
            _sign_in(form)
            return redirect(target)
        except Paused as paused:
            fault, code = gettext(paused.sentence, **paused.values), 429
            headers = {"Retry-After": str(paused.seconds)}
        except WrongPassword as wrong:
            fault = gettext(wrong.sentence)
    return render_template("admin/login.html", form=form, fault=fault, next=target), code, headers


@auth.route("/logout", methods=["POST"])
def logout() -> ResponseReturnValue:
    """End this session, here and in every copy of its cookie."""
    sign_out(current_user.session_id, now=datetime.now(UTC))
    logout_user()
    session.clear()
    flash(gettext("You are signed out."), "success")
    return redirect(url_for("auth.login"))


def _sign_in(form: SignInForm) -> None:
    now = datetime.now(UTC)
    token = sign_in(
        form.email.data or "",
        form.password.data or "",
        remote_address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        now=now,
    )
    session.clear()
    login_user(SignedInPerson(token, resume(token, idle=LIFETIME, now=now)))


def _local_path(target: str) -> str:
    """Give `target` when it is the path of a page of ours, else the start page."""
    home = url_for("admin.index")
    if not re.match("/(?!/)", target) or "\\" in target or not target.isprintable() or len(target) > LONGEST_TARGET:
        return home
    try:
        current_app.url_map.bind("").match(urlsplit(target).path, method="GET")
    except (HTTPException, ValueError):
        return home
    return target
