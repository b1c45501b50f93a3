"""The seller's own people: what they may, which companies they see, and where they are signed in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.kept import KeptRow
from models.party import Company
from models.types import Key, UtcDateTime, among, text
from permissions import Grant, Level, Role

company_manager = Table(
    "company_manager",
    Base.metadata,
    Column("staff_id", Key, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("company_id", Key, ForeignKey("company.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""Which companies a person manages: "All mine" in the company picker."""

staff_company = Table(
    "staff_company",
    Base.metadata,
    Column("staff_id", Key, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("company_id", Key, ForeignKey("company.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""Which companies a limited person is limited to."""


class Theme(StrEnum):
    """In which colours the pages are drawn; as the system says when none is chosen."""

    LIGHT = "light"
    DARK = "dark"


NO_PASSWORD = "!"  # nosec B105: it is none
"""No password has this hash, so nobody can sign in with it."""


class Staff(KeptRow, Base):
    """A person who may sign in. E-mail addresses are kept in lower case.

    A limited person sees the orders of `companies` and nothing else. Whoever chose no language, time zone
    or theme has that of the browser or of the settings.
    """

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"), {"sqlite_autoincrement": True})

    SEARCHED = ("name", "email")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(text(255), unique=True)
    name: Mapped[str] = mapped_column(text(100), index=True)
    password_hash: Mapped[str] = mapped_column(text(255), default=NO_PASSWORD)
    failures_in_a_row: Mapped[int] = mapped_column(default=0, server_default="0")
    timezone: Mapped[str] = mapped_column(text(64), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_limited: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(text(2), default="", server_default="")
    theme: Mapped[str] = mapped_column(text(8), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    grants: Mapped[list["StaffGrant"]] = relationship(cascade="all, delete-orphan", order_by="StaffGrant.role")
    companies: Mapped[list[Company]] = relationship(secondary=staff_company)
    managed_companies: Mapped[list[Company]] = relationship(secondary=company_manager, back_populates="managers")

    @property
    def has_password(self) -> bool:
        """Whether the person has ever set one."""
        return self.password_hash != NO_PASSWORD

    def __str__(self) -> str:
        return self.name


class StaffGrant(Base):
    """A role that a person holds, at a level."""

    __tablename__ = "staff_grant"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        among("role", Role),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(text(16), primary_key=True)
    level: Mapped[int]

    @classmethod
    def of(cls, grant: Grant) -> "StaffGrant":
        """Make the row that stores `grant`."""
        return cls(role=grant.role, level=grant.level)

    @property
    def grant(self) -> Grant:
        return Grant(Role(self.role), Level(self.level))

    def __str__(self) -> str:
        return str(self.grant)


class StaffSession(Base):
    """A signed-in browser. The cookie carries a random token; only its hash is kept here."""

    __tablename__ = "staff_session"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(text(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remote_address: Mapped[str] = mapped_column(text(64), default="")
    user_agent: Mapped[str] = mapped_column(text(255), default="")


class PasswordLink(Base):
    """A way to set a password once, without the old one. The link carries a random token; its hash is kept here."""

    __tablename__ = "password_link"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(text(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class SignInFailure(Base):
    """A refused sign-in, kept to slow down guessing: by the e-mail address tried and where it came from.

    `remote_address` is the network address, or the hash of a device from which the person signed in before.
    """

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index(None, "email_hash", "at"),
        Index(None, "remote_address", "at"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email_hash: Mapped[str] = mapped_column(text(64))
    remote_address: Mapped[str] = mapped_column(text(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
