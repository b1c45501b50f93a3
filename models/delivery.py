"""How far something is that is sent to others."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """How far a mail or a run is. In SENDING the other side has it, or is getting it, and has not answered yet."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
