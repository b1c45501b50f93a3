"""What a save does to the lines of an order: which go, which change, which come, where they stand, what is told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import groupby, takewhile
from typing import Any

from sqlalchemy import bindparam, func, select

from models.base import db, one_of
from models.order import ArticleText, LineClass, LineText, Order, OrderLine
from models.shipment import Shipment, ShipmentLine
from services.editing.priced import DraftLine
from services.errors import Invalid
from services.pricing import line_total
from services.shared_rows import shared_ids
from services.shipment_rules import counts
from services.unit_of_work import tell

LINES: Any = OrderLine.__table__
TEXTS: Any = LineText.__table__
LINE, SEQUENCE = "line", "line_sequence"
"""The fields of the history that tell of lines, and of their sequence."""
FIXED = ("product_id", "line_class", "is_bonus", "incentive_id")
"""What a stored line stays."""
ASIDE = ("cost_price",)
"""What is kept of a line along with a change, and is none by itself."""
SHOWN_LINES = 12


@dataclass(frozen=True)
class LineFacts:
    """What a save may set of a line: its columns, and its texts."""

    columns: Mapping[str, Any]
    text: ArticleText

    @property
    def compared(self) -> tuple[object, ...]:
        """Give what two lines are compared by."""
        return self.text, *(value for name, value in self.columns.items() if name not in ASIDE)

    @property
    def name(self) -> str:
        return self.text.sku or self.text.name


@dataclass(frozen=True)
class StoredLine:
    """A line as it stands in its order."""

    line_id: int
    position: int
    parent_id: int | None
    facts: LineFacts


def facts_of(draft: DraftLine, unit: Decimal) -> LineFacts:
    """Give what a priced line shall be; `unit` is the currency's smallest amount."""
    wanted = draft.wanted
    columns = {
        "product_id": wanted.product_id,
        "line_class": wanted.line_class,
        "is_bonus": wanted.is_bonus,
        "incentive_id": wanted.incentive_id,
        "quantity": wanted.quantity,
        "list_price": draft.list_price,
        "price": draft.price,
        "price_origin": str(draft.origin),
        "discount_percentage": draft.discount_percentage,
        "tax_code": draft.tax_code,
        "tax_percentage": draft.tax_percentage,
        "cost_price": draft.cost_price,
        "total": line_total(wanted.quantity, draft.price, draft.discount_percentage, unit),
    }
    return LineFacts(columns, draft.text)


COLUMNS = (
    *FIXED,
    *("quantity", "list_price", "price", "price_origin", "discount_percentage", "tax_code", "tax_percentage"),
    *("cost_price", "total"),
)
WRITTEN = tuple(each.name for each in fields(ArticleText))


def stored_lines(order: Order) -> list[StoredLine]:
    """Read the lines of an order in their sequence."""
    read = (LINES.c.id, LINES.c.position, LINES.c.parent_id, *(LINES.c[name] for name in COLUMNS))
    rows = db.session.execute(
        select(*read, *(TEXTS.c[name] for name in WRITTEN))
        .join(TEXTS, TEXTS.c.id == LINES.c.text_id)
        .where(LINES.c.order_id == order.id)
        .order_by(LINES.c.position)
    )
    return [
        StoredLine(line_id, position, parent_id, LineFacts(dict(zip(COLUMNS, more, strict=False)), _text_of(more)))
        for line_id, position, parent_id, *more in rows
    ]


def _text_of(values: Sequence[Any]) -> ArticleText:
    return ArticleText(*values[len(COLUMNS) :])


def are_so(stored: Sequence[StoredLine], drafts: Sequence[DraftLine], unit: Decimal) -> bool:
    """Say whether the lines of an order are what is wanted already, in that sequence."""
    return [line.facts.compared for line in stored] == [facts_of(draft, unit).compared for draft in drafts]


def item_count(drafts: Sequence[DraftLine]) -> int:
    """Count the new lines of class product that are neither bonus nor child."""
    lines = (draft.wanted for draft in drafts if draft.wanted.line_id is None and not draft.wanted.parent)
    return sum(line.line_class == LineClass.PRODUCT and not line.is_bonus for line in lines)


def is_credit(drafts: Sequence[DraftLine]) -> bool:
    """Say whether an order takes everything back. Raises Invalid when it takes back one thing and sends another."""
    signs = {draft.wanted.quantity < 0 for draft in drafts}
    if len(signs) > 1:
        raise Invalid("lines", "The order mixes positive and negative quantities.")
    return True in signs


def write(order: Order, drafts: Sequence[DraftLine], unit: Decimal) -> None:
    """Make the lines of an order what is wanted, in its unit of work, and let the history tell of it.

    The number of statements is the same however many lines stay. Raises Invalid.
    """
    plan = _Plan(stored_lines(order), drafts, unit)
    _check_shipped(order, plan)
    plan.write(order)
    order.item_count = plan.item_count()
    for line_old, line_new in plan.told():
        tell(order, LINE, line_old, line_new)
    before, after = plan.moved()
    if before != after:
        tell(order, SEQUENCE, *_sequences(before, after))


