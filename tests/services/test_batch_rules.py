"""What a batch makes of an order: facts in, outcome and reason out."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from models.batch import BatchAction, Outcome, Reason
from services.batch_rules import Facts, Verdict, Ways, values, verdict

DRAFT, NEW, CONFIRMED, GONE = 1, 2, 3, 9
WAYS = Ways(
    deletable=frozenset({DRAFT}),
    next_ids={DRAFT: frozenset({NEW}), NEW: frozenset({CONFIRMED})},
    target=CONFIRMED,
)
PLAIN = Facts(
    is_found=True,
    is_same=True,
    is_deleted=False,
    status_id=NEW,
    export_status="EMPTY",
    is_reset=True,
    has_invoice=False,
    has_shipment=False,
)
DRAFTED: Mapping[str, Any] = {"status_id": DRAFT}
DONE, UNCHANGED, CHANGED, NOT_FOUND = map(
    Verdict, (Outcome.DONE, Outcome.UNCHANGED, Outcome.CHANGED, Outcome.NOT_FOUND)
)
DELETE, RESET_EXPORT, CHANGE_STATUS, RESTORE, UNDO = BatchAction


def refused(reason: Reason) -> Verdict:
    return Verdict(Outcome.REFUSED, reason)


TABLE: list[tuple[BatchAction, Mapping[str, Any], Verdict]] = [
    (DELETE, DRAFTED, DONE),
    (DELETE, {**DRAFTED, "export_status": "EXPORTED"}, DONE),
    (DELETE, {}, refused(Reason.STATUS_KEEPS)),
    (DELETE, {"status_id": GONE}, refused(Reason.STATUS_KEEPS)),
    (DELETE, {**DRAFTED, "has_invoice": True}, refused(Reason.HAS_INVOICE)),
    (DELETE, {**DRAFTED, "has_shipment": True}, refused(Reason.HAS_SHIPMENT)),
    (DELETE, {**DRAFTED, "has_invoice": True, "has_shipment": True}, refused(Reason.HAS_INVOICE)),
    (DELETE, {"has_invoice": True}, refused(Reason.STATUS_KEEPS)),
    (DELETE, {**DRAFTED, "is_same": False}, CHANGED),
    (DELETE, {"is_same": False, "has_invoice": True}, CHANGED),
    (DELETE, {**DRAFTED, "is_deleted": True}, NOT_FOUND),
    (DELETE, {**DRAFTED, "is_deleted": True, "is_same": False}, NOT_FOUND),
    (RESET_EXPORT, {"is_reset": False, "export_status": "EXPORTED"}, DONE),
    (RESET_EXPORT, {"is_reset": False}, DONE),
    (RESET_EXPORT, {}, UNCHANGED),
    (RESET_EXPORT, {"has_invoice": True, "has_shipment": True, "is_reset": False}, DONE),
    (RESET_EXPORT, {"is_same": False}, CHANGED),
    (RESET_EXPORT, {"is_deleted": True}, NOT_FOUND),
    (CHANGE_STATUS, {}, DONE),
    (CHANGE_STATUS, {"has_invoice": True, "has_shipment": True}, DONE),
    (CHANGE_STATUS, {"status_id": CONFIRMED}, UNCHANGED),
    (CHANGE_STATUS, DRAFTED, refused(Reason.MAY_NOT_FOLLOW)),
    (CHANGE_STATUS, {"status_id": GONE}, refused(Reason.MAY_NOT_FOLLOW)),
    (CHANGE_STATUS, {"status_id": CONFIRMED, "is_same": False}, CHANGED),
    (CHANGE_STATUS, {"is_deleted": True}, NOT_FOUND),
    (RESTORE, {"is_deleted": True}, DONE),
    (RESTORE, {"is_deleted": True, "has_invoice": True}, DONE),
    (RESTORE, {}, UNCHANGED),
    (RESTORE, {"is_deleted": True, "is_same": False}, CHANGED),
    (UNDO, {}, DONE),
    (UNDO, {"is_deleted": True}, DONE),
    (UNDO, {"status_id": CONFIRMED}, DONE),
    (UNDO, {"is_same": False}, CHANGED),
]


@pytest.mark.parametrize(("action", "differences", "expected"), TABLE)
def test_the_facts_decide(action: BatchAction, differences: Mapping[str, Any], expected: Verdict) -> None:
    assert verdict(action, replace(PLAIN, **differences), WAYS) == expected


@pytest.mark.parametrize("action", BatchAction)
def test_what_is_not_there_is_not_found_whatever_else_is_said(action: BatchAction) -> None:
    for is_same, is_deleted, has_invoice in product((True, False), repeat=3):
        facts = replace(PLAIN, is_found=False, is_same=is_same, is_deleted=is_deleted, has_invoice=has_invoice)
        assert verdict(action, facts, WAYS) == NOT_FOUND


@pytest.mark.parametrize("action", BatchAction)
def test_what_changed_meanwhile_is_never_touched(action: BatchAction) -> None:
    for status, flags in product((DRAFT, NEW, CONFIRMED, GONE), product((True, False), repeat=4)):
        is_deleted, is_reset, has_invoice, has_shipment = flags
        facts = Facts(
            is_found=True,
            is_same=False,
            is_deleted=is_deleted,
            status_id=status,
            export_status="FAILED",
            is_reset=is_reset,
            has_invoice=has_invoice,
            has_shipment=has_shipment,
        )
        assert verdict(action, facts, WAYS) in (CHANGED, NOT_FOUND)


def test_no_order_goes_to_a_status_that_is_not_there() -> None:
    ways = replace(WAYS, target=None)
    assert verdict(CHANGE_STATUS, PLAIN, ways) == refused(Reason.STATUS_GONE)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (DELETE, {"is_deleted": True}),
        (RESTORE, {"is_deleted": False}),
        (RESET_EXPORT, {"export_status": "EMPTY", "exported_at": None, "export_message": ""}),
        (CHANGE_STATUS, {"status_id": CONFIRMED}),
        (UNDO, {}),
    ],
)
def test_an_action_sets_what_it_is_called_and_nothing_else(action: BatchAction, expected: Mapping[str, Any]) -> None:
    assert values(action, WAYS) == expected
