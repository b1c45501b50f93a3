"""How a person likes the order list."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import text


class ListSettings(Base):
    """What a person last chose. `search_fields` are field names, comma-joined; empty is the default."""

    __tablename__ = "list_settings"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    search_fields: Mapped[str] = mapped_column(text(500), default="")
