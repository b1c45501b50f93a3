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
class Asked:
    """Who asks, in which language numbers are written, and when; `today` is the day of the seller, in its `zone`."""

    actor: Actor
    language: str
    now: datetime
    today: date
    base_currency: str
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Worked:
    """The form, what it means, on what its prices rest, what it comes to, and its faults by the names of its fields."""

    typed: Typed
    wanted: Wanted
    offers: Offers
    priced: Priced
    faults: dict[str, Fault]


def worked_out(typed: Typed, asked: Asked) -> Worked:
    """Work a form out; what cannot be read is wrong before anything else is."""
    wanted, unread = read(typed, asked.language)
    offers = look_up(wanted, actor=asked.actor, today=asked.today, base_currency=asked.base_currency, zone=asked.zone)
    priced, wrong = reckon(wanted, offers)
    return Worked(typed, wanted, offers, priced, {**unfounded(priced, offers), **wrong, **unread})


def checked(worked: Worked) -> Worked:
    """Before it is saved, tell also which prices have changed since the person saw them."""
    return replace(worked, faults={**price_changes(worked.priced), **worked.faults})
