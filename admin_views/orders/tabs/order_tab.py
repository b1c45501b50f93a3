"""What a tab of the order page is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from models.order import Order


@dataclass(frozen=True)
class OrderTab:
    """A tab of the order page, under `/<order>/<key>/`.

    Its template `orders/tabs/<key>.html` is given what `shown` makes of the order. `counted` names the one of
    `services.orders.PartCounts` that stands beside the label, if there is something to count.
    """

    key: str
    label: LazyString
    shown: Callable[[Order], Mapping[str, Any]]
    counted: str = ""
