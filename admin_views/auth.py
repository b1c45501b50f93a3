"""Signing in and out."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, TimestampSigner
from werkzeug import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from admin_views.access import Access, SignedInPerson, has_ended_session, is_local
from admin_views.notation import said
from services.errors import Refused
from services.sign_in import LIFETIME, Paused, WrongPassword, kept_email, resume, sign_in, sign_out
from services.staff import owner_of_link, set_password_by_link

auth = Blueprint("auth", __name__)
DEVICE_KNOWN = timedelta(days=365)
"""How long a browser stays known to somebody who signed in from it."""
DECLARED = {"auth.login": Access.PUBLIC, "auth.password": Access.PUBLIC, "auth.logout": Access.SIGNED_IN}


class SignInForm(FlaskForm):
    """What a person signs in with."""

    email = StringField(
        lazy_gettext("E-mail"),
        validators=[InputRequired(lazy_gettext("Give your e-mail address.")), Length(max=255)],
    )
    password = PasswordField(
        lazy_gettext("Password"), validators=[InputRequired(lazy_gettext("Give your password.")), Length(max=1024)]
    )


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(lazy_gettext("New password"), validators=[InputRequired(), Length(max=1024)])
    again = PasswordField(
        lazy_gettext("Repeat the password"),
        validators=[InputRequired(), EqualTo("password", lazy_gettext("The passwords do not match."))],
    )


@auth.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Show the form; on the right answer, open a session and go where the person wanted to."""
    target = request.values.get("next", "")
    target = target if is_local(target) else url_for("admin.index")
    if current_user.is_authenticated:
        return redirect(target)
    form = SignInForm()
    fault, code, headers = "", 200, {}
    if form.validate_on_submit():
        try:
            device = _sign_in(form)
            return _remembering(device, kept_email(form.email.data or ""), redirect(target))
        except Paused as paused:
            fault, code = said(paused), 429
            headers = {"Retry-After": str(paused.seconds)}
        except WrongPassword as wrong:
            fault = said(wrong)
    page = render_template("admin/login.html", form=form, fault=fault, next=target, has_ended=has_ended_session())
    return page, code, headers


@auth.route("/password/<token>", methods=["GET", "POST"])
def password(token: str) -> ResponseReturnValue:
    """Let somebody with a good link set his or her password."""
    owner = owner_of_link(token, now=datetime.now(UTC))
    if owner is None:
        return render_template("admin/new_password.html", form=None), 410
    form, fault, email = NewPasswordForm(), "", owner.email
    if form.validate_on_submit():
        try:
            set_password_by_link(token, form.password.data or "", now=datetime.now(UTC))
        except Refused as refused:
            fault = said(refused)
        else:
            flash(gettext("Your password is set. Sign in with it."), "success")
            return redirect(url_for("auth.login"))
    return render_template("admin/new_password.html", form=form, fault=fault, email=email)


@auth.route("/logout", methods=["POST"])
def logout() -> ResponseReturnValue:
    """End this session, here and in every copy of its cookie."""
    sign_out(current_user.session_id, now=datetime.now(UTC))
    logout_user()
    session.clear()
    flash(gettext("You are signed out."), "success")
    return redirect(url_for("auth.login"))


def _sign_in(form: SignInForm) -> str:
    """Sign in and give the name of this browser, new when the person never signed in from it."""
    now = datetime.now(UTC)
    email = form.email.data or ""
    known_device = _known_device(kept_email(email))
    token = sign_in(
        email,
        form.password.data or "",
        remote_address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        now=now,
        known_device=known_device,
    )
    session.clear()
    login_user(SignedInPerson(token, resume(token, idle=LIFETIME, now=now)))
    return known_device or secrets.token_urlsafe(16)


def _known_device(email: str) -> str:
    """Give the name of this browser if the person with this e-mail address signed in from it, else nothing."""
    signed = request.cookies.get(_device_cookie(email), "")
    try:
        return _device_signer(email).unsign(signed, max_age=int(DEVICE_KNOWN.total_seconds())).decode()
    except BadSignature:
        return ""


def _remembering(device: str, email: str, response: Response) -> Response:
    response.set_cookie(
        _device_cookie(email),
        _device_signer(email).sign(device).decode(),
        max_age=DEVICE_KNOWN,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
    return response


def _device_cookie(email: str) -> str:
    """Give a name of its own for each person, so that colleagues may share a browser."""
    prefix = "__Host-" if current_app.config["SESSION_COOKIE_SECURE"] else ""
    return f"{prefix}device-{hashlib.sha256(email.encode()).hexdigest()[:16]}"


def _device_signer(email: str) -> TimestampSigner:
    return TimestampSigner(str(current_app.secret_key), salt=f"device {email}", digest_method=hashlib.sha256)
