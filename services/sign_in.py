"""Signing in and out: passwords, sessions as rows, and the brake on guessing.

Passwords are hashed with Argon2id at the least costs that OWASP names (19 MiB, two passes, one lane).
A session lives for the idle time of the settings and never longer than twelve hours.
"""

import hashlib
import math
import secrets
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, text, true, update
from sqlalchemy.exc import OperationalError

from models.base import begin_reading, db, writing
from models.snapshot import Seen, snapshot
from models.staff import PasswordLink, SignInFailure, Staff, StaffGrant, StaffSession, staff_company
from permissions import Actor, Grant, Level, Role
from services.errors import Invalid, Refused

LIFETIME = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
TRIES_FROM_ONE_PLACE = 10
TRIES_PER_EMAIL = 50
TRIES_PER_ADDRESS = 50
TRIES_IN_ALL = 1_000
FAILURES_IN_A_ROW = 100
"""How often an account may be tried without a success in between (NIST SP 800-63B), however slowly."""
FAILURES_OF_STRANGERS = 80
"""The part of them that strangers can use up; the rest is left to the browsers that know the person."""
SESSIONS_KEPT = timedelta(days=30)
"""How long the row of a session outlives it, to tell who signed in when and where."""
LONGEST_PASSWORD = 1_024
SHORTEST_PASSWORD = 15
USE_WRITTEN_EVERY = timedelta(minutes=1)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
_nobodys_hash = _hasher.hash(secrets.token_hex())


class Paused(Refused):
    """Too many refused tries; `seconds` says how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            "Too many attempts. Signing in pauses for %(minutes)d minutes.", minutes=math.ceil(self.seconds / 60)
        )


class WrongPassword(Refused):
    """No active person has this e-mail address with this password."""


class SessionEnded(Exception):
    """The token belongs to no session that is still open."""


@dataclass(frozen=True)
class SignedIn:
    """An open session with the person in it, read afresh for every request, and the snapshot that showed it."""

    session_id: int
    actor: Actor
    email: str
    timezone: str
    language: str
    theme: str
    snapshot: Hashable


def hash_password(password: str) -> str:
    """Give the Argon2id hash of `password`. Raises Invalid when it is too short or too long."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("password", "A password needs at least %(least)d characters.", least=SHORTEST_PASSWORD)
    if len(password.encode()) > LONGEST_PASSWORD:
        raise Invalid("password", "A password may have at most %(most)d bytes.", most=LONGEST_PASSWORD)
    return _hasher.hash(password)


def kept_email(email: str) -> str:
    """Give the e-mail address as it is compared."""
    return email.replace("\0", "").strip().lower()


def sign_in(
    email: str, password: str, *, remote_address: str, user_agent: str, now: datetime, known_device: str = ""
) -> str:
    """Open a session and give its token. Raises Paused or WrongPassword.

    The same work is done, and the same answer given, whether or not the address is known. `known_device`
    names the browser when this person has signed in from it before: strangers cannot use up its tries.
    """
    email, place = kept_email(email), hashed(known_device) if known_device else remote_address[:64]
    is_open = _spend_a_try(email, place, now, is_known=bool(known_device))
    staff = db.session.scalar(select(Staff).where(Staff.email == email, Staff.is_active))
    is_right = is_password(staff.password_hash if staff else _nobodys_hash, password)
    if staff is None or not is_right or not is_open:
        raise WrongPassword("The e-mail address or the password is not right.")
    return _open_session(staff, place, remote_address[:64], user_agent[:255], now)


def confirm_password(staff_id: int, password: str, *, place: str, now: datetime) -> None:
    """Make sure that it is the person who sits there. Raises Paused or WrongPassword; wrong tries count as such."""
    staff = db.session.get_one(Staff, staff_id)
    email, password_hash = staff.email, staff.password_hash
    is_open = _spend_a_try(email, place, now, is_known=True)
    if not is_password(password_hash, password) or not is_open:
        raise WrongPassword("This is not your password.")
    with writing():
        db.session.execute(delete(SignInFailure).where(_of(email, place)))
        db.session.execute(update(Staff).where(Staff.id == staff_id).values(failures_in_a_row=0))


def sign_out(session_id: int, *, now: datetime) -> None:
    """End one session."""
    with writing():
        db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(ended_at=now))


