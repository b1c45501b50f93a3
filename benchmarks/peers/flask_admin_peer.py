"""Stock Flask-Admin on the product's tables: its defaults, nobody signs in, its own search, filters and CSV."""

import os
from datetime import datetime

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from sqlalchemy import DateTime, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker

from models.base import sqlite_driver


class Base(DeclarativeBase):
    """The tables, as far as the pages show them."""

    type_annotation_map = {datetime: DateTime(timezone=True)}


class Company(Base):
    """A firm."""

    __tablename__ = "company"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Status(Base):
    """A status."""

    __tablename__ = "order_status"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Staff(Base):
    """A colleague."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class LineText(Base):
    """What a line says."""

    __tablename__ = "line_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]


class Line(Base):
    """A line of an order."""

    __tablename__ = "order_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    text_id: Mapped[int] = mapped_column(ForeignKey("line_text.id"))
    quantity: Mapped[int]
    total: Mapped[int]
    text: Mapped[LineText] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return f"{self.position} {self.text.sku} {self.text.name} {self.quantity} {self.total / 100:.2f}"


class Order(Base):
    """An order."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    status_id: Mapped[int] = mapped_column(ForeignKey("order_status.id"))
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    payment_status: Mapped[str]
    debtor_id: Mapped[str]
    reference: Mapped[str]
    email: Mapped[str]
    source: Mapped[str]
    total_base: Mapped[int]
    item_count: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    status_changed_at: Mapped[datetime]
    export_status: Mapped[str]
    exported_at: Mapped[datetime | None]
    export_message: Mapped[str]
    company: Mapped[Company | None] = relationship()
    status: Mapped[Status] = relationship()
    updated_by: Mapped[Staff | None] = relationship()
    lines: Mapped[list[Line]] = relationship(order_by=Line.position)


class OrderView(ModelView):
    """The fifteen columns, the newest first; joined at once is what the library finds in the columns by itself."""

    column_display_pk = True
    column_list = (
        "id", "company", "status", "payment_status", "debtor_id", "source", "total_base", "item_count", "updated_by",
        "created_at", "updated_at", "status_changed_at", "export_status", "exported_at", "export_message",
    )  # fmt: skip
    column_default_sort = [("created_at", True), ("id", True)]
    column_sortable_list = ("id", "total_base", "created_at")
    column_searchable_list = ("id", "company.name", "debtor_id", "reference", "email")
    column_filters = ("status_id", "company_id", "created_at")
    named_filter_urls = True
    column_formatters = {"total_base": lambda _view, _context, order, _name: f"{order.total_base / 100:.2f}"}
    page_size = 25
    can_export = True
    can_view_details = True
    column_details_list = (*column_list, "lines")


def create_app() -> Flask:
    """Make the panel on the database that DATABASE_URL names."""
    url = os.environ["DATABASE_URL"]
    options = {"module": sqlite_driver} if url.startswith("sqlite") else {}
    session = scoped_session(sessionmaker(create_engine(url, **options)))
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "nobody signs in"
    Babel(app)  # the library wants it wherever it is installed
    app.teardown_appcontext(lambda _error: session.remove())
    Admin(app).add_view(OrderView(Order, session, url="/admin/orders", endpoint="orders"))
    return app
