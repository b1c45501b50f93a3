"""Every invariant of the data, checked by reading all of it once in pieces."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, exists, func, or_, select, true, type_coerce, union
from sqlalchemy import text as sql
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, joinedload

from models.base import Base, db
from models.batch import Batch, BatchOrder, BatchState, Outcome
from models.deletion import DeletedOrder
from models.delivery import DeliveryState
from models.folding import fold, fold_name
from models.invoice import Invoice
from models.job import OPEN, Job, JobKind
from models.kept import KeptRow
from models.mail import MailDelivery, OrderMail
from models.order import ArticleText, LineText, Order, OrderLine, OrderSearch
from models.order_history import OrderHistory
from models.party import Address, AddressText, Company, PartyAddress, Person
from models.shipment import Shipment, ShipmentLine, ShipmentStatus, TrackingCode
from models.status import OrderStatus
from models.trigrams import INDEXED, SUFFIX
from models.types import Scaled, UtcDateTime
from models.wish_list import WishList
from models.workflow import WorkflowOutcome, WorkflowRun
from permissions import SYSTEM
from services import schema
from services.cents import Charge, base_total, currency_unit, line_total, order_totals
from services.invoices import FOLDER
from services.order_counts import COUNTS, counted
from services.storage import store

AT_ONCE = 5_000
EXAMPLES = 20
STORED_MOMENT = "{0}{0}{0}{0}-{0}{0}-{0}{0} {0}{0}:{0}{0}:{0}{0}.{0}{0}{0}{0}{0}{0}".format("[0-9]")

ORDERS: Any = Order.__table__
LINES: Any = OrderLine.__table__
HISTORY: Any = OrderHistory.__table__
SEARCH: Any = OrderSearch.__table__
DELETED: Any = DeletedOrder.__table__
INVOICES: Any = Invoice.__table__


@dataclass
class Check:
    """One invariant: how often it is broken, and the first rows that break it."""

    name: str
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def broken(self, example: str) -> None:
        """Note a row that breaks it."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


def verify() -> list[Check]:
    """Check everything, in one snapshot of the database; nothing more of one with other tables."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        tables = Check("the tables are those of this version of the product")
        if (state := schema.fits(connection)) != schema.OK:
            tables.broken(state)
            return [tables]
        return [tables, *verify_on(connection), *_search_index()]


def verify_on(connection: Connection) -> list[Check]:
    """Check everything that the connection's transaction sees."""
    return [
        *_orders(connection),
        _shared_texts(connection, LineText, ArticleText, LineText.SEARCHED, fold),
        _shared_texts(connection, Address, AddressText, ("company", "first_name", "last_name"), fold_name),
        _names(connection),
        *_kept_rows(connection),
        _bin(connection),
        _invoice_files(connection),
        _counts(connection),
        _batches(connection),
        _default_statuses(connection),
        _sources(connection),
        *_shipments(connection),
        _wish_lists(connection),
        _mails(connection),
        _workflow_runs(connection),
        *_sqlite_only(connection),
    ]


def _orders(connection: Connection) -> list[Check]:
    checks = [
        Check("totals, counts and VAT follow from the lines"),
        Check("the status is the last one of the history"),
        Check("the dates and Updated By are those of the history"),
        Check("the version counts the committed changes"),
        Check("the search texts are those of the order"),
        Check("a buyer's name stands for a missing company, folded"),
        Check("a line belongs to a line of its own order, and to no line of its own"),
        Check("a credit order takes everything back, and no other order does"),
    ]
    codes = {row.id: row.code for row in connection.execute(select(OrderStatus.id, OrderStatus.code))}
    for orders in _pieces(connection, ORDERS):
        within = (orders[0].id, orders[-1].id)
        lines = _by_order(connection, LINES, within, LINES.c.position)
        history = _by_order(connection, HISTORY, within, HISTORY.c.id)
        texts = _by_order(connection, SEARCH, within, SEARCH.c.order_id)
        for order in orders:
            own, changes = lines.get(order.id, []), history.get(order.id, [])
            hold = (
                _adds_up(order, own),
                [row.new_value for row in changes if row.field == "status"][-1:] == [codes[order.status_id]],
                _is_stamped(order, changes),
                sorted({row.version for row in changes}) == list(range(1, order.version + 1)),
                _is_searched(order, texts.get(order.id, [])),
                not (order.company_id and order.buyer_name) and fold_name(order.buyer_name) == order.buyer_name_folded,
                _is_tree(own),
                all((line.quantity < 0) == order.is_credit for line in own),
            )
            for check, holds in zip(checks, hold, strict=True):
                if not holds:
                    check.broken(f"order {order.id}")
    return checks