def add(order: Order, drafts: Sequence[DraftLine], unit: Decimal) -> None:
    """Write the lines of a new order. Raises Invalid."""
    _Plan((), drafts, unit).write(order)


class _Plan:
    """What becomes of the stored lines, and what is new."""

    def __init__(self, stored: Sequence[StoredLine], drafts: Sequence[DraftLine], unit: Decimal) -> None:
        self.stored = {line.line_id: line for line in stored}
        self.drafts = drafts
        self.kept = {draft.wanted.line_id: draft for draft in drafts if draft.wanted.line_id is not None}
        self.facts = {draft.wanted.key: self._facts(draft, unit) for draft in drafts}
        self.removed = [line for line in stored if line.line_id not in self.kept]
        self._check()

    def _facts(self, draft: DraftLine, unit: Decimal) -> LineFacts:
        facts, stored = facts_of(draft, unit), self.stored.get(draft.wanted.line_id or 0)
        fixed = {name: stored.facts.columns[name] for name in FIXED} if stored else {}
        return LineFacts({**facts.columns, **fixed}, facts.text)

    def _check(self) -> None:
        keys = {draft.wanted.key for draft in self.drafts}
        known = len(keys) == len(self.drafts) and self.kept.keys() <= self.stored.keys()
        parents = {draft.wanted.parent for draft in self.drafts} - {""}
        gone = {line.line_id for line in self.removed}
        orphans = [line for line in self.stored.values() if line.line_id in self.kept and line.parent_id in gone]
        if not known or not parents <= keys or orphans:
            raise Invalid("lines", "A line of this form is no longer in the order. Go back and start again.")

    def changed(self) -> list[StoredLine]:
        return [
            line
            for line in self.stored.values()
            if line.line_id in self.kept and self.now(line).compared != line.facts.compared
        ]

    def now(self, line: StoredLine) -> LineFacts:
        """Give what becomes of a line that stays."""
        return self.facts[self.kept[line.line_id].wanted.key]

    def new(self) -> list[DraftLine]:
        return [draft for draft in self.drafts if draft.wanted.line_id is None]

    def item_count(self) -> int:
        """Count the lines of class product that are neither bonus nor child."""
        heads = [
            line.facts.columns for line in self.stored.values() if line.line_id in self.kept and not line.parent_id
        ]
        stay = sum(line["line_class"] == LineClass.PRODUCT and not line["is_bonus"] for line in heads)
        return stay + item_count(self.drafts)

    def told(self) -> Iterator[tuple[str, str]]:
        """Give what the history tells of lines: what went, what changed, what came."""
        for line in self.removed:
            yield written(line.facts), ""
        for line in self.changed():
            yield written(line.facts, self.now(line)), written(self.now(line), line.facts)
        for draft in self.new():
            yield "", written(self.facts[draft.wanted.key])

    def moved(self) -> tuple[list[StoredLine], list[StoredLine]]:
        """Give the lines that stay, in their sequence before and after."""
        before = [line for line in self.stored.values() if line.line_id in self.kept]
        return before, [self.stored[line_id] for line_id in self.kept]

    def write(self, order: Order) -> None:
        if self.removed:
            gone = [line.line_id for line in self.removed]
            db.session.execute(LINES.delete().where(one_of(LINES.c.id, gone)))
        changed = self.changed()
        texts = _text_ids([*(self.now(line).text for line in changed), *(draft.text for draft in self.new())])
        self._move(order)
        self._change(changed, texts)
        self._insert(order, texts)

    def _move(self, order: Order) -> None:
        """Give lines their positions, in two steps: no two of them ever stand at the same one.

        Neighbours that move by as many places do so together: one line that goes moves all behind it at once.
        """
        runs = self._runs()
        if runs:
            moved = [line.line_id for _places, run in runs for line in run]
            db.session.execute(LINES.update().where(one_of(LINES.c.id, moved)).values(position=-LINES.c.position))
            aside = LINES.c.position.between(bindparam("last"), bindparam("first"))
            db.session.execute(
                LINES.update()
                .where(LINES.c.order_id == order.id, aside)
                .values(position=bindparam("places") - LINES.c.position),
                [{"places": places, "first": -run[0].position, "last": -run[-1].position} for places, run in runs],
            )

    def _runs(self) -> list[tuple[int, list[StoredLine]]]:
        """Give the neighbours that move by as many places, and by how many."""
        place = {draft.wanted.line_id: number for number, draft in enumerate(self.drafts, start=1)}
        stay = [line for line in self.stored.values() if line.line_id in self.kept]
        by_places = groupby(stay, lambda line: place[line.line_id] - line.position)
        return [(places, list(run)) for places, run in by_places if places]

    def _change(self, changed: Sequence[StoredLine], texts: Mapping[ArticleText, int]) -> None:
        if changed:
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*COLUMNS, "text_id")}
            rows = [
                (line.line_id, {**self.now(line).columns, "text_id": texts[self.now(line).text]}) for line in changed
            ]
            db.session.execute(
                LINES.update().where(LINES.c.id == bindparam("line_id")).values(values),
                [
                    {"line_id": line_id, **{f"new_{name}": value for name, value in row.items()}}
                    for line_id, row in rows
                ],
            )

    def _insert(self, order: Order, texts: Mapping[ArticleText, int]) -> None:
        """Add the new lines, those first that others belong to."""
        ids = {draft.wanted.key: line_id for line_id, draft in self.kept.items()}
        waiting = {
            draft.wanted.key: (place, draft)
            for place, draft in enumerate(self.drafts, start=1)
            if draft.wanted.line_id is None
        }
        while waiting:
            ready = [key for key, (_place, draft) in waiting.items() if draft.wanted.parent not in waiting]
            if not ready:
                raise Invalid("lines", "A line of this form belongs to itself. Go back and start again.")
            rows = [
                {
                    "order_id": order.id,
                    "position": place,
                    "parent_id": ids[draft.wanted.parent] if draft.wanted.parent else None,
                    "text_id": texts[draft.text],
                    **self.facts[draft.wanted.key].columns,
                }
                for place, draft in map(waiting.pop, ready)
            ]
            made = db.session.scalars(LINES.insert().returning(LINES.c.id, sort_by_parameter_order=True), rows)
            ids.update(zip(ready, made, strict=True))


