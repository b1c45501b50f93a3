"""The way to change orders: right, row lock, the verb itself, version, history, commit.

`changing_one` and `changing_many` give whole orders, for a verb that may change anything of them; `setting_many` sets
plain columns of many orders at once, which nothing else follows from; `creating_one` takes a new one. The session
refuses order writes from anywhere else (`models.base`). New orders in bulk come in through `services.loading`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, insert, inspect, select, update
from sqlalchemy.orm.attributes import flag_modified

from models.base import db, one_of, writing
from models.deletion import DeletedOrder
from models.folding import fold, fold_name
from models.order import Order, OrderSearch, PartOfOrder, PaymentStatus
from models.order_history import OrderHistory, Origin
from models.party import Address, AddressText, Company, Person
from models.status import OrderStatus
from models.wish_list import WishList
from permissions import Action, Actor
from services.errors import Refused
from services.ledger import fix_base_currency
from services.orders import totals
from services.pricing import PricedLine, base_total

AT_ONCE = 1_000
HISTORY: Any = OrderHistory.__table__
LONGEST_VALUE = 4_000
STAMPS = frozenset(
    {
        *("version", "updated_at", "updated_by_id", "status_changed_at", "payment_status_at", "buyer_name_folded"),
        *("total_tax", "total_net", "total_base"),
    }
)
"""What follows from other columns, of which the history tells; of the totals it tells the one excl. VAT."""
MONEY = frozenset(
    {
        "currency",
        "currency_rate",
        "discount_type",
        "discount_value",
        "payment_costs",
        "payment_tax_percentage",
        "shipping_costs",
        "shipping_tax_percentage",
    }
)
"""What the totals of an order follow from, beside its lines."""
PLAIN = frozenset({"status_id", "is_deleted", "export_status", "exported_at", "export_message"})
"""The columns that neither totals nor search texts follow from."""


class Referred(NamedTuple):
    """What the history tells of a column that refers to a row: the field, and the row's text, made of its columns."""

    field: str
    model: Any
    columns: Sequence[str]
    written: Callable[..., str] = lambda *words: " ".join(filter(None, words))


ADDRESS = tuple(each.name for each in fields(AddressText))
TOLD: Mapping[str, Referred] = {
    "status_id": Referred("status", OrderStatus, ("code",)),
    "wish_list_id": Referred("wish_list", WishList, ("name",)),
    "company_id": Referred("company", Company, ("name",)),
    "user_id": Referred("user", Person, ("first_name", "last_name")),
    "delivery_address_id": Referred("delivery_address", Address, ADDRESS, lambda *texts: AddressText(*texts).told),
    "invoice_address_id": Referred("invoice_address", Address, ADDRESS, lambda *texts: AddressText(*texts).told),
}


