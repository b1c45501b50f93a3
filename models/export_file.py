"""Files that are written in the background: who asked, for what, and where each is until it expires."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.job import OPEN, Job
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text, within
from permissions import Action, Actor


class FileRows(StrEnum):
    """What a row of a file is."""

    ORDERS = "orders"
    LINES = "lines"


class FileFormat(StrEnum):
    """How a file is written; the value is the ending of its name."""

    CSV = "csv"
    XLSX = "xlsx"


class Document(StrEnum):
    """What is printed of an order."""

    CONFIRMATION = "confirmation"
    PACKING_SLIP = "packing-slip"
    PICK_LIST = "pick-list"


class CsvForm(StrEnum):
    """What stands between the cells of a CSV; with the semicolon goes a decimal comma."""

    COMMA = "comma"
    SEMICOLON = "semicolon"


class ExportFile(ScopedRow, Base):
    """A file that somebody asked for. It can be fetched from `finished_at` until `expires_at`.

    `query` and `columns` are JSON as `services.kept_query` writes it, `question` the conditions in the
    person's words and `asked` the question in the list's address. `scope` tells for which companies the
    rows were read. `stored_as` is the name in the store, empty while there is nothing. `key` is the form's:
    what was sent twice with it is one file.
    """

    __tablename__ = "export_file"
    __table_args__ = (
        among("rows", FileRows),
        among("format", FileFormat),
        among("form", CsvForm),
        within("size", 0),
        within("row_count", 0),
        CheckConstraint("finished_at IS NOT NULL OR stored_as = ''", name="stored"),
        UniqueConstraint("staff_id", "key"),
        Index(None, "staff_id", "id"),
        Index(None, "expires_at"),
        Index(None, "job_id"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED: ClassVar = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(text(43))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rows: Mapped[str] = mapped_column(text(8))
    format: Mapped[str] = mapped_column(text(8))
    form: Mapped[str] = mapped_column(text(16), default=CsvForm.COMMA)
    zone: Mapped[str] = mapped_column(text(64))
    question: Mapped[str] = mapped_column(text(2000))
    asked: Mapped[str] = mapped_column(text(8192))
    query: Mapped[str] = mapped_column(text(100_000))
    columns: Mapped[str] = mapped_column(text(20_000))
    name: Mapped[str] = mapped_column(text(100))
    scope: Mapped[str] = mapped_column(text(64), default="")
    stored_as: Mapped[str] = mapped_column(text(64), default="")
    size: Mapped[int] = mapped_column(Key, default=0)
    row_count: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()
    job: Mapped[Job | None] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """A person's own files; everybody's for whoever may see them and is not limited to certain companies."""
        if actor.companies is None and actor.may(Action.JOBS_OTHERS):
            return true()
        return cls.staff_id == (actor.staff_id or 0)

    @property
    def is_open(self) -> bool:
        """It is still to be written."""
        return self.finished_at is None and self.job is not None and self.job.state in OPEN

    def may_be_fetched(self, now: datetime) -> bool:
        """Whether the file is there."""
        return bool(self.stored_as) and now < self.expires_at
