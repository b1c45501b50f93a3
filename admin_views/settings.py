"""What orders choose from, what documents say of the seller, and what mails begin with."""

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext
from werkzeug import Response

from admin_views.access import actor, seller_zone
from admin_views.notation import said
from admin_views.records.cells import hidden, lines, thumbnail
from admin_views.records.filters import Exactly
from admin_views.records.forms import CodeField, CountryField, SecretField, WebAddressField
from admin_views.records.links import OrdersLink
from admin_views.records.pictures import LogoField
from admin_views.records.view import RecordView
from admin_views.sending import framed, send_picture
from admin_views.words import LANGUAGES, MAIL_CODES, SHIPPING_METHODS
from models.choices import Carrier, PaymentMethod
from models.order import Order
from permissions import Action
from services.errors import Invalid
from services.firm import logo
from services.mails.templates import tried
from services.mails.texts import NAMES
from services.products import tax_choices


class SettingsView(RecordView):
    """What all pages of the settings need. Orders keep the names that they were placed with."""

    action = Action.SETTINGS_SEE
    edit_action = Action.SETTINGS_EDIT
    create_action = Action.SETTINGS_CREATE


class CarrierView(SettingsView):
    """Who brings the goods, or where they are picked up."""

    icon = "truck"
    new_title = lazy_gettext("New carrier")
    choices = {"kind": SHIPPING_METHODS}
    column_list = "name kind description costs free_from tax_code tracking_url is_active updated_at".split()
    column_filters = ("kind", Exactly(lazy_gettext("Tax code"), "tax_code", Carrier.tax_code), "is_active")
    form_columns = "name kind description costs free_from tax_code tracking_url is_active".split()
    form_extra_fields = {"tax_code": CodeField(lazy_gettext("Tax code"), choices=tax_choices)}
    column_descriptions = {
        "costs": lazy_gettext("The shipping costs of an order, in the base currency."),
        "free_from": lazy_gettext("From this subtotal excl. VAT on there are no costs; empty: there always are."),
        "tracking_url": lazy_gettext("The web address of a parcel, with {code} where its tracking code goes."),
    }
    links = (OrdersLink(lazy_gettext("Orders"), "orders.index_view", "carrier", Order.carrier, "name", "name"),)


class PaymentMethodView(SettingsView):
    """The ways to pay."""

    icon = "credit-card"
    new_title = lazy_gettext("New payment method")
    fixed = ("code",)
    column_list = "name code costs tax_code is_active updated_at".split()
    column_filters = (Exactly(lazy_gettext("Tax code"), "tax_code", PaymentMethod.tax_code), "is_active")
    form_columns = "name code costs tax_code is_active".split()
    form_extra_fields = {"tax_code": CodeField(lazy_gettext("Tax code"), choices=tax_choices)}
    column_descriptions = {
        "costs": lazy_gettext("The transaction costs of an order, in the base currency."),
        "code": lazy_gettext("What other systems call it: capital letters, digits and _. It cannot be changed later."),
    }
    links = (
        OrdersLink(lazy_gettext("Orders"), "orders.index_view", "payment_method", Order.payment_method, "name", "name"),
    )


class OrderSourceView(SettingsView):
    """Where orders come from."""

    icon = "plug"
    new_title = lazy_gettext("New source")
    column_list = "name is_active updated_at".split()
    column_filters = ("is_active",)
    form_columns = "name is_active".split()
    links = (OrdersLink(lazy_gettext("Orders"), "orders.index_view", "source", Order.source, "name", "name"),)


class WorkflowView(SettingsView):
    """Programs of the seller's own that an order can be sent to."""

    icon = "bolt"
    new_title = lazy_gettext("New workflow")
    column_list = "name label description url is_active updated_at".split()
    column_filters = ("is_active",)
    column_formatters = {"secret": hidden}
    form_columns = "name description label url secret timeout is_active".split()
    form_extra_fields = {
        "url": WebAddressField(lazy_gettext("Web address")),
        "secret": SecretField(lazy_gettext("Secret")),
    }
    column_descriptions = {
        "name": lazy_gettext("By this name the history of an order tells of it."),
        "description": lazy_gettext("What it does with an order. Whoever starts it reads this."),
        "label": lazy_gettext("What its button says, for example “Check stock”."),
        "url": lazy_gettext("Where the order is sent to. It begins with https://, and OUTBOUND_HOSTS names its host."),
        "secret": lazy_gettext("At least 16 characters. The receiver knows by it that an order comes from here."),
        "timeout": lazy_gettext("How long the answer may take: 1 to 60."),
    }

    def _form_page(self, template: str, form: Any, *more: Any, **told: Any) -> ResponseReturnValue:
        form.secret.ask_again()
        return super()._form_page(template, form, *more, **told)


class FirmView(SettingsView):
    """The seller: one row, which is there from the start."""

    icon = "building-store"
    creates = deletes = False
    switch = None
    file_forms = ("create_view", "edit_view")
    column_list = ("name", "city")
    column_formatters = {"logo": thumbnail("firm.image")}
    form_columns = (
        "name street postal_code city country phone email website vat_number coc_number bank_name iban bic logo"
    ).split()
    form_extra_fields = {
        "country": CountryField(lazy_gettext("Country")),
        "logo": LogoField(lazy_gettext("Logo"), endpoint="firm.image"),
    }
    column_descriptions = {"logo": lazy_gettext("PNG, JPEG, WebP or GIF up to 8 MB; it is made small.")}

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Lead to the one page there is."""
        return redirect(self.get_url(".details_view", id=1))

    @expose("/<int:row_id>/image")
    def image(self, row_id: int) -> Response:
        """Send the logo."""
        return send_picture(logo() if row_id == 1 else None)


class MailTemplateView(SettingsView):
    """What mails to clients begin with, in each language; they are there from the start."""

    icon = "mail"
    creates = deletes = False
    switch = None
    column_list = "code language subject updated_at".split()
    column_filters = ("language",)
    column_searchable_list = ("subject", "body")
    column_labels = {"code": lazy_gettext("Mail")}
    column_default_sort = "id"
    choices = {"code": MAIL_CODES, "language": LANGUAGES}
    form_columns = ("subject", "body")
    form_widget_args = {"body": {"rows": 12}}
    column_details_list = "code language subject body updated_at".split()
    column_formatters_detail = {"body": lines}
    column_descriptions = {
        "body": lazy_gettext(
            "What stands in {{ }} is filled in: %(names)s. With a condition: %(condition)s. The lines of the order, "
            "the totals and the signature follow by themselves.",
            names=", ".join(NAMES),
            condition="{% if order.reference %} … {% endif %}",
        ),
    }

    def preview_url(self, row: Any) -> str:
        return self.get_url(".preview", id=row.id)

    @expose("/preview")
    def preview(self) -> Response:
        """Show the mail that a template makes, in a frame."""
        template = self.get_one(request.args.get("id", ""))
        try:
            html = tried(template, actor=actor(), zone=seller_zone()).html
        except Invalid as invalid:
            html = self.render("admin/orders/mail_fault.html", fault=said(invalid))
        return framed(html)