def _stored(table: Any) -> Select[Any]:
    """Select the rows with their scaled numbers as the integers that they are stored as."""
    return select(
        *(
            type_coerce(column, BigInteger).label(column.name) if isinstance(column.type, Scaled) else column
            for column in table.columns
        )
    )


def _adds_up(order: Row[Any], lines: Sequence[Row[Any]]) -> bool:
    unit = currency_unit(order.currency)
    totals = [line_total(line.quantity, line.price, line.discount_percentage, unit) for line in lines]
    gross, tax = order_totals(
        zip(totals, [line.tax_percentage for line in lines], strict=True),
        (order.discount_type, order.discount_value),
        Charge(order.payment_costs, order.payment_tax_percentage),
        Charge(order.shipping_costs, order.shipping_tax_percentage),
        unit,
    )
    counted = sum(line.line_class == "product" and not line.is_bonus and line.parent_id is None for line in lines)
    return (
        totals == [line.total for line in lines]
        and [line.position for line in lines] == list(range(1, len(lines) + 1))
        and (gross, tax, gross + tax) == (order.total_gross, order.total_tax, order.total_net)
        and base_total(gross, order.currency_rate) == order.total_base
        and counted == order.item_count
    )


def _is_tree(lines: Sequence[Row[Any]]) -> bool:
    """Say whether every line is reached from those that belong to none."""
    reached: set[int | None] = {None}
    waiting = list(lines)
    while ready := [line for line in waiting if line.parent_id in reached]:
        reached.update(line.id for line in ready)
        waiting = [line for line in waiting if line.id not in reached]
    return not waiting


def _is_stamped(order: Row[Any], changes: Sequence[Row[Any]]) -> bool:
    by = [change.staff_id for change in changes if change.staff_id is not None]
    moved = [change.at for change in changes if change.field == "status"]
    return bool(moved) and (order.created_at, order.updated_at, order.status_changed_at, order.updated_by_id) == (
        changes[0].at,
        changes[-1].at,
        moved[-1],
        by[-1] if by else None,
    )


def _is_searched(order: Row[Any], texts: Sequence[Row[Any]]) -> bool:
    return len(texts) == 1 and all(getattr(texts[0], name) == fold(getattr(order, name)) for name in OrderSearch.FIELDS)


def _shared_texts(
    connection: Connection, model: Any, written: Any, folded: Iterable[str], folding: Callable[[str], str]
) -> Check:
    check = Check(f"rows of {model.__tablename__} have the key and the folded texts of what they say")
    for rows in _pieces(connection, model.__table__):
        for row in rows:
            said = written(**{name: getattr(row, name) for name in written.__dataclass_fields__})
            if said.digest != row.digest or any(
                folding(getattr(row, name)) != getattr(row, f"{name}_folded") for name in folded
            ):
                check.broken(f"{model.__tablename__} {row.id}")
    return check


def _names(connection: Connection) -> Check:
    check = Check("companies and persons are sorted and found by their names, folded")
    for row in connection.execute(select(Company.id, Company.name, Company.name_folded)):
        if fold_name(row.name) != row.name_folded:
            check.broken(f"company {row.id}")
    persons = select(Person.id, Person.first_name, Person.last_name, Person.name_folded)
    for person in connection.execute(persons):
        if fold_name(f"{person.first_name} {person.last_name}".strip()) != person.name_folded:
            check.broken(f"person {person.id}")
    return check


def _kept_rows(connection: Connection) -> Iterator[Check]:
    """What is kept is found and sorted by its texts."""
    with Session(connection) as session:
        session.info["actor"] = SYSTEM
        for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__):
            model: Any = mapper.class_
            if not issubclass(model, KeptRow):
                continue
            check = Check(f"rows of {model.__tablename__} are found by their texts")
            read = [joinedload(model.address)] if model is PartyAddress else []
            for row in session.scalars(select(model).options(*read).execution_options(yield_per=AT_ONCE)):
                if row.search_text != model.text_of({name: getattr(row, name) for name in model.SEARCHED}):
                    check.broken(f"{model.__tablename__} {row.id}")
            yield check


