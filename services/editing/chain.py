"""What every request of the editor does with the form: read it, look up what there is, reckon."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

from permissions import Actor
from services.editing.given import unfounded
from services.editing.offers import Offers, look_up
from services.editing.priced import Priced, price_changes, reckon
from services.editing.typed import Typed
from services.editing.wanted import Fault, Wanted, read


@dataclass(frozen=True)
class EditorContext:
    """Who asks, in which language numbers are written, and when; `today` is the day of the seller, in its `zone`."""

    actor: Actor
    language: str
    now: datetime
    today: date
    base_currency: str
    zone: tzinfo = UTC


@dataclass(frozen=True)
class EvaluatedForm:
    """The form, what it means, on what its prices rest, what it comes to, and its faults by the names of its fields."""

    typed: Typed
    wanted: Wanted
    offers: Offers
    priced: Priced
    faults: dict[str, Fault]


def worked_out(typed: Typed, context: EditorContext) -> EvaluatedForm:
    """Work a form out; what cannot be read is wrong before anything else is."""
    wanted, unread = read(typed, context.language)
    offers = look_up(
        wanted, actor=context.actor, today=context.today, base_currency=context.base_currency, zone=context.zone
    )
    priced, wrong = reckon(wanted, offers)
    return EvaluatedForm(typed, wanted, offers, priced, {**unfounded(priced, offers), **wrong, **unread})


def checked(worked: EvaluatedForm) -> EvaluatedForm:
    """Before it is saved, tell also which prices have changed since the person saw them."""
    return replace(worked, faults={**price_changes(worked.priced), **worked.faults})
