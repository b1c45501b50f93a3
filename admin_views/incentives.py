"""Incentives: the seller's promotion rules."""

import json
from typing import Any

from flask_babel import lazy_gettext

from admin_views.catalogue import CatalogueView
from admin_views.incentive_words import conditions, effects, parts_writer
from admin_views.records.forms import CodeField, CountryField, Parts
from admin_views.records.lookups import RecordLookup
from admin_views.words import COLUMNS, CONDITIONS, EFFECTS
from models.incentive import IncentiveCondition, IncentiveEffect
from models.product import Product
from services.incentives import with_parts

PRODUCTS = {"product": RecordLookup("product", Product)}


class IncentiveView(CatalogueView):
    """Rules that staff apply to an order in the editor: IF all conditions hold, THEN all effects are given."""

    icon = "discount"
    new_title = lazy_gettext("New incentive")
    is_ordered = True
    page_size = 100
    column_list = (
        "name conditions effects action_code is_active valid_from valid_until is_exclusive position updated_at"
    ).split()
    column_default_sort = "position"
    column_filters = "action_code valid_from valid_until is_active".split()
    column_formatters = column_formatters_export = {"conditions": conditions, "effects": effects}
    history_writers = {"conditions": parts_writer, "effects": parts_writer}
    form_columns = "name description is_active valid_from valid_until action_code is_exclusive position".split()
    column_details_list = [*form_columns, "conditions", "effects", "created_at", "updated_at"]
    form_ajax_refs = PRODUCTS
    inline_models = (
        Parts(IncentiveCondition, form_ajax_refs=PRODUCTS, form_overrides={"kind": CodeField, "country": CountryField},
              form_columns="id kind amount quantity product manufacturer customer_group country carrier".split(),
              form_args={"kind": {"choices": list(CONDITIONS.items()),
                                  "render_kw": {"data-shows": json.dumps(IncentiveCondition.shown())}},
                         "amount": {"description": lazy_gettext("In the base currency.")}}),
        Parts(IncentiveEffect, form_ajax_refs=PRODUCTS, form_overrides={"kind": CodeField},
              column_labels={**COLUMNS, "percentage": lazy_gettext("Discount, %")},
              form_columns="id kind quantity product per_quantity manufacturer percentage amount".split(),
              form_args={"kind": {"choices": list(EFFECTS.items()),
                                  "render_kw": {"data-shows": json.dumps(IncentiveEffect.shown())}},
                         "per_quantity": {"description": lazy_gettext("Of what the conditions name; empty: once.")},
                         "amount": {"description": lazy_gettext("In the base currency; a discount: off each line.")}}),
    )  # fmt: skip
    column_descriptions = {
        "action_code": lazy_gettext("Only orders with this code; empty: no code is needed."),
        "is_exclusive": lazy_gettext("When it fires, no incentive after it is looked at."),
        "valid_until": lazy_gettext("The last day on which it counts; without one it goes on."),
        "position": lazy_gettext("Incentives are looked at in this order; 0 puts a new one last."),
    }

    def get_query(self) -> Any:
        return super().get_query().options(*with_parts())