def end_sessions(staff_id: int, *, now: datetime, keeping: int | None = None) -> None:
    """End every session of a person but the one to keep, in the caller's transaction."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.id != (keeping or 0))
        .values(ended_at=now)
    )


def end_links(staff_id: int) -> None:
    """End every link that sets a person's password, in the caller's transaction."""
    db.session.execute(delete(PasswordLink).where(PasswordLink.staff_id == staff_id))


def resume(token: str, *, idle: timedelta, now: datetime, is_used: bool = True) -> SignedIn:
    """Give the open session of `token`. Raises SessionEnded.

    A grant that was taken away or a person who was deactivated is seen at once: nothing is kept. What a page asks by
    itself, with nobody there, is not `is_used`: it does not keep the session open.
    """
    # Below the walls of the session: sessions of the staff have no scope, and every request asks this.
    connection = begin_reading()
    rows = connection.execute(_resumed, {"token_hash": hashed(token)}).all()
    if not rows:
        raise SessionEnded
    first = rows[0]
    seen = snapshot(connection, first.seen)
    if first.created_at + LIFETIME <= now or first.last_used_at + idle <= now:
        raise SessionEnded
    if is_used and first.last_used_at + USE_WRITTEN_EVERY <= now:
        _write_use(first.session_id, now)
    return SignedIn(
        session_id=first.session_id,
        actor=_actor(rows),
        email=first.email,
        timezone=first.timezone,
        language=first.language,
        theme=first.theme,
        snapshot=seen,
    )


def actor_of(staff_id: int) -> Actor:
    """Give a person as he or she is now; whoever is no longer active may do nothing."""
    rows = db.session.connection().execute(_granted, {"staff_id": staff_id}).all()
    return _actor(rows) if rows else Actor(staff_id, "", frozenset(), frozenset())


def _actor(rows: Sequence[Any]) -> Actor:
    first = rows[0]
    grants = _grants(tuple((row.role, row.level) for row in rows if row.role))
    return Actor(first.staff_id, first.name, grants, companies_of(first.staff_id) if first.is_limited else None)


@lru_cache(256)
def _grants(kept: tuple[tuple[str, int], ...]) -> frozenset[Grant]:
    return frozenset(Grant(Role(role), Level(level)) for role, level in kept)


_granted = (
    select(Staff.id.label("staff_id"), Staff.name, Staff.is_limited, StaffGrant.role, StaffGrant.level)
    .outerjoin(StaffGrant, StaffGrant.staff_id == Staff.id)
    .where(Staff.id == bindparam("staff_id"), Staff.is_active)
)
_resumed = (
    select(
        StaffSession.id.label("session_id"),
        StaffSession.created_at,
        StaffSession.last_used_at,
        Staff.id.label("staff_id"),
        Staff.name,
        Staff.email,
        Staff.timezone,
        Staff.language,
        Staff.theme,
        Staff.is_limited,
        StaffGrant.role,
        StaffGrant.level,
        Seen().label("seen"),
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .outerjoin(StaffGrant, StaffGrant.staff_id == Staff.id)
    .where(
        StaffSession.token_hash == bindparam("token_hash"),
        StaffSession.ended_at.is_(None),
        Staff.is_active,
    )
)


def companies_of(staff_id: int) -> frozenset[int]:
    """Give all companies that a person is limited to, whoever asks."""
    return frozenset(db.session.scalars(select(staff_company.c.company_id).where(staff_company.c.staff_id == staff_id)))


def _write_use(session_id: int, now: datetime) -> None:
    """Note that the session is in use; a page does not wait for a long write of somebody else."""
    with suppress(OperationalError), writing(patience=100):
        db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(last_used_at=now))


def _spend_a_try(email: str, place: str, now: datetime, *, is_known: bool) -> bool:
    """Count the try as refused before looking at it, so that many at once cannot slip past the count.

    Says whether the account, if there is one, may still be tried.
    """
    with writing():
        _one_at_a_time()
        of_email, of_place = SignInFailure.email_hash == hashed(email), SignInFailure.remote_address == place
        limits = [(and_(of_email, of_place), TRIES_FROM_ONE_PLACE)]
        if not is_known:
            limits += [(of_email, TRIES_PER_EMAIL), (of_place, TRIES_PER_ADDRESS), (true(), TRIES_IN_ALL)]
        recent = select(func.count(), func.min(SignInFailure.at)).where(SignInFailure.at > now - WINDOW)
        found = [(db.session.execute(recent.where(among)).one(), most) for among, most in limits]
        waits = [oldest + WINDOW - now for (tries, oldest), most in found if tries >= most]
        if waits:
            raise Paused(max(waits))
        db.session.add(SignInFailure(email_hash=hashed(email), remote_address=place, at=now))
        most = FAILURES_IN_A_ROW if is_known else FAILURES_OF_STRANGERS
        counted = db.session.execute(
            update(Staff)
            .where(Staff.email == email, Staff.failures_in_a_row < most)
            .values(failures_in_a_row=Staff.failures_in_a_row + 1)
            .returning(Staff.id)
        ).all()
    return bool(counted)


def _one_at_a_time() -> None:
    """Let tries be counted one after the other; on SQLite a writing transaction is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE sign_in_failure IN SHARE ROW EXCLUSIVE MODE"))


def _open_session(staff: Staff, place: str, remote_address: str, user_agent: str, now: datetime) -> str:
    """Add the session, forget the refused tries from this place, and sweep away what is old."""
    token = secrets.token_urlsafe(32)
    forgiven = _of(staff.email, place)
    opened = StaffSession(
        token_hash=hashed(token),
        staff_id=staff.id,
        created_at=now,
        last_used_at=now,
        remote_address=remote_address,
        user_agent=user_agent,
    )
    with writing():
        # Tries first, as where they are counted: two that lock in another order would wait for each other.
        db.session.execute(delete(SignInFailure).where(or_(forgiven, SignInFailure.at < now - WINDOW)))
        db.session.execute(update(Staff).where(Staff.id == opened.staff_id).values(failures_in_a_row=0))
        db.session.execute(delete(StaffSession).where(StaffSession.created_at < now - LIFETIME - SESSIONS_KEPT))
        db.session.add(opened)
    return token


def _of(email: str, place: str) -> ColumnElement[bool]:
    return and_(SignInFailure.email_hash == hashed(email), SignInFailure.remote_address == place)


def forget_tries(email: str) -> None:
    """Let a person begin anew, in the caller's transaction: whoever was refused may try again."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.email_hash == hashed(email)))


def is_password(password_hash: str, password: str) -> bool:
    """Compare, doing the same work for a password that nobody can have and a hash that is none."""
    is_possible = len(password.encode()) <= LONGEST_PASSWORD
    try:
        _hasher.verify(password_hash, password if is_possible else "-")
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError):
        is_password(_nobodys_hash, password)
        return False
    return is_possible


def hashed(text: str) -> str:
    """Give what is kept of a token, of a browser's name, of an e-mail address that was tried."""
    return hashlib.sha256(text.encode()).hexdigest()
