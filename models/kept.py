"""Rows that owners keep: statuses, people, customers, the catalogue, settings. Written through `services.records`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column

from models.folding import fold
from models.types import UtcDateTime, folded


class KeptRow:
    """A row with a version, dates, and one folded text that it is found and sorted by.

    `SEARCHED` names the columns of that text, what the row is called first. The dates are empty for a
    row that was there before they were kept.
    """

    SEARCHED: ClassVar[tuple[str, ...]] = ("name",)

    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    search_text: Mapped[str] = mapped_column(folded, default="", server_default="")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  SQLAlchemy hands over the class
        return {"version_id_col": cls.version}

    @classmethod
    def text_of(cls, values: Mapping[str, Any]) -> str:
        """Give the folded text of a row with these column values."""
        return fold("\n".join(str(values.get(name) or "") for name in cls.SEARCHED))


@event.listens_for(KeptRow, "before_insert", propagate=True)
@event.listens_for(KeptRow, "before_update", propagate=True)
def _keep_search_text(_mapper: Mapper[Any], _connection: Connection, row: KeptRow) -> None:
    row.search_text = row.text_of({name: getattr(row, name) for name in row.SEARCHED})