def _bin(connection: Connection) -> Check:
    check = Check("an order is in the bin when it says so, and gone when it was purged")
    is_binned = exists().where(DELETED.c.id == ORDERS.c.id, DELETED.c.purged_at.is_(None))
    is_there = exists().where(ORDERS.c.id == DELETED.c.id)
    wrong = union(
        select(ORDERS.c.id).where(ORDERS.c.is_deleted != is_binned),
        select(DELETED.c.id).where(is_there == DELETED.c.purged_at.is_not(None)),
    )
    for order_id in sorted(connection.scalars(wrong)):
        check.broken(f"order {order_id}")
    return check


def _invoice_files(connection: Connection) -> Check:
    check = Check("the PDF of an invoice is in the store")
    stored = {f"{FOLDER}/{name}" for name in store.names(FOLDER)}
    kept = connection.execute(select(INVOICES.c.order_id, INVOICES.c.stored_as).where(INVOICES.c.stored_as != ""))
    for order_id, stored_as in sorted(row for row in kept if row.stored_as not in stored):
        check.broken(f"order {order_id}: {stored_as}")
    return check


def _counts(connection: Connection) -> Check:
    check = Check("the kept numbers of orders are those of the orders")
    for table, names in COUNTS.items():
        key = [table.c[name] for name in names]
        kept = connection.execute(select(*key, func.sum(table.c.orders)).group_by(*key))
        found = {(row[0], row[1]): row[2] for row in kept if row[2]}
        wanted = {(row[0], row[1]): row[2] for row in connection.execute(counted(table))}
        for first, second in sorted(each for each in found | wanted if found.get(each) != wanted.get(each)):
            check.broken(f"{table.name}: {names[0]} {first or 'any'}, {names[1]} {second or 'any'}")
    return check


def _search_index() -> Iterator[Check]:
    """FTS5 compares itself with the rows, in a transaction that may write; PostgreSQL keeps its indexes right."""
    if db.engine.dialect.name != "sqlite":
        return
    check = Check("the search index holds the texts of its rows")
    for table in INDEXED:
        index = f"{table.name}{SUFFIX}"
        try:
            with db.engine.execution_options(writes=30_000).begin() as connection:
                compare = f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"  # nosec B608: our names
                connection.execute(sql(compare))
        except DatabaseError:
            check.broken(index)
    yield check


def _batches(connection: Connection) -> Check:
    check = Check("a batch has as many orders as it says, and is done when none waits")
    orders = func.count(BatchOrder.order_id).label("orders")
    waiting = func.count().filter(BatchOrder.outcome == Outcome.WAITING).label("waiting")
    counted = (
        select(Batch.id, Batch.total, Batch.state, orders, waiting)
        .outerjoin(BatchOrder, BatchOrder.batch_id == Batch.id)
        .group_by(Batch.id, Batch.total, Batch.state)
    )
    for row in connection.execute(counted):
        if row.orders != row.total or (row.state == BatchState.DONE) != (not row.waiting):
            check.broken(f"batch {row.id}")
    return check


def _default_statuses(connection: Connection) -> Check:
    check = Check("every order type has one default status")
    counted = select(OrderStatus.order_type, func.count().filter(OrderStatus.is_default)).group_by(
        OrderStatus.order_type
    )
    for order_type, defaults in connection.execute(counted):
        if defaults != 1:
            check.broken(f"{order_type} has {defaults}")
    return check


def _sources(connection: Connection) -> Check:
    check = Check("a source gave no order number twice")
    key = (ORDERS.c.source, ORDERS.c.external_order_id)
    given = select(*key).where(ORDERS.c.external_order_id != "").group_by(*key).having(func.count() > 1)
    for source, external_order_id in connection.execute(given):
        check.broken(f"{source} {external_order_id}")
    return check


