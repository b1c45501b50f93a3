"""Reading incentives, as rules."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from models.base import db
from models.incentive import EffectKind, Incentive, IncentiveCondition, IncentiveEffect, OrderIncentive
from services.incentive_rules import Condition, Effect, Rule


def rule_of(incentive: Incentive) -> Rule:
    """Give an incentive as a rule. A bonus that is not sold any more is none of its effects."""
    return Rule(
        id=incentive.id,
        name=incentive.name,
        conditions=tuple(map(_condition, incentive.conditions)),
        effects=tuple(_effect(effect) for effect in incentive.effects if _is_given(effect)),
        position=incentive.position,
        action_code=incentive.action_code,
        valid_from=incentive.valid_from,
        valid_until=incentive.valid_until,
        is_exclusive=incentive.is_exclusive,
    )


def with_parts() -> tuple[ExecutableOption, ...]:
    """Give the options with which incentives are read together with all that `rule_of` asks for."""
    return (
        selectinload(Incentive.conditions).options(
            joinedload(IncentiveCondition.product),
            joinedload(IncentiveCondition.customer_group),
            joinedload(IncentiveCondition.carrier),
        ),
        selectinload(Incentive.effects).joinedload(IncentiveEffect.product),
    )


def active_rules() -> list[Rule]:
    """Give the incentives that are active, whatever the day, in three statements."""
    active = select(Incentive).where(Incentive.is_active).options(*with_parts())
    return [rule_of(row) for row in db.session.scalars(active.order_by(Incentive.position, Incentive.id))]


def incentives_of(order_id: int) -> Sequence[OrderIncentive]:
    """Give which incentives were applied to an order, the first one first."""
    return db.session.scalars(
        select(OrderIncentive).where(OrderIncentive.order_id == order_id).order_by(OrderIncentive.id)
    ).all()


def newly_applied(order_id: int, incentive_ids: Collection[int]) -> Sequence[OrderIncentive]:
    """Give the rows that say which incentives were applied to an order; numbers of none are left out."""
    if not incentive_ids:
        return []
    names = db.session.execute(
        select(Incentive.id, Incentive.name)
        .where(Incentive.id.in_(incentive_ids))
        .order_by(Incentive.position, Incentive.id)
    )
    return [OrderIncentive(order_id=order_id, incentive_id=row.id, name=row.name) for row in names]


def _condition(row: IncentiveCondition) -> Condition:
    return Condition(
        kind=row.kind,
        amount=row.amount,
        quantity=row.quantity,
        product_id=row.product_id,
        manufacturer=row.manufacturer,
        customer_group_id=row.customer_group_id,
        country=row.country,
        carrier=row.carrier.name if row.carrier else "",
        name=str(row.product or row.customer_group or ""),
    )


def _effect(row: IncentiveEffect) -> Effect:
    return Effect(
        kind=row.kind,
        product_id=row.product_id,
        manufacturer=row.manufacturer,
        quantity=row.quantity,
        per_quantity=row.per_quantity,
        percentage=row.percentage,
        amount=row.amount,
        name=str(row.product or ""),
    )


def _is_given(effect: IncentiveEffect) -> bool:
    return effect.kind != EffectKind.BONUS_PRODUCT or (effect.product is not None and effect.product.is_active)
