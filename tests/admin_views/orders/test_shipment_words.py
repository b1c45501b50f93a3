"""What happened to shipments, in words."""

import pytest
from flask import Flask

from admin_views.orders.shipment_words import shipment_event
from models.order_history import OrderHistory


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("field", "old", "new", "told"),
    [
        ("shipment", "", "1 CREATED", "Shipment 1 created"),
        ("shipment", "", "2 IN_TRANSIT 2026-03-31", "Shipment 2 created, On its way, expected 31 Mar 2026"),
        ("shipment", "2 IN_TRANSIT 2026-03-31", "", "Shipment 2 deleted"),
        ("shipment", "1 CREATED", "1 DELIVERED", "Shipment 1: Created → Delivered"),
        ("shipment", "1 CREATED", "1 CREATED 2026-03-31", "Shipment 1: no day → expected 31 Mar 2026"),
        (
            "shipment",
            "1 CREATED 2026-03-31, 2 CREATED",
            "1 DELIVERED 2026-03-31, 2 EXCEPTION",
            "Shipment 1: Created → Delivered; Shipment 2: Created → Problem on the way",
        ),
        ("shipment", "1 LOST", "1 FOUND", "Shipment 1: LOST → FOUND"),
        ("shipment", "1 CREATED", "1 CREATED", "Shipment 1: Created → Created"),
        ("shipment_line", "", "12: 2 × A, 12: 1 × B, C", "Shipment 12: 2 × A, 1 × B, C added"),
        ("shipment_line", "1: 2 × A", "", "Shipment 1: 2 × A taken out"),
        ("shipment_line", "1: 2 × A", "1: 3 × A", "Shipment 1: 2 × A → 3 × A"),
        (
            "shipment_line",
            "",
            ", ".join(f"1: 1 × {sku}" for sku in "ABCDEFG"),
            "Shipment 1: 1 × A, 1 × B, 1 × C, 1 × D, 1 × E … added",
        ),
        ("tracking_code", "", "1: 3S1 (DHL), 1: 3S2", "Shipment 1: tracking code 3S1 (DHL), 3S2 added"),
        ("tracking_code", "1: 3S1", "", "Shipment 1: tracking code 3S1 taken out"),
        ("tracking_code", "1: 3S1", "1: 3S1 (DHL)", "Shipment 1: tracking code 3S1 → 3S1 (DHL)"),
    ],
)
def test_every_change_of_a_shipment_is_a_sentence(app: Flask, field: str, old: str, new: str, told: str) -> None:
    with app.test_request_context():
        assert shipment_event(OrderHistory(field=field, old_value=old, new_value=new)) == told
