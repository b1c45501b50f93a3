"""What makes a set-up unsafe to work with: settings of a trial, people of the demo, parts that are missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from config import Settings
from models.base import db
from models.staff import NO_PASSWORD, Staff
from services.demo.people import DOMAIN
from services.health import Readiness, readiness
from services.rules import keepers_of_staff

LONG_SECRET = 32
FEW_CHARACTERS = 10
"""A key with fewer different ones is no random one."""
HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Item:
    """Something that has to be so; `fault` says what is wrong and what would do."""

    name: str
    fault: str = ""


def check_deployment(settings: Settings, *, now: datetime) -> list[Item]:
    """Look at the settings, the people and the parts. The people are looked at once the database is there."""
    state = readiness(now=now)
    return [*items_of(settings), *_parts(state), *(_people() if state.is_ready else ())]


def items_of(settings: Settings) -> Iterator[Item]:
    """Look at the settings by themselves."""
    yield Item(
        "TRUSTED_HOSTS",
        ""
        if set(settings.trusted_hosts) - set(HERE)
        else "it names no host, so cookies are not bound to HTTPS. Set it to the names under which people come.",
    )
    key = settings.secret_key
    yield Item(
        "SECRET_KEY",
        ""
        if len(key) >= LONG_SECRET and len(set(key)) >= FEW_CHARACTERS
        else f"it can be guessed. Leave it out, or set {LONG_SECRET} or more random characters.",
    )
    yield Item("MAIL_URL", _mail_fault(settings.mail_url))
    is_forgetful = settings.files_url.startswith("memory:")
    yield Item("FILES_URL", "files in memory are gone with the process. Name a folder or a store." * is_forgetful)


def _mail_fault(url: str) -> str:
    if not url:
        return "it is empty, so mails become files that nobody gets. Name a mail server."
    parts = urlsplit(url)
    if parts.scheme == "smtp" and parts.hostname not in HERE:
        return "smtp:// is not encrypted. Write smtp+starttls:// or smtps://."
    return ""


def _parts(state: Readiness) -> Iterator[Item]:
    for name, said in state.parts.items():
        yield Item(name, "" if said == "ok" else f"{said}.")


def _people() -> Iterator[Item]:
    demo = db.session.scalars(
        select(Staff.email)
        .where(Staff.email.endswith(f"@{DOMAIN}"), Staff.is_active, Staff.password_hash != NO_PASSWORD)
        .order_by(Staff.email)
    ).all()
    yield Item("people of the demo", f"{', '.join(demo)} may sign in. Deactivate them." if demo else "")
    yield Item("an owner of Staff", "" if keepers_of_staff() else "nobody can add people. Add one with staff:owner.")
