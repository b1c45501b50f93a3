"""What customers mean to order some day."""

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.kept import KeptRow
from models.party import Company, PartysRow, Person
from models.product import Product
from models.types import Key, text, within
from permissions import Actor


class WishList(PartysRow, KeptRow, Base):
    """A list of products that belongs to a company, or to one person."""

    __tablename__ = "wish_list"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        CheckConstraint("(company_id IS NULL) <> (person_id IS NULL)", name="one_party"),
        Index(None, "company_id"),
        Index(None, "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(100))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    company: Mapped[Company | None] = relationship()
    person: Mapped[Person | None] = relationship()
    items: Mapped[list["WishListItem"]] = relationship(
        back_populates="wish_list", cascade="all, delete-orphan", order_by="WishListItem.id"
    )

    @classmethod
    def of_customer(cls, company_id: Any, person_id: Any) -> ColumnElement[bool]:
        """Give the condition on the lists of a company and of a person, each a number, None or a column."""
        parties = ((cls.company_id, company_id), (cls.person_id, person_id))
        return or_(false(), *(column == party for column, party in parties if party is not None))

    def __str__(self) -> str:
        return self.name


class WishListItem(ScopedRow, Base):
    """A product on a wish list: it exists for whom the list does."""

    __tablename__ = "wish_list_item"
    __table_args__ = (
        within("quantity", 1),
        Index(None, "wish_list_id", "product_id", unique=True),
        Index(None, "product_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    wish_list_id: Mapped[int] = mapped_column(ForeignKey("wish_list.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int] = mapped_column(default=1)
    notes: Mapped[str] = mapped_column(text(255), default="")

    wish_list: Mapped[WishList] = relationship(back_populates="items")
    product: Mapped[Product] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = cls.wish_list_id.in_(select(WishList.id).where(WishList.visible_to(actor)))
        return found

    def __str__(self) -> str:
        notes = f" ({self.notes})" if self.notes else ""
        return f"{self.quantity} × {self.product}{notes}"