def _shipments(connection: Connection) -> Iterator[Check]:
    own = Check("what is in a shipment belongs to its order")
    is_strange = ShipmentLine.order_id != Shipment.order_id, ShipmentLine.order_id != OrderLine.order_id
    line = select(ShipmentLine.shipment_id).join(ShipmentLine.shipment).join(ShipmentLine.line).where(or_(*is_strange))
    code = select(TrackingCode.shipment_id).join(TrackingCode.shipment)
    for shipment in sorted(connection.scalars(union(line, code.where(TrackingCode.order_id != Shipment.order_id)))):
        own.broken(f"shipment {shipment}")
    yield own
    ordered = Check("no more of a line is shipped than was ordered")
    shipped = (
        select(OrderLine.id, OrderLine.order_id)
        .join(ShipmentLine, ShipmentLine.line_id == OrderLine.id)
        .join(ShipmentLine.shipment)
        .where(Shipment.status != ShipmentStatus.CANCELED)
        .group_by(OrderLine.id, OrderLine.order_id, OrderLine.quantity)
        .having(func.sum(ShipmentLine.quantity) > OrderLine.quantity)
    )
    for row in connection.execute(shipped.order_by(OrderLine.id)):
        ordered.broken(f"order {row.order_id}, line {row.id}")
    yield ordered


def _wish_lists(connection: Connection) -> Check:
    check = Check("an order is linked to a wish list of its own customer")
    is_own = WishList.of_customer(ORDERS.c.company_id, ORDERS.c.user_id)
    for order_id in connection.scalars(
        select(ORDERS.c.id).join(WishList, WishList.id == ORDERS.c.wish_list_id).where(is_own.is_not(true()))
    ):
        check.broken(f"order {order_id}")
    return check


def _mails(connection: Connection) -> Check:
    check = Check("a mail is over, or has a job that sends it")
    is_over = exists().where(
        MailDelivery.mail_id == OrderMail.id, MailDelivery.state.not_in((DeliveryState.WAITING, DeliveryState.SENDING))
    )
    has_job = exists().where(Job.kind == JobKind.MAIL, Job.subject_id == OrderMail.id, Job.state.in_(OPEN))
    for mail_id in connection.scalars(select(OrderMail.id).where(~is_over, ~has_job).order_by(OrderMail.id)):
        check.broken(f"mail {mail_id}")
    return check


def _workflow_runs(connection: Connection) -> Check:
    check = Check("a run of a workflow is over, or has a job that sends it")
    is_over = exists().where(
        WorkflowOutcome.run_id == WorkflowRun.id,
        WorkflowOutcome.state.not_in((DeliveryState.WAITING, DeliveryState.SENDING)),
    )
    has_job = exists().where(Job.id == WorkflowRun.job_id, Job.state.in_(OPEN))
    for run_id in connection.scalars(select(WorkflowRun.id).where(~is_over, ~has_job).order_by(WorkflowRun.id)):
        check.broken(f"run {run_id}")
    return check


def _sqlite_only(connection: Connection) -> Iterator[Check]:
    """What PostgreSQL guarantees by itself: references, and one form of a moment."""
    if connection.dialect.name != "sqlite":
        return
    references = Check("every reference leads to a row")
    for table, row_id, parent, _number in connection.execute(sql("PRAGMA foreign_key_check")):
        references.broken(f"{table} {row_id} refers to a missing {parent}")
    yield references
    moments = Check("moments are stored in one form")
    for table, column in _moments():
        odd = sql(f"SELECT rowid FROM {table} WHERE {column} NOT GLOB :form")  # nosec B608: names of ours
        for (row_id,) in connection.execute(odd, {"form": STORED_MOMENT}):
            moments.broken(f"{table} {row_id}: {column}")
    yield moments


def _moments() -> Iterator[tuple[str, str]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, UtcDateTime):
                yield table.name, column.name


def _pieces(connection: Connection, table: Any) -> Iterator[Sequence[Row[Any]]]:
    last = 0
    while rows := connection.execute(_stored(table).where(table.c.id > last).order_by(table.c.id).limit(AT_ONCE)).all():
        yield rows
        last = rows[-1].id


def _by_order(connection: Connection, table: Any, within: tuple[int, int], then: Any) -> dict[int, list[Row[Any]]]:
    rows = connection.execute(_stored(table).where(table.c.order_id.between(*within)).order_by(table.c.order_id, then))
    return {order_id: list(found) for order_id, found in groupby(rows, attrgetter("order_id"))}
