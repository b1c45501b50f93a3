"""The people who may sign in: adding them, their passwords, their sessions."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from models.base import db
from models.party import Company
from models.staff import PasswordLink, Staff, StaffGrant, StaffSession
from permissions import NEEDS, SYSTEM, Action, Actor, Grant
from services.errors import Refused
from services.formats import is_email
from services.records import changing, creating, remember, writing_records
from services.sign_in import (
    LIFETIME,
    companies_of,
    end_links,
    end_sessions,
    forget_tries,
    hash_password,
    hashed,
    kept_email,
)
from services.unit_of_work import Edit

LINK_LIFETIME = timedelta(hours=1)
SESSIONS_SHOWN = 20


def check_new_email(email: str) -> str:
    """Give the e-mail address as it is kept. Raises Refused when it is none, or someone's already."""
    email = kept_email(email)
    if not is_email(email):
        raise Refused("%(email)r is not an e-mail address.", email=email)
    if db.session.scalar(select(Staff.id).where(Staff.email == email)):
        raise Refused("%(email)s belongs to someone of the staff already.", email=email)
    return email


def parse_grants(texts: Sequence[str]) -> list[Grant]:
    """Read grants such as `order:editor`. Raises Refused when one is none, or a role is given twice."""
    if not texts:
        raise Refused("At least one --grant ROLE:LEVEL is needed; without any a person may do nothing.")
    try:
        grants = [Grant.parse(text) for text in texts]
    except ValueError as error:
        raise Refused("%(error)s", error=error) from error
    for grant in grants:
        if sum(grant.role == other.role for other in grants) > 1:
            raise Refused("The role %(role)s is granted twice.", role=grant.role)
    return grants


def missing_to_see_orders(texts: Sequence[str]) -> list[Grant]:
    """Give the grants that somebody with these lacks to see orders."""
    held = parse_grants(texts)
    return [
        needed
        for needed in NEEDS[Action.ORDERS_SEE].grants
        if not any(grant.role == needed.role and grant.level >= needed.level for grant in held)
    ]


def find_companies(debtor_ids: Sequence[str]) -> list[Company]:
    """Give the companies with these debtor ids. Raises Refused when there is none for one of them."""
    found: dict[int, Company] = {}
    for debtor_id in debtor_ids:
        companies = db.session.scalars(select(Company).where(Company.debtor_id == debtor_id)).all() if debtor_id else []
        if not companies:
            raise Refused("There is no company with the debtor id %(debtor_id)r.", debtor_id=debtor_id)
        found.update((company.id, company) for company in companies)
    return list(found.values())


def add_staff(
    email: str, password: str, *, grants: Sequence[str], companies: Sequence[str] = (), name: str = "", now: datetime
) -> None:
    """Add a person; `companies`, by debtor id, limit him or her to their orders. Raises Refused."""
    check_new_email(email)
    password_hash = hash_password(password)
    name = " ".join(name.split()) or kept_email(email).partition("@")[0]
    if len(name) > 100 or not name.isprintable():
        raise Refused("The name may have at most 100 characters, without line breaks.")
    with creating(Staff(), edit=by_command(now)) as staff:
        staff.email = check_new_email(email)
        staff.name = name
        staff.password_hash = password_hash
        staff.is_limited = bool(companies)
        staff.grants = [StaffGrant.of(grant) for grant in parse_grants(grants)]
        staff.companies = find_companies(companies)


def by_command(now: datetime) -> Edit:
    """Give what a change on the command line stands under in the history."""
    return Edit(SYSTEM, Action.STAFF_EDIT, now, note="on the command line")


def find_staff(email: str) -> Staff:
    """Give the person with this e-mail address. Raises Refused."""
    staff = db.session.scalar(select(Staff).where(Staff.email == kept_email(email)))
    if staff is None:
        raise Refused("Nobody of the staff has the e-mail address %(email)r.", email=email)
    return staff


def everybody() -> Sequence[Staff]:
    """Give all of the staff, by e-mail address, with their grants and companies."""
    with_told = selectinload(Staff.grants), selectinload(Staff.companies)
    return db.session.scalars(select(Staff).order_by(Staff.email).options(*with_told)).all()


def let_in(staff_id: int, *, edit: Edit) -> None:
    """Let a person sign in again. Raises NotAllowed, or Refused."""
    with changing(Staff, staff_id, edit=edit) as staff:
        staff.is_active = True


def shut_out(staff_id: int, *, edit: Edit) -> None:
    """Let a person not sign in any more; sessions end. Raises NotAllowed, or Refused for the last keeper of staff."""
    with changing(Staff, staff_id, edit=edit) as staff:
        staff.is_active = False


