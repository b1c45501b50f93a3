"""Which column of a file holds what: `order=InvoiceNo,sku=StockCode,…`."""

import csv
from collections.abc import Mapping, Sequence

from services.errors import Refused

SEPARATORS = ",;\t"


def parse_mapping(text: str, required: Sequence[str], optional: Sequence[str]) -> dict[str, str]:
    """Read `meaning=column, …`; a column with a comma in its name stands in double quotes. Raises Refused."""
    known = (*required, *optional)
    mapping: dict[str, str] = {}
    for pair in _split(text):
        meaning, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column:
            raise Refused("--map: %(pair)r is not of the form meaning=column.", pair=pair)
        if meaning not in known:
            raise Refused("--map: %(meaning)r is not known; use %(known)s.", meaning=meaning, known=", ".join(known))
        if meaning in mapping:
            raise Refused("--map: %(meaning)s is given twice.", meaning=meaning)
        mapping[meaning] = column
    if missing := [meaning for meaning in required if meaning not in mapping]:
        raise Refused("--map: a column is needed for %(missing)s.", missing=", ".join(missing))
    return mapping


def _split(text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise Refused("--map cannot be read: %(error)s.", error=error) from error


def find_separator(first_line: str, mapping: Mapping[str, str]) -> str:
    """Give the separator under which most of the wanted columns stand in the header."""

    def found(separator: str) -> int:
        header = {name.strip() for name in next(csv.reader([first_line], delimiter=separator), [])}
        return len(header & set(mapping.values()))

    return max(SEPARATORS, key=found)


def find_columns(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Give the place of each mapped column. Raises Refused when one is missing or stands there twice."""
    if missing := [column for column in mapping.values() if column not in header]:
        raise Refused(
            "The file has no column %(missing)s; its columns are %(header)s.",
            missing=", ".join(missing),
            header=", ".join(header),
        )
    if twice := [column for column in mapping.values() if header.count(column) > 1]:
        raise Refused("The file has the column %(column)s twice.", column=twice[0])
    return {meaning: header.index(column) for meaning, column in mapping.items()}
