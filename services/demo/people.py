"""The staff of the demo: three who may sign in, and colleagues who stand in the history."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from models.base import db
from models.staff import NO_PASSWORD, Staff, StaffGrant
from permissions import Grant, Level, Role, everything
from services.errors import Refused
from services.loading import Loading
from services.sign_in import hash_password, is_password

DOMAIN = "demo.example"
GRANTS = {
    "owner": tuple(everything()),
    "editor": (
        Grant(Role.ORDER, Level.EDITOR),
        Grant(Role.BACKOFFICE, Level.VIEWER),
        Grant(Role.USER, Level.VIEWER),
        Grant(Role.PRODUCT, Level.VIEWER),
    ),
    "viewer": (Grant(Role.ORDER, Level.VIEWER), Grant(Role.BACKOFFICE, Level.VIEWER)),
}
NAMES = {"owner": "Eva Bakker", "editor": "Tom Peeters", "viewer": "Nina Schmidt"}
COLLEAGUES = ("Sanne de Vries", "Mark Jansen", "Lotte van den Berg", "Daan Visser", "Fatima El Amrani", "Pieter Smit")


class People(NamedTuple):
    """Ids of staff."""

    owner: int
    editor: int
    colleagues: tuple[int, ...]


def refuse_known(connection: Connection) -> None:
    """Raise Refused when someone of the demo is there already."""
    known = connection.scalar(select(Staff.email).where(Staff.email.in_([f"{name}@{DOMAIN}" for name in GRANTS])))
    if known:
        raise Refused("The demo needs an empty database: %(email)s is there already.", email=known)


def add_people(load: Loading, passwords: dict[str, str], hired_at: datetime) -> People:
    """Add the staff, with the grants of those who may sign in."""
    rows = [
        _row(f"{role}@{DOMAIN}", NAMES[role], hash_password(password), hired_at) for role, password in passwords.items()
    ]
    rows += [_row(f"{name.lower().replace(' ', '.')}@{DOMAIN}", name, NO_PASSWORD, hired_at) for name in COLLEAGUES]
    ids = load.add_rows(Staff, rows)
    load.connection.execute(
        insert(StaffGrant),
        [
            {"staff_id": staff_id, "role": str(grant.role), "level": int(grant.level)}
            for staff_id, role in zip(ids, passwords, strict=False)
            for grant in GRANTS[role]
        ],
    )
    return People(ids[0], ids[1], tuple(ids[3:]))


def new_passwords() -> dict[str, str]:
    """Make a password for each who may sign in. They never come from the seed."""
    return {role: secrets.token_urlsafe(15) for role in GRANTS}


def keep_logins(instance: Path, passwords: dict[str, str]) -> Path:
    """Write the logins to a file that its owner alone may read."""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "demo-logins.txt"
    draft = instance / f"demo-logins.{os.getpid()}.draft"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.writelines(f"{role}@{DOMAIN}  {password}\n" for role, password in passwords.items())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def kept_logins(instance: Path) -> str:
    """Give the kept logins as they were written, or nothing when they are those of another database."""
    path = instance / "demo-logins.txt"
    text = path.read_text(encoding="ascii") if path.is_file() else ""
    email, _, password = text.partition("\n")[0].partition("  ")
    hashed = db.session.scalar(select(Staff.password_hash).where(Staff.email == email))
    return text if hashed and is_password(hashed, password) else ""


def _row(email: str, name: str, password_hash: str, hired_at: datetime) -> dict[str, Any]:
    return {"email": email, "name": name, "password_hash": password_hash, "created_at": hired_at}
