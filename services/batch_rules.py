"""What a batch would make of an order, pure: facts in, outcome and reason out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.batch import BatchAction, Outcome, Reason
from models.order import ExportStatus
from services.lifecycle import may_follow

RESET = {"export_status": ExportStatus.EMPTY.value, "exported_at": None, "export_message": ""}
FROM_THE_BIN = (BatchAction.RESTORE, BatchAction.UNDO)
HANDED_OVER = (ExportStatus.EXPORTED, ExportStatus.FINISHED)


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `is_same` says that the order still has the version that was chosen."""

    is_found: bool
    is_same: bool
    is_deleted: bool
    status_id: int | None
    export_status: str | None
    is_reset: bool
    has_invoice: bool
    has_shipment: bool


@dataclass(frozen=True)
class Ways:
    """What the statuses allow: which may be deleted from, what may follow each, and where a change leads."""

    deletable: frozenset[int]
    next_ids: Mapping[int, frozenset[int]]
    target: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What becomes of an order; DONE is what is done to it."""

    outcome: Outcome
    reason: Reason = Reason.NONE


def verdict(action: BatchAction, facts: Facts, ways: Ways) -> Verdict:
    """Say what an action makes of an order with these facts."""
    is_there = facts.is_found and (not facts.is_deleted or action in FROM_THE_BIN)
    if not is_there:
        return Verdict(Outcome.NOT_FOUND)
    return JUDGED[action](facts, ways) if facts.is_same else Verdict(Outcome.CHANGED)


def _delete(facts: Facts, ways: Ways) -> Verdict:
    if facts.status_id not in ways.deletable:
        return Verdict(Outcome.REFUSED, Reason.STATUS_KEEPS)
    if facts.has_invoice:
        return Verdict(Outcome.REFUSED, Reason.HAS_INVOICE)
    if facts.has_shipment:
        return Verdict(Outcome.REFUSED, Reason.HAS_SHIPMENT)
    return Verdict(Outcome.DONE)


def _change_status(facts: Facts, ways: Ways) -> Verdict:
    if ways.target is None:
        return Verdict(Outcome.REFUSED, Reason.STATUS_GONE)
    if facts.status_id == ways.target:
        return Verdict(Outcome.UNCHANGED)
    if not may_follow(ways.target, facts.status_id, ways.next_ids):
        return Verdict(Outcome.REFUSED, Reason.MAY_NOT_FOLLOW)
    return Verdict(Outcome.DONE)


def _reset_export(facts: Facts, _ways: Ways) -> Verdict:
    return Verdict(Outcome.UNCHANGED if facts.is_reset else Outcome.DONE)


def _restore(facts: Facts, _ways: Ways) -> Verdict:
    return Verdict(Outcome.DONE if facts.is_deleted else Outcome.UNCHANGED)


def _undo(_facts: Facts, _ways: Ways) -> Verdict:
    return Verdict(Outcome.DONE)


JUDGED: Mapping[BatchAction, Callable[[Facts, Ways], Verdict]] = {
    BatchAction.DELETE: _delete,
    BatchAction.RESET_EXPORT: _reset_export,
    BatchAction.CHANGE_STATUS: _change_status,
    BatchAction.RESTORE: _restore,
    BatchAction.UNDO: _undo,
}


def values(action: BatchAction, ways: Ways) -> Mapping[str, Any]:
    """Give what an action sets in an order; UNDO sets what was there before."""
    match action:
        case BatchAction.DELETE:
            return {"is_deleted": True}
        case BatchAction.RESTORE:
            return {"is_deleted": False}
        case BatchAction.RESET_EXPORT:
            return RESET
        case BatchAction.CHANGE_STATUS:
            return {"status_id": ways.target}
        case BatchAction.UNDO:
            return {}
