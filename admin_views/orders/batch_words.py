"""What batches are called: before, meanwhile and afterwards."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from admin_views.notation import notation
from models.batch import Batch, BatchAction, Outcome, Reason
from services.batch_rules import Verdict

Counted = Callable[[int], str]


class ActionWords(NamedTuple):
    """How an action is said; the functions take how many orders there are."""

    label: LazyString
    title: Counted
    will: Counted
    did: Counted
    done: LazyString
    not_done: LazyString
    icon: str


def _n(count: int) -> str:
    return notation().whole(count)


SAYINGS: Mapping[BatchAction, ActionWords] = {
    BatchAction.DELETE: ActionWords(
        lazy_gettext("Delete order(s)"),
        lambda count: ngettext("Delete %(n)s order", "Delete %(n)s orders", count, n=_n(count)),
        lambda count: ngettext("%(n)s will be deleted", "%(n)s will be deleted", count, n=_n(count)),
        lambda count: ngettext("%(n)s deleted", "%(n)s deleted", count, n=_n(count)),
        lazy_gettext("Deleted"),
        lazy_gettext("Not deleted"),
        "trash",
    ),
    BatchAction.RESET_EXPORT: ActionWords(
        lazy_gettext("Reset export fields"),
        lambda count: ngettext(
            "Reset export fields of %(n)s order", "Reset export fields of %(n)s orders", count, n=_n(count)
        ),
        lambda count: ngettext("%(n)s will be reset", "%(n)s will be reset", count, n=_n(count)),
        lambda count: ngettext("%(n)s reset", "%(n)s reset", count, n=_n(count)),
        lazy_gettext("Reset"),
        lazy_gettext("Not reset"),
        "rotate",
    ),
    BatchAction.CHANGE_STATUS: ActionWords(
        lazy_gettext("Change status"),
        lambda count: ngettext("Change status of %(n)s order", "Change status of %(n)s orders", count, n=_n(count)),
        lambda count: ngettext("%(n)s will be changed", "%(n)s will be changed", count, n=_n(count)),
        lambda count: ngettext("%(n)s changed", "%(n)s changed", count, n=_n(count)),
        lazy_gettext("Changed"),
        lazy_gettext("Not changed"),
        "transfer",
    ),
    BatchAction.RESTORE: ActionWords(
        lazy_gettext("Restore order(s)"),
        lambda count: ngettext("Restore %(n)s order", "Restore %(n)s orders", count, n=_n(count)),
        lambda count: ngettext("%(n)s will be restored", "%(n)s will be restored", count, n=_n(count)),
        lambda count: ngettext("%(n)s restored", "%(n)s restored", count, n=_n(count)),
        lazy_gettext("Restored"),
        lazy_gettext("Not restored"),
        "arrow-back-up",
    ),
    BatchAction.UNDO: ActionWords(
        lazy_gettext("Undo"),
        lambda count: ngettext("Undo for %(n)s order", "Undo for %(n)s orders", count, n=_n(count)),
        lambda count: ngettext("%(n)s will be taken back", "%(n)s will be taken back", count, n=_n(count)),
        lambda count: ngettext("%(n)s taken back", "%(n)s taken back", count, n=_n(count)),
        lazy_gettext("Taken back"),
        lazy_gettext("Not taken back"),
        "arrow-back-up",
    ),
}


COUNTED: Mapping[Outcome, LazyString] = {
    Outcome.DONE: lazy_gettext("%(n)s done"),
    Outcome.UNCHANGED: lazy_gettext("%(n)s already so"),
    Outcome.REFUSED: lazy_gettext("%(n)s refused"),
    Outcome.CHANGED: lazy_gettext("%(n)s changed meanwhile"),
    Outcome.NOT_FOUND: lazy_gettext("%(n)s not found"),
    Outcome.WAITING: lazy_gettext("%(n)s to do"),
}


def in_short(counts: Mapping[Outcome, int]) -> str:
    """Say what became of the orders of a batch: `1,980 done, 20 refused`."""
    return ", ".join(said % {"n": _n(counts[outcome])} for outcome, said in COUNTED.items() if counts.get(outcome))


def in_full(done: str, unchanged: int, others: str) -> str:
    """Join what is said of those that are changed, of those that are so already, and of the others."""
    so = COUNTED[Outcome.UNCHANGED] % {"n": _n(unchanged)} if unchanged else ""
    return ", ".join(filter(None, (done, so, others)))


def what(batch: Batch, status_names: Mapping[str, str]) -> str:
    """Say what a batch does: `Change status to Complete`."""
    match BatchAction(batch.action):
        case BatchAction.CHANGE_STATUS:
            return gettext("Change status to %(status)s", status=status_names.get(batch.to_status, batch.to_status))
        case BatchAction.UNDO:
            return gettext("Undo batch %(number)d", number=batch.undoes_id)
        case action:
            return str(SAYINGS[action].label)


def outcome_word(action: BatchAction, outcome: Outcome) -> str:
    """Say what became of an order."""
    saying = SAYINGS[action]
    words = {
        Outcome.DONE: saying.done,
        Outcome.UNCHANGED: gettext("Already so"),
        Outcome.WAITING: gettext("Waiting"),
    }
    return str(words.get(outcome, saying.not_done))


ALREADY: Mapping[BatchAction, LazyString] = {
    BatchAction.RESET_EXPORT: lazy_gettext("The export fields are empty already"),
    BatchAction.CHANGE_STATUS: lazy_gettext("Is in this status already"),
    BatchAction.RESTORE: lazy_gettext("Is not in the bin"),
}


def why(action: BatchAction, outcome: str, reason: str, detail: str, status_names: Mapping[str, str]) -> str:
    """Say why an order was left as it was; nothing when it was not."""
    match Outcome(outcome):
        case Outcome.REFUSED:
            if action is BatchAction.CHANGE_STATUS and reason == Reason.STATUS_GONE:
                return gettext("There is no such status")
            return _refusal(Reason(reason), detail, status_names.get(detail, detail))
        case Outcome.UNCHANGED:
            return str(ALREADY.get(action, ""))
        case Outcome.CHANGED:
            return gettext("Changed meanwhile")
        case Outcome.NOT_FOUND:
            return gettext("Not found")
        case _:
            return ""


def reason_word(action: BatchAction, said: Verdict) -> str:
    """Say why orders are left, for all that share the reason."""
    reasons = {
        Reason.STATUS_KEEPS: gettext("Their status may not be deleted"),
        Reason.HAS_INVOICE: gettext("Have an invoice"),
        Reason.HAS_SHIPMENT: gettext("Have a shipment"),
        Reason.MAY_NOT_FOLLOW: gettext("May not follow their status"),
    }
    return reasons.get(said.reason) or why(action, said.outcome, said.reason, "", {})


def _refusal(reason: Reason, detail: str, status: str) -> str:
    match reason:
        case Reason.STATUS_KEEPS:
            return gettext("Orders in status %(status)s may not be deleted", status=status)
        case Reason.HAS_INVOICE:
            return gettext("Has invoice %(number)s", number=detail)
        case Reason.HAS_SHIPMENT:
            return gettext("Has a shipment")
        case Reason.MAY_NOT_FOLLOW:
            return gettext("May not follow %(status)s", status=status)
        case _:
            return gettext("The status no longer exists")
