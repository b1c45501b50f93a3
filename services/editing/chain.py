"""What every request of the editor does with the form: read it, look up what there is, reckon."""

from dataclasses import dataclass
from datetime import date, datetime

from permissions import Actor
from services.editing.priced import Priced
from services.editing.typed import Typed
from services.editing.wanted import Fault


@dataclass(frozen=True)
class Asked:
    """Who asks, in which language numbers are written, and when; `today` is the day of the seller."""

    actor: Actor
    language: str
    now: datetime
    today: date
    base_currency: str


@dataclass(frozen=True)
class Worked:
    """The form, what it comes to, and what is wrong with it, by the names of its fields."""

    typed: Typed
    priced: Priced | None
    faults: dict[str, Fault]


def worked_out(typed: Typed, asked: Asked) -> Worked:
    """Work a form out."""
    return Worked(typed, None, {})