def set_password(staff_id: int, password: str, *, edit: Edit, keeping: int | None = None) -> None:
    """Give a person a new password: sessions end but the one to keep, links and refused tries are forgotten.

    Raises Refused when the password is too short or too long.
    """
    password_hash = hash_password(password)
    with changing(Staff, staff_id, edit=edit) as staff:
        _give(staff, password_hash, edit, keeping)


def _give(staff: Staff, password_hash: str, edit: Edit, keeping: int | None = None) -> None:
    staff.password_hash = password_hash
    staff.failures_in_a_row = 0
    staff.updated_at = edit.now
    forget_tries(staff.email)
    end_sessions(staff.id, now=edit.now, keeping=keeping)
    end_links(staff.id)
    db.session.flush()  # the history tells the version that this makes
    remember(staff, edit, "password")


# ---- links that set a password once ----


def new_password_link(staff_id: int, *, edit: Edit) -> str:
    """Make a link for a person, good for an hour and once, and give its token; older links end.

    Raises NotAllowed, or Refused for somebody who cannot sign in or sees more than the actor.
    """
    token = secrets.token_urlsafe(32)
    with changing(Staff, staff_id, edit=edit) as staff:
        if not staff.is_active:
            raise Refused("%(name)s is not active, so a link would not work.", name=staff.name)
        if edit.actor.companies is not None and not companies_of(staff_id) <= edit.actor.companies:
            raise Refused("%(name)s works for companies that you do not work for.", name=staff.name)
        end_links(staff.id)
        db.session.add(PasswordLink(token_hash=hashed(token), staff_id=staff.id, expires_at=edit.now + LINK_LIFETIME))
        remember(staff, edit, "password_link")
    return token


def owner_of_link(token: str, *, now: datetime) -> Staff | None:
    """Give the active person whose link this is, as long as it is good."""
    return db.session.scalar(
        select(Staff)
        .join(PasswordLink, PasswordLink.staff_id == Staff.id)
        .where(PasswordLink.token_hash == hashed(token), PasswordLink.expires_at > now, Staff.is_active)
    )


def set_password_by_link(token: str, password: str, *, now: datetime) -> None:
    """Set the password of the person whose link this is; the link ends. Raises Refused."""
    ended = Refused("This link is no longer valid. Ask for a new one.")
    owner = owner_of_link(token, now=now)
    if owner is None:
        raise ended
    password_hash = hash_password(password)
    edit = Edit(Actor(owner.id, owner.name, frozenset()), Action.OWN_ACCOUNT, now, note="by a link")
    with changing(Staff, owner.id, edit=edit) as staff:
        if owner_of_link(token, now=now) is None:  # used meanwhile
            raise ended
        _give(staff, password_hash, edit)


# ---- theme ----


def choose_theme(theme: str, *, edit: Edit) -> None:
    """Keep the actor's theme. Raises NotAllowed."""
    with writing_records(edit, Staff):
        keep_theme(theme, edit.actor.person)


def keep_theme(theme: str, staff_id: int) -> None:
    """Keep a theme in the caller's transaction, without a new version: pages that look otherwise change nothing."""
    db.session.execute(update(Staff).where(Staff.id == staff_id).values(theme=theme))


# ---- sessions ----


@dataclass(frozen=True)
class Session:
    """A sign-in of a person: when and where, and whether it is still open."""

    id: int
    created_at: datetime
    last_used_at: datetime
    remote_address: str
    user_agent: str
    is_open: bool


def sessions_of(staff_id: int, *, idle: timedelta, now: datetime) -> list[Session]:
    """Give the latest sign-ins of a person, the newest first."""
    rows = db.session.scalars(
        select(StaffSession)
        .where(StaffSession.staff_id == staff_id)
        .order_by(StaffSession.id.desc())
        .limit(SESSIONS_SHOWN)
    )
    return [
        Session(
            row.id,
            row.created_at,
            row.last_used_at,
            row.remote_address,
            row.user_agent,
            row.ended_at is None and now < min(row.created_at + LIFETIME, row.last_used_at + idle),
        )
        for row in rows
    ]


def end_session(session_id: int, staff_id: int, *, edit: Edit) -> None:
    """End one session of a person. Raises NotAllowed or Gone."""
    with changing(Staff, staff_id, edit=edit) as staff:
        of_person = select(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == staff_id)
        opened = db.session.scalar(of_person.with_for_update())
        if opened is not None and opened.ended_at is None:
            opened.ended_at = edit.now
            remember(staff, edit, "session")
