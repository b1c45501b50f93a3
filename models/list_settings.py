"""How a person likes the order list."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import text


class ListSettings(Base):
    """What a person last chose. Names of fields and of columns are comma-joined; empty is the default.

    The last three are how a file of the list was asked for: one row per order or per line, and how it is written.
    """

    __tablename__ = "list_settings"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    search_fields: Mapped[str] = mapped_column(text(500), default="")
    columns: Mapped[str] = mapped_column(text(2000), default="", server_default="")
    export_rows: Mapped[str] = mapped_column(text(8), default="", server_default="")
    export_format: Mapped[str] = mapped_column(text(8), default="", server_default="")
    export_form: Mapped[str] = mapped_column(text(16), default="", server_default="")
