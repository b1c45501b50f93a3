"""Views of the order list that are kept under a name."""

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, or_
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, ScopedRow
from models.types import Key, folded, text
from permissions import Actor


class SavedView(ScopedRow, Base):
    """A question to the order list, as its address asks it, with the columns and the size of a page.

    A private view is its maker's; a shared one is everybody's who sees orders.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        Index(None, "staff_id", "name_folded", unique=True),
        Index(
            "uq_saved_view_shared_name",
            "name_folded",
            unique=True,
            sqlite_where=sql("is_shared"),
            postgresql_where=sql("is_shared"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(text(60))
    name_folded: Mapped[str] = mapped_column(folded)
    asked: Mapped[str] = mapped_column(text(8192))
    is_shared: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """A person's own views, and those that are shared."""
        return or_(cls.staff_id == (actor.staff_id or 0), cls.is_shared)


class DefaultView(Base):
    """The view that opens first for a person."""

    __tablename__ = "default_view"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
