"""Order statuses, what may follow them, and the sets that group them into tabs. Owners edit these rows."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.kept import KeptRow
from models.types import Key, among, text


class OrderType(StrEnum):
    """What a record is: an order, a quote, or a request for one. Its status says so."""

    ORDER = "ORDER"
    QUOTATION = "QUOTATION"
    REQUEST = "REQUEST"


class StatusKind(StrEnum):
    """SYSTEM statuses are built in and stay; CUSTOM ones come and go."""

    SYSTEM = "SYSTEM"
    CUSTOM = "CUSTOM"


class StatusColour(StrEnum):
    """The grounds that a status badge may have; each has a light and a dark form in the stylesheet."""

    OUTLINE = "outline"
    AMBER = "amber"
    BLUE = "blue"
    CYAN = "cyan"
    INDIGO = "indigo"
    PURPLE = "purple"
    TEAL = "teal"
    GREEN = "green"
    RED = "red"
    GREY = "grey"


status_next = Table(
    "order_status_next",
    Base.metadata,
    Column("status_id", Key, ForeignKey("order_status.id", ondelete="CASCADE"), primary_key=True),
    Column("next_id", Key, ForeignKey("order_status.id", ondelete="CASCADE"), primary_key=True),
)
"""Which status may follow which."""


PLACES = {"column": "position", "least": 0, "most": 1_000_000}
"""Where statuses and sets may stand. A rule holds it, as `within` would, and no check: the column is older."""


class StatusSet(KeptRow, Base):
    """A group of statuses that is one tab of the order list. `position` orders the tabs."""

    __tablename__ = "status_set"
    __table_args__ = ({"sqlite_autoincrement": True},)

    SEARCHED = ("name", "description")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(64), unique=True)
    description: Mapped[str] = mapped_column(text(255), default="")
    position: Mapped[int] = mapped_column(default=0, info=PLACES)

    statuses: Mapped[list["OrderStatus"]] = relationship(
        back_populates="status_set", order_by="OrderStatus.position", passive_deletes=True, info={"kept": True}
    )

    def __str__(self) -> str:
        return self.name


class OrderStatus(KeptRow, Base):
    """A status with the behaviour it carries. A status outside every set is a tab of its own."""

    __tablename__ = "order_status"
    __table_args__ = (
        CheckConstraint("length(code) >= 1", name="code_given"),
        among("kind", StatusKind),
        among("order_type", OrderType),
        Index(
            "uq_order_status_default",
            "order_type",
            unique=True,
            sqlite_where=sql("is_default"),
            postgresql_where=sql("is_default"),
        ),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("name", "code", "description")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(text(32), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    description: Mapped[str] = mapped_column(text(255), default="")
    kind: Mapped[str] = mapped_column(text(16), default=StatusKind.CUSTOM)
    order_type: Mapped[str] = mapped_column(text(16), default=OrderType.ORDER)
    colour: Mapped[str] = mapped_column(text(16), default=StatusColour.GREY)
    position: Mapped[int] = mapped_column(default=0, info=PLACES)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_public: Mapped[bool] = mapped_column(default=False)
    is_editable: Mapped[bool] = mapped_column(default=False)
    is_deletable: Mapped[bool] = mapped_column(default=False)
    is_exportable: Mapped[bool] = mapped_column(default=False)
    status_set_id: Mapped[int | None] = mapped_column(ForeignKey("status_set.id", ondelete="SET NULL"), index=True)

    status_set: Mapped[StatusSet | None] = relationship(back_populates="statuses", active_history=True)
    next_statuses: Mapped[list["OrderStatus"]] = relationship(
        secondary=status_next,
        primaryjoin=lambda: OrderStatus.id == status_next.c.status_id,
        secondaryjoin=lambda: OrderStatus.id == status_next.c.next_id,
        order_by="OrderStatus.position",
    )

    def __str__(self) -> str:
        return self.name