@dataclass(frozen=True)
class Edit:
    """Who changes orders, when, and why.

    `program` says which one it is when nobody of the staff does. `looked_up` keeps what rules read, so that
    many rows of one edit read it once.
    """

    actor: Actor
    action: Action
    now: datetime
    note: str = ""
    program: Origin = Origin.SYSTEM
    looked_up: dict[str, Collection[str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def origin(self) -> Origin:
        """Where the history says that the change came from."""
        return self.program if self.actor.staff_id is None else Origin.STAFF


class OrderGone(Refused):
    """The order was deleted, or never existed for the person."""

    def __init__(self, order_id: int) -> None:
        super().__init__("There is no order %(number)s any more.", number=str(order_id))


class ChangedMeanwhile(Refused):
    """Somebody changed the order after it was read."""

    def __init__(self) -> None:
        super().__init__("The order was changed meanwhile, so nothing was done. Look at what it is now.")


def changing_many(order_ids: Iterable[int], *, edit: Edit) -> Iterator[Sequence[Order]]:
    """Give the orders in pieces of at most a thousand, each locked in the order of their numbers.

    What the caller changes in a piece is committed, with its history, before the next is given.
    Numbers that do not exist for the actor are left out. Raises NotAllowed.
    """
    numbers = sorted(set(order_ids))
    for start in range(0, len(numbers), AT_ONCE):
        # A flush in between would forget what the columns held before.
        with _unit_of_work(edit), db.session.no_autoflush:
            orders = _locked(numbers[start : start + AT_ONCE], edit.actor)
            yield orders
            _finish(orders, edit)


@contextmanager
def changing_one(
    order_id: int, *, edit: Edit, seen: int | None = None, then: Callable[[], None] = lambda: None
) -> Iterator[Order]:
    """Give one order, locked; with `seen`, only in that version.

    What the caller changes is committed, with its history, in the end; nothing is when the caller raises. `then` is
    called in between, with all of that written, for what goes by ids that the database gives.
    Raises NotAllowed, ChangedMeanwhile, and OrderGone for one that is in the bin or does not exist for the actor.
    """
    with _unit_of_work(edit), db.session.no_autoflush:
        orders = [order for order in _locked([order_id], edit.actor) if not order.is_deleted]
        if not orders:
            raise OrderGone(order_id)
        if seen is not None:
            check_seen(orders[0], seen)
        yield orders[0]
        _finish(orders, edit)
        db.session.flush()
        then()


@contextmanager
def creating_one(base_currency: str, *, edit: Edit) -> Iterator[Callable[[Order, Sequence[PricedLine]], None]]:
    """Open a transaction for a new order: what is given takes it with what its lines come to, and numbers it.

    Its totals, search texts and history are written along; nothing is when the caller raises. Raises NotAllowed, and
    Refused when orders are kept in another base currency.
    """

    def take(order: Order, lines: Sequence[PricedLine]) -> None:
        order.created_at, order.buyer_name_folded = edit.now, fold_name(order.buyer_name)
        is_paid_somehow = order.payment_status != PaymentStatus.UNKNOWN
        for name, value in _stamps({"status_id", *(["payment_status"] * is_paid_somehow)}, edit).items():
            setattr(order, name, value)
        _add_up(order, lines)
        db.session.add(order)
        db.session.flush()
        texts = {name: getattr(order, name) for name in OrderSearch.FIELDS}
        db.session.add(OrderSearch(order_id=order.id, **OrderSearch.values(texts)))
        created = {"status_id": (None, order.status_id)}
        db.session.execute(insert(HISTORY), [*_history(order.id, 1, _told_changes(created, _words([created])), edit)])

    with _unit_of_work(edit), db.session.no_autoflush:
        fix_base_currency(db.session.connection(), base_currency)
        yield take


def tell(order: Order, field: str, old: str, new: str) -> None:
    """Let the history tell of a part that a verb changes by statements of its own, in the order's unit of work.

    The totals are added up anew: such a part is a line, or belongs to one.
    """
    told: dict[int, list[HistoryEntry]] = db.session.info["told"]
    told.setdefault(order.id, []).append(HistoryEntry(field, old, new))


class HistoryEntry(NamedTuple):
    """A field of the history with the texts before and after."""

    field: str
    old: str
    new: str


def check_seen(order: Order, seen: int) -> None:
    """Raise ChangedMeanwhile when an order is another version than the one that was seen."""
    if order.version != seen:
        raise ChangedMeanwhile


@contextmanager
def setting_many(edit: Edit) -> Iterator["ManyOrders"]:
    """Open a transaction in which plain columns of many orders are set. Raises NotAllowed."""
    with _unit_of_work(edit):
        yield ManyOrders(edit)


class ManyOrders:
    """Orders that are locked, and set, in a few statements however many there are."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._locked: dict[int, Row[Any]] = {}

    def lock(self, numbers: Collection[int]) -> Mapping[int, Row[Any]]:
        """Lock the orders in the order of their numbers and give their version and plain columns by number.

        Numbers that do not exist for the actor are left out; orders in the bin are not.
        """
        columns = [getattr(Order, name) for name in sorted(PLAIN)]
        found = db.session.execute(
            select(Order.id, Order.version, *columns)
            .where(one_of(Order.id, numbers), Order.visible_to(self._edit.actor))
            .order_by(Order.id)
            .with_for_update(of=Order)
        )
        self._locked |= {row.id: row for row in found}
        return self._locked

    def set(self, wanted: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        """Set columns of locked orders, by number, and give the versions this makes; what is so already stays."""
        changes = {number: self._differences(number, values) for number, values in wanted.items()}
        alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
        for number, differences in changes.items():
            if differences:
                alike.setdefault(tuple((name, new) for name, (_old, new) in differences.items()), []).append(number)
        for values, numbers in alike.items():
            self._update(dict(values), numbers)
        words = _words(changes.values())
        rows = [
            row
            for number, differences in changes.items()
            for row in _history(number, self._locked[number].version + 1, _told_changes(differences, words), self._edit)
        ]
        if rows:
            db.session.execute(insert(HISTORY), rows)
        return {number: self._locked[number].version + 1 for number, differences in changes.items() if differences}

    def _differences(self, number: int, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        row = self._locked[number]
        old = {name: getattr(row, name) for name in sorted(values)}
        return {name: (value, values[name]) for name, value in old.items() if value != values[name]}

    def _update(self, values: dict[str, Any], numbers: Sequence[int]) -> None:
        columns = {**values, **_stamps(values, self._edit), "version": Order.version + 1}
        statement = update(Order).where(one_of(Order.id, numbers)).values(columns)
        db.session.execute(statement, execution_options={"synchronize_session": False})
        if "is_deleted" in values:
            _keep_bin(numbers, self._edit, is_deleted=values["is_deleted"])


def _keep_bin(numbers: Sequence[int], edit: Edit, *, is_deleted: bool) -> None:
    if is_deleted:
        who = {"deleted_at": edit.now, "deleted_by_id": edit.actor.staff_id}
        db.session.execute(insert(DeletedOrder), [{"id": number, **who} for number in numbers])
    else:
        restored = delete(DeletedOrder).where(one_of(DeletedOrder.id, numbers))
        db.session.execute(restored, execution_options={"synchronize_session": False})


@contextmanager
def _unit_of_work(edit: Edit) -> Iterator[None]:
    edit.actor.must(edit.action)
    db.session.info["unit_of_work"], db.session.info["told"] = True, {}
    try:
        with writing():
            yield
    finally:
        db.session.info["unit_of_work"] = False


def _locked(numbers: Sequence[int], actor: Actor) -> Sequence[Order]:
    return db.session.scalars(
        select(Order)
        .where(one_of(Order.id, numbers), Order.visible_to(actor))
        .order_by(Order.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _finish(orders: Sequence[Order], edit: Edit) -> None:
    parts, told = _changed_parts(), db.session.info["told"]
    changed = {
        order: changes
        for order in orders
        if (changes := _follow(order, parts.get(order.id, {}), edit, told=order.id in told)) or order.id in told
    }
    words = _words(changed.values())
    rows = [
        row
        for order, changes in changed.items()
        for row in _history(
            order.id, order.version + 1, [*_told_changes(changes, words), *told.get(order.id, ())], edit
        )
    ]
    if rows:
        db.session.execute(insert(HISTORY), rows)


def _changed_parts() -> dict[int, dict[str, tuple[str, str]]]:
    """Give what the history tells of parts before and after, by the number of the order and the field."""
    changed = [part for part in _told_parts(db.session.dirty) if _changes(part)]
    changed.sort(key=lambda part: inspect(part).identity)
    before = _told([*(_Before(part) for part in changed), *_told_parts(db.session.deleted)])
    after = _told([*changed, *_told_parts(db.session.new)])
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for number, name in {**before, **after}:
        found.setdefault(number, {})[name] = (before.get((number, name), ""), after.get((number, name), ""))
    return found


def _told_parts(rows: Iterable[object]) -> list[PartOfOrder]:
    return [row for row in rows if isinstance(row, PartOfOrder) and row.told_as]


class _Before:
    """A changed part with the values that it had; its text says what it was."""

    def __init__(self, part: PartOfOrder) -> None:
        self._part = part
        self._values = {name: old for name, (old, _new) in _changes(part).items()}

    def __getattr__(self, name: str) -> Any:
        return self._values[name] if name in self._values else getattr(self._part, name)

    def __str__(self) -> str:
        text: Any = type(self._part).__str__
        return str(text(self))


def _told(parts: Iterable[PartOfOrder | _Before]) -> dict[tuple[int, str], str]:
    told: dict[tuple[int, str], str] = {}
    for part in parts:
        if part.order_id is None:
            raise ValueError("A part of an order is added by its order_id, which its history needs.")
        place = (part.order_id, part.told_as)
        told[place] = f"{told[place]}, {part}" if place in told else str(part)
    return told


def _follow(order: Order, parts: dict[str, tuple[str, str]], edit: Edit, *, told: bool) -> dict[str, tuple[Any, Any]]:
    """Let what follows from a change follow: totals, stamps, search texts; give all that has changed."""
    changes = _changes(order)
    if not changes and not parts and not told:
        return changes
    if told or changes.keys() & MONEY:
        _add_up(order)
        changes = _changes(order)
    for name, value in _stamps(changes, edit).items():
        setattr(order, name, value)
    flag_modified(order, "updated_at")  # parts alone would leave the row, and so the version, as it is in that moment
    _keep_search(order, changes)
    return changes | parts


def _stamps(changed: Collection[str], edit: Edit) -> dict[str, Any]:
    """Give the columns that say when and by whom; Updated By stays with the last of the staff."""
    stamps: dict[str, Any] = {"updated_at": edit.now}
    if edit.actor.staff_id is not None:
        stamps["updated_by_id"] = edit.actor.staff_id
    if "status_id" in changed:
        stamps["status_changed_at"] = edit.now
    if "payment_status" in changed:
        stamps["payment_status_at"] = edit.now
    return stamps


def _add_up(order: Order, lines: Sequence[PricedLine] | None = None) -> None:
    sums = totals(order, lines)
    order.total_gross, order.total_tax, order.total_net = sums.gross, sums.tax, sums.net
    order.total_base = base_total(sums.gross, order.currency_rate)


def _changes(row: Order | PartOfOrder) -> dict[str, tuple[Any, Any]]:
    """Give the changed columns: name, value before, value after."""
    state: Any = inspect(row)
    return {
        column.key: (history.deleted[0] if history.deleted else None, history.added[0])
        for column in state.mapper.column_attrs
        if column.key not in STAMPS and (history := state.attrs[column.key].history).added
    }


def _words(changes: Collection[Mapping[str, tuple[Any, Any]]]) -> dict[str, dict[int, str]]:
    """Give the words for the rows that changed columns refer to: read once, however many orders there are."""
    words = {}
    for column, referred in TOLD.items():
        numbers = {value for changed in changes for value in changed.get(column, ()) if value is not None}
        if numbers:
            # Below the walls of the session: the history says what was there, whoever changes it.
            table = referred.model.__table__
            asked = select(table.c.id, *(table.c[name] for name in referred.columns)).where(table.c.id.in_(numbers))
            words[column] = {row[0]: referred.written(*row[1:]) for row in db.session.connection().execute(asked)}
    return words


def _history(number: int, version: int, told: Iterable[HistoryEntry], edit: Edit) -> Iterator[dict[str, Any]]:
    """Give the columns of a history row for each change that is to be told."""
    for change in told:
        yield {
            "order_id": number,
            "version": version,
            "at": edit.now,
            "origin": edit.origin,
            "staff_id": edit.actor.staff_id,
            "field": change.field,
            "old_value": change.old[:LONGEST_VALUE],
            "new_value": change.new[:LONGEST_VALUE],
            "note": edit.note,
        }


def _told_changes(
    changes: Mapping[str, tuple[Any, Any]], words: Mapping[str, Mapping[int, str]]
) -> Iterator[HistoryEntry]:
    for name, (old, new) in changes.items():
        if name in TOLD:
            said = words.get(name, {})
            yield HistoryEntry(TOLD[name].field, said.get(old, ""), said.get(new, ""))
        else:
            yield HistoryEntry(name, _written(old), _written(new))


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def _keep_search(order: Order, changes: dict[str, tuple[Any, Any]]) -> None:
    if "buyer_name" in changes:
        order.buyer_name_folded = fold_name(order.buyer_name)
    texts = {name: fold(getattr(order, name)) for name in OrderSearch.FIELDS if name in changes}
    if texts:
        row = db.session.get_one(OrderSearch, order.id)
        for name, value in texts.items():
            setattr(row, name, value)
