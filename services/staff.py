"""Adding people to the staff, and giving them passwords."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from models.base import begin_writing, db
from models.party import Company
from models.staff import Staff, StaffGrant
from permissions import NEEDS, Action, Grant
from services.errors import Refused
from services.sign_in import end_sessions, hash_password


def check_new_email(email: str) -> str:
    """Give the e-mail address as it is kept. Raises Refused when it is none, or someone's already."""
    email = _kept(email)
    if len(email) > 255 or not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email) or not email.isprintable():
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
    password_hash = hash_password(password)
    begin_writing(db.session)
    email = check_new_email(email)
    name = " ".join(name.split()) or email.partition("@")[0]
    if len(name) > 100 or not name.isprintable():
        raise Refused("The name needs at most 100 characters that can be printed.")
    db.session.add(
        Staff(
            email=email,
            name=name,
            password_hash=password_hash,
            is_limited=bool(companies),
            created_at=now,
            grants=[StaffGrant.of(grant) for grant in parse_grants(grants)],
            companies=find_companies(companies),
        )
    )
    db.session.commit()


def find_staff(email: str) -> Staff:
    """Give the person with this e-mail address. Raises Refused."""
    staff = db.session.scalar(select(Staff).where(Staff.email == _kept(email)))
    if staff is None:
        raise Refused("No one of the staff has the e-mail address %(email)r.", email=email)
    return staff


def set_password(email: str, password: str, *, now: datetime) -> None:
    """Give a person a new password, end every session and forget refused tries. Raises Refused."""
    password_hash = hash_password(password)
    begin_writing(db.session)
    staff = find_staff(email)
    staff.password_hash = password_hash
    staff.failures_in_a_row = 0
    end_sessions(staff.id, now=now)
    db.session.commit()


def _kept(email: str) -> str:
    return email.strip().lower()
