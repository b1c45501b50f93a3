"""What happened to the rows that owners keep: append-only."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.kept import KeptRow
from models.order_history import Origin
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text
from permissions import Actor


class RecordHistory(ScopedRow, Base):
    """One field of one committed change of a kept row: which version it made, who, when, from and to.

    `record_type` is the row's table and `name` what the row was called then. The row of a creation has
    no field and no value before, that of a deletion no field and no value after.
    """

    __tablename__ = "record_history"
    __table_args__ = (
        among("origin", Origin),
        CheckConstraint("(origin = 'STAFF') = (staff_id IS NOT NULL)", name="staff"),
        Index(None, "record_type", "record_id", "id"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED: ClassVar = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    record_type: Mapped[str] = mapped_column(text(32))
    record_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(text(255), default="")
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    origin: Mapped[str] = mapped_column(text(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    field: Mapped[str] = mapped_column(text(64), default="")
    old_value: Mapped[str] = mapped_column(text(4000), default="")
    new_value: Mapped[str] = mapped_column(text(4000), default="")
    note: Mapped[str] = mapped_column(text(1000), default="")

    staff: Mapped[Staff | None] = relationship()

    @property
    def who(self) -> Staff | str:
        """The person who made the change, or the origin of what no person did."""
        return self.staff or self.origin

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Leave out the fields whose values name companies and customers, unless all exist for `actor`."""
        return true() if actor.companies is None else cls.field.not_in(_naming_fields())


@cache
def _naming_fields() -> Sequence[str]:
    kept = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, KeptRow)]
    relations = [relation for mapper in kept for relation in mapper.relationships]
    return sorted({relation.key for relation in relations if issubclass(relation.mapper.class_, ScopedRow)})
