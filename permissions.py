"""Who may do what: roles, levels, actions and the grants that each action needs.

This module knows nothing of the rest of the product. `admin_views.access` carries it to the web,
`services.unit_of_work` and `models.base` enforce it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """A part of the product. No role implies another."""

    ORDER = "order"
    BACKOFFICE = "backoffice"
    USER = "user"
    PRODUCT = "product"
    CONFIGURATION = "configuration"
    STAFF = "staff"


class Level(IntEnum):
    """How far a role goes; a higher level includes the lower ones."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3


@dataclass(frozen=True, order=True)
class Grant:
    """A role at a level, held by a person or needed by an action."""

    role: Role
    level: Level

    @classmethod
    def parse(cls, text: str) -> "Grant":
        """Read `role:level`, for example `order:editor`. Raises ValueError on anything else."""
        role, _, level = text.partition(":")
        try:
            return cls(Role(role), Level[level.upper()])
        except (KeyError, ValueError):
            roles = ", ".join(Role)
            raise ValueError(
                f"{text!r} is not a grant. Write ROLE:LEVEL with a role of {roles} "
                "and a level of viewer, editor, owner."
            ) from None

    def __str__(self) -> str:
        return f"{self.role}:{self.level.name.lower()}"


class Action(StrEnum):
    """What a person may ask for. Each has its needs below."""

    ORDERS_SEE = "orders.see"
    ORDERS_EDIT = "orders.edit"
    ORDERS_REMOVE_NOTES = "orders.remove_notes"
    ORDERS_RESET_EXPORT = "orders.reset_export"
    VIEWS_SHARE = "views.share"
    ORDERS_CREATE = "orders.create"
    ORDERS_DELETE = "orders.delete"
    JOBS_OTHERS = "jobs.others"
    STATUSES_SEE = "statuses.see"
    STATUSES_EDIT = "statuses.edit"
    STATUSES_CREATE = "statuses.create"
    CUSTOMERS_SEE = "customers.see"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_CREATE = "customers.create"
    CATALOGUE_SEE = "catalogue.see"
    CATALOGUE_EDIT = "catalogue.edit"
    CATALOGUE_CREATE = "catalogue.create"
    SETTINGS_SEE = "settings.see"
    SETTINGS_EDIT = "settings.edit"
    SETTINGS_CREATE = "settings.create"
    STAFF_SEE = "staff.see"
    STAFF_EDIT = "staff.edit"
    OWN_ACCOUNT = "account.own"
    """What everybody may do with his or her own account. It needs no grant."""


@dataclass(frozen=True)
class Needed:
    """The grants an action needs, all of them, and the action in words ("You may not …")."""

    words: str
    grants: tuple[Grant, ...]

    def __post_init__(self) -> None:
        if not self.grants:
            raise ValueError("An action without needed grants would let everybody in.")


_SEE = (Grant(Role.ORDER, Level.VIEWER), Grant(Role.BACKOFFICE, Level.VIEWER))
_EDIT = (Grant(Role.ORDER, Level.EDITOR), Grant(Role.BACKOFFICE, Level.VIEWER))
_OWN = (Grant(Role.ORDER, Level.OWNER), Grant(Role.BACKOFFICE, Level.VIEWER))
_CREATE = (*_OWN, Grant(Role.USER, Level.VIEWER))

NEEDS: dict[Action, Needed] = {
    Action.ORDERS_SEE: Needed("see orders", _SEE),
    Action.ORDERS_EDIT: Needed("edit orders", _EDIT),
    Action.ORDERS_REMOVE_NOTES: Needed("remove notes of others", _OWN),
    Action.ORDERS_RESET_EXPORT: Needed("reset export fields", _OWN),
    Action.VIEWS_SHARE: Needed("share views", _OWN),
    Action.ORDERS_CREATE: Needed("create orders", _CREATE),
    Action.ORDERS_DELETE: Needed("delete orders", _CREATE),
    Action.JOBS_OTHERS: Needed("see the jobs of others", _CREATE),
    Action.STATUSES_SEE: Needed("see statuses", (Grant(Role.ORDER, Level.VIEWER),)),
    Action.STATUSES_EDIT: Needed("change statuses", (Grant(Role.ORDER, Level.EDITOR),)),
    Action.STATUSES_CREATE: Needed("create or delete statuses", (Grant(Role.ORDER, Level.OWNER),)),
    Action.CUSTOMERS_SEE: Needed("see customers", (Grant(Role.USER, Level.VIEWER),)),
    Action.CUSTOMERS_EDIT: Needed("change customers", (Grant(Role.USER, Level.EDITOR),)),
    Action.CUSTOMERS_CREATE: Needed("create or delete customers", (Grant(Role.USER, Level.OWNER),)),
    Action.CATALOGUE_SEE: Needed("see the catalogue", (Grant(Role.PRODUCT, Level.VIEWER),)),
    Action.CATALOGUE_EDIT: Needed("change the catalogue", (Grant(Role.PRODUCT, Level.EDITOR),)),
    Action.CATALOGUE_CREATE: Needed("create or delete in the catalogue", (Grant(Role.PRODUCT, Level.OWNER),)),
    Action.SETTINGS_SEE: Needed("see settings", (Grant(Role.CONFIGURATION, Level.VIEWER),)),
    Action.SETTINGS_EDIT: Needed("change settings", (Grant(Role.CONFIGURATION, Level.EDITOR),)),
    Action.SETTINGS_CREATE: Needed("create or delete settings", (Grant(Role.CONFIGURATION, Level.OWNER),)),
    Action.STAFF_SEE: Needed("see staff", (Grant(Role.STAFF, Level.VIEWER),)),
    Action.STAFF_EDIT: Needed("change staff", (Grant(Role.STAFF, Level.OWNER),)),
}


class NotAllowed(Exception):
    """The actor lacks a grant that the action needs."""

    def __init__(self, action: Action) -> None:
        super().__init__(action)
        self.action = action


@dataclass(frozen=True)
class Actor:
    """The person or program that asks: what it was granted, and which companies' orders exist for it.

    `companies` None means that the actor is not limited; an empty set means no order at all.
    """

    staff_id: int | None
    name: str
    grants: frozenset[Grant]
    companies: frozenset[int] | None = None

    @property
    def person(self) -> int:
        """Give the id of the person. Raises NotAllowed for a program, which keeps nothing of its own."""
        if self.staff_id is None:
            raise NotAllowed(Action.OWN_ACCOUNT)
        return self.staff_id

    def may(self, action: Action) -> bool:
        """Say whether every grant that `action` needs is held, at its level or above."""
        if action is Action.OWN_ACCOUNT:
            return self.staff_id is not None
        return all(
            any(held.role == needed.role and held.level >= needed.level for held in self.grants)
            for needed in NEEDS[action].grants
        )

    def must(self, action: Action) -> None:
        """Raise NotAllowed unless the actor may."""
        if not self.may(action):
            raise NotAllowed(action)


def everything() -> Iterable[Grant]:
    """Every role at owner level."""
    return (Grant(role, Level.OWNER) for role in Role)


SYSTEM = Actor(staff_id=None, name="System", grants=frozenset(everything()))
"""The operator at the command line and the product's own jobs."""
