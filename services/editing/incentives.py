"""Incentives on a form: what would be given, accepting it, and taking it back.

What was accepted stays in the form as lines of its own, and costs beside those that are typed, until it is applied
again or withdrawn: an order that changes afterwards keeps them, and `is_outdated` says that they fit no more.
"""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select

from models.base import db
from models.incentive import Incentive
from models.order import LineClass
from services.editing.chain import EditorContext, EvaluatedForm, worked_out
from services.editing.given import given_now, worth, worth_of
from services.editing.lines import plain
from services.editing.typed import Typed, TypedLine
from services.incentive_rules import Given, Outcome
from services.notation import notation_of

Key = tuple[object, ...]


@dataclass(frozen=True)
class Proposal:
    """What the incentives would give: the form without any, and the same with what fires."""

    found: Outcome
    before: EvaluatedForm
    after: EvaluatedForm


def proposal(typed: Typed, context: EditorContext) -> Proposal:
    """Try the incentives on a form, whatever was accepted before. The form itself is not changed."""
    before = worked_out(without_incentives(typed), context)
    found = given_now(before.priced, before.offers)
    return Proposal(found, before, worked_out(with_incentives(typed, found, context.language), context))


def applied(typed: Typed, context: EditorContext) -> Typed:
    """Accept what the incentives give; applied again to the same order it is the same."""
    worked = worked_out(typed, context)
    return with_incentives(typed, given_now(worked.priced, worked.offers), context.language)


def with_incentives(typed: Typed, found: Outcome, language: str) -> Typed:
    """Put what incentives give in the place of what they gave before. Lines that stay keep their keys."""
    bare, had = without_incentives(typed), _by_place(typed)
    lines = []
    for line, key in zip(found.lines, typed.new_keys(len(found.lines)), strict=True):
        former = had.get(_place(line, line.rule_id))
        lines.append(_typed_line(line, language, former.pop(0) if former else TypedLine(key)))
    return replace(
        bare,
        lines=(*bare.lines, *lines),
        incentive_ids=tuple(fired.rule.id for fired in found.fired),
        incentive_shipping=_plain(found.shipping),
        incentive_payment=_plain(found.payment),
    ).in_order(())


def without_incentives(typed: Typed) -> Typed:
    """Take back what incentives gave, all of it."""
    return replace(
        typed,
        lines=tuple(line for line in typed.lines if line.incentive_id is None),
        incentive_ids=(),
        incentive_shipping="",
        incentive_payment="",
    )


def has_incentives(typed: Typed) -> bool:
    """Say whether a form has anything of incentives."""
    return typed != without_incentives(typed)


def is_outdated(worked: EvaluatedForm) -> bool:
    """Say whether incentives were accepted that would give something else now."""
    if not has_incentives(worked.typed):
        return False
    found, wanted = given_now(worked.priced, worked.offers), worked.priced.wanted
    have = Counter(worth_of(line) for line in worked.priced.lines if line.wanted.incentive_id is not None)
    return (
        have != Counter(map(worth, found.lines))
        or set(wanted.incentive_ids) != {fired.rule.id for fired in found.fired}
        or (wanted.incentive_shipping, wanted.incentive_payment) != (found.shipping, found.payment)
    )


def names_of(typed: Typed) -> list[str]:
    """Give the names of the incentives that were accepted."""
    ids = {*typed.incentive_ids, *(line.incentive_id for line in typed.lines)} - {None}
    wanted = select(Incentive.name).where(Incentive.id.in_(ids)).order_by(Incentive.position, Incentive.id)
    return list(db.session.scalars(wanted)) if ids else []


# ---- lines ----


def _place(line: Given | TypedLine, incentive_id: int | None) -> Key:
    """Give what a line of an incentive stands for: one that stands for the same takes its place."""
    is_whole = not line.is_bonus and not line.parent
    return incentive_id, line.product_id, line.parent, line.tax_code if is_whole else ""


def _by_place(typed: Typed) -> dict[Key, list[TypedLine]]:
    found: dict[Key, list[TypedLine]] = {}
    for line in typed.lines:
        if line.incentive_id is not None:
            found.setdefault(_place(line, line.incentive_id), []).append(line)
    return found


def _typed_line(line: Given, language: str, former: TypedLine) -> TypedLine:
    """Write a line into the form, in the place of the former one."""
    price = former.price if line.is_bonus else plain(line.price).replace(".", notation_of(language).point)
    return replace(
        former,
        product_id=line.product_id,
        parent=line.parent,
        line_class=LineClass.PRODUCT if line.is_bonus else LineClass.INCENTIVE,
        is_bonus=line.is_bonus,
        incentive_id=line.rule_id,
        name=former.name if line.is_bonus else line.name,
        quantity=str(line.quantity),
        price=price,
        tax_code=line.tax_code,
    )


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)