def _text_ids(texts: Sequence[ArticleText]) -> dict[ArticleText, int]:
    rows = {text.digest: LineText.values(text) for text in texts}
    ids = shared_ids(db.session.connection(), TEXTS, rows)
    return {text: ids[text.digest] for text in texts}


def _check_shipped(order: Order, plan: _Plan) -> None:
    """Refuse to take out what is in a shipment, and to have less of a line than is shipped."""
    rows = db.session.execute(
        select(ShipmentLine.line_id, Shipment.status, func.sum(ShipmentLine.quantity).label("pieces"))
        .join(ShipmentLine.shipment)
        .where(ShipmentLine.order_id == order.id)
        .group_by(ShipmentLine.line_id, Shipment.status)
    ).all()
    shipped = dict.fromkeys((row.line_id for row in rows), 0)
    for row in rows:
        shipped[row.line_id] += row.pieces if counts(row.status) else 0
    for line in plan.removed:
        if line.line_id in shipped:
            raise Invalid("lines", "%(name)s is in a shipment, so it stays in the order.", name=line.facts.name)
    for line_id, pieces in shipped.items():
        draft = plan.kept[line_id]
        if pieces and draft.wanted.quantity < pieces:
            raise Invalid(
                f"line-{draft.wanted.key}-quantity", "%(pieces)d are shipped already, so no fewer.", pieces=pieces
            )


# ---- words of the history ----


def plain(number: Decimal) -> str:
    """Write a number without signs between thousands, with two decimals, and more where it has them."""
    whole, _point, decimals = f"{number:.4f}".partition(".")
    return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def written(facts: LineFacts, other: LineFacts | None = None) -> str:
    """Write a line as the history keeps it: `A-1: 2 × 10.00 − 5 %`.

    VAT, where the price comes from, the list price and texts stand there only where they differ from an `other` line.
    """
    columns = facts.columns
    said = [f"{facts.name}: {columns['quantity']} × {plain(columns['price'])}"]
    if columns["discount_percentage"]:
        said.append(f"− {columns['discount_percentage'].normalize():f} %")
    if other is not None:
        said.extend(_differing(facts, other))
    elif facts.text.notes:
        said.append(f"“{facts.text.notes}”")
    return " ".join(said)


def _differing(facts: LineFacts, other: LineFacts) -> Iterator[str]:
    def differs(*names: str) -> bool:
        return any(facts.columns[name] != other.columns[name] for name in names)

    if differs("tax_code", "tax_percentage"):
        yield f"+ {facts.columns['tax_percentage'].normalize():f} % {facts.columns['tax_code']}"
    if differs("price_origin", "list_price"):
        list_price = facts.columns["list_price"]
        yield f"[{facts.columns['price_origin']}{'' if list_price is None else f' {plain(list_price)}'}]"
    for name in WRITTEN:
        if name != "sku" and getattr(facts.text, name) != getattr(other.text, name):
            yield f"“{getattr(facts.text, name)}”"


def _sequences(before: Sequence[StoredLine], after: Sequence[StoredLine]) -> tuple[str, str]:
    """Write two sequences of the same lines, from the first to the last place where they differ."""
    same = len(list(takewhile(lambda pair: pair[0] is pair[1], zip(before, after, strict=True))))
    same_end = len(list(takewhile(lambda pair: pair[0] is pair[1], zip(before[::-1], after[::-1], strict=True))))
    end = len(before) - same_end
    return _names(before[same:end]), _names(after[same:end])


def _names(lines: Collection[StoredLine]) -> str:
    names = [line.facts.name for line in lines][:SHOWN_LINES]
    return ", ".join(names) + (" …" if len(lines) > SHOWN_LINES else "")
