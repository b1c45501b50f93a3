"""A question about orders, and the columns of its answer, as JSON that is kept until somebody reads it."""

import json
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.files.columns import FileColumn, Kind
from services.order_query import Condition, Operator, OrderQuery


def write_query(query: OrderQuery) -> str:
    """Write a query."""
    conditions = [
        {"field": condition.field, "operator": condition.operator.value, "value": _written(condition.value)}
        for condition in query.conditions
    ]
    return json.dumps({**asdict(query), "conditions": conditions}, ensure_ascii=False)


def read_query(text: str) -> OrderQuery:
    """Read a query."""
    kept = json.loads(text)
    conditions = [
        Condition(each["field"], Operator(each["operator"]), _read(each["value"])) for each in kept["conditions"]
    ]
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return OrderQuery(**{**read, "conditions": tuple(conditions)})


def write_columns(columns: tuple[FileColumn, ...]) -> str:
    """Write columns."""
    return json.dumps([asdict(column) for column in columns], ensure_ascii=False)


def read_columns(text: str) -> tuple[FileColumn, ...]:
    """Read columns."""
    return tuple(FileColumn(**{**each, "kind": Kind(each["kind"])}) for each in json.loads(text))


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _read(value: Any) -> Any:
    match value:
        case {"number": number}:
            return Decimal(number)
        case {"moment": moment}:
            return datetime.fromisoformat(moment)
        case list():
            return tuple(value)
    return value
