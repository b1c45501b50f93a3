"""What may be in a shipment, pure: how much of which line is left, and what is wrong with one that is wanted."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from urllib.parse import quote

from models.order import LineClass
from models.shipment import ShipmentStatus
from models.status import OrderStatus, OrderType
from services.errors import Invalid, Refused
from services.formats import is_web_address

LONGEST_CODE = 64
MOST_CODES = 100
PLACE = "{code}"
"""What stands in a carrier's address where the code of a parcel goes."""


@dataclass(frozen=True)
class Tracking:
    """A tracking code that a shipment shall have; the name of the carrier may be empty."""

    code: str
    carrier: str = ""


@dataclass(frozen=True)
class ShipmentWanted:
    """What a shipment shall be: its status, its day, pieces by the id of the order line, and its tracking codes."""

    status: str
    quantities: Mapping[int, int]
    expected_on: date | None = None
    tracking: Sequence[Tracking] = ()


NOTHING_YET = ShipmentWanted(ShipmentStatus.CREATED, {})
"""What a new shipment was before."""


@dataclass(frozen=True)
class LineLeft:
    """A line that is shipped, and how many pieces of it may go into one shipment still."""

    line_id: int
    name: str
    sku: str
    ordered: int
    left: int


class Shipped(Enum):
    """How much of an order is shipped."""

    NOTHING = "nothing"
    PARTLY = "partly"
    FULLY = "fully"


def is_shipped(line_class: str, quantity: int) -> bool:
    """Say whether a line is a thing to send: products are, bonus and child lines too; costs and returns are not."""
    return line_class == LineClass.PRODUCT and quantity > 0


def counts(status: str) -> bool:
    """Say whether what is in a shipment of this status is shipped: in a canceled one it is not.

    A delivery that failed still holds its pieces, until somebody cancels it.
    """
    return status != ShipmentStatus.CANCELED


def pieces_shipped(shipments: Iterable[tuple[str, Mapping[int, int]]]) -> Counter[int]:
    """Add up the pieces of each line in shipments, which are given by status and pieces."""
    shipped: Counter[int] = Counter()
    for status, quantities in shipments:
        if counts(status):
            shipped.update(quantities)
    return shipped


def how_far(ordered: int, shipped: int) -> Shipped:
    """Say how much of an order is shipped, by its pieces."""
    if shipped <= 0:
        return Shipped.NOTHING
    return Shipped.FULLY if shipped >= ordered else Shipped.PARTLY


def refusal(order_type: str, *, is_credit: bool) -> Refused | None:
    """Say why nothing of an order is shipped, whatever is in it; None when something may be."""
    if order_type != OrderType.ORDER:
        return Refused("Only orders are shipped, no quotations and no requests.")
    return Refused("Nothing is shipped for a credit order.") if is_credit else None


def refusal_of_status(status: OrderStatus) -> Refused | None:
    """Say why nothing new is shipped in a status: from one that orders may be deleted in, such as drafts and cancelled.

    An order with a shipment is not deleted, so what may still be deleted does not leave.
    """
    if not status.is_deletable:
        return None
    return Refused("Nothing is shipped while an order is %(status)s: it may still be deleted.", status=status.name)


def refusal_of_another(lines: Collection[LineLeft]) -> Refused | None:
    """Say why there is nothing for another shipment; None when something is left."""
    if not lines:
        return Refused("No line of this order is something to ship.")
    return None if any(line.left for line in lines) else Refused("Everything is shipped.")


def faults(
    wanted: ShipmentWanted,
    before: ShipmentWanted,
    lines: Mapping[int, LineLeft],
    *,
    carriers: Collection[str],
    today: date,
) -> Iterator[Invalid]:
    """Give what is wrong with a shipment, field by field.

    `lines` are those that may be shipped, with what is left of each for this shipment; `carriers` the known names.
    The fields are `status`, `expected_on`, `lines`, `quantity-<id>`, `tracking`, and `tracking-<place>-code` and
    `-carrier`.
    """
    if wanted.status not in set(ShipmentStatus):
        yield Invalid("status", "There is no such status of a shipment.")
    if wanted.expected_on and wanted.expected_on != before.expected_on and wanted.expected_on < today:
        yield Invalid("expected_on", "This day is in the past.")
    yield from _line_faults(wanted, lines)
    yield from _tracking_faults(wanted.tracking, {*carriers, *(code.carrier for code in before.tracking)})


def _line_faults(wanted: ShipmentWanted, lines: Mapping[int, LineLeft]) -> Iterator[Invalid]:
    if not any(wanted.quantities.values()):
        yield Invalid("lines", "Give the pieces of at least one line.")
    if not wanted.quantities.keys() <= lines.keys():
        yield Invalid("lines", "A line of this shipment is no longer in the order. Go back and start again.")
    for line_id, quantity in wanted.quantities.items():
        if line := lines.get(line_id):
            most = line.left if counts(wanted.status) else line.ordered
            if quantity > most:
                yield Invalid(
                    f"quantity-{line_id}",
                    "Of %(name)s, %(left)d of %(ordered)d are left.",
                    name=line.name,
                    left=most,
                    ordered=line.ordered,
                )


def _tracking_faults(tracking: Sequence[Tracking], carriers: Collection[str]) -> Iterator[Invalid]:
    if len(tracking) > MOST_CODES:
        yield Invalid("tracking", "A shipment may have at most %(most)d tracking codes.", most=MOST_CODES)
    seen: set[str] = set()
    for place, given in enumerate(tracking):
        field = f"tracking-{place}-code"
        if not given.code:
            yield Invalid(field, "Give the code, or choose no carrier.")
        elif len(given.code) > LONGEST_CODE:
            yield Invalid(field, "A code may have at most %(most)d characters.", most=LONGEST_CODE)
        elif not given.code.isprintable():
            yield Invalid(field, "The code has characters that cannot be read.")
        elif given.code in seen:
            yield Invalid(field, "This code stands here twice.")
        if given.carrier and given.carrier not in carriers:
            yield Invalid(f"tracking-{place}-carrier", "There is no carrier of this name any more.")
        seen.add(given.code)


def tracking_link(tracking_url: str, code: str) -> str:
    """Give the address of a parcel by its carrier's template; empty when that makes no web address."""
    url = tracking_url.replace(PLACE, quote(code, safe=""))
    return url if PLACE in tracking_url and is_web_address(url) else ""
