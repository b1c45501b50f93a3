"""What is sold: products, price lists with their prices, and VAT."""

from flask_admin import expose
from flask_babel import lazy_gettext
from werkzeug import Response

from admin_views.records.cells import rates, rates_writer, thumbnail
from admin_views.records.filters import Exactly
from admin_views.records.forms import CodeField, CountryField, Parts, ValueRequired, currency_choices, language_choices
from admin_views.records.links import Link, OrdersLink
from admin_views.records.pictures import ProductPictureField
from admin_views.records.view import RecordView
from admin_views.sending import send_picture
from models.choices import Carrier, PaymentMethod
from models.order import OrderLine
from models.party import Company
from models.price import CustomerGroup, Price
from models.product import Product, ProductName
from models.tax import TaxRate
from models.wish_list import WishListItem
from permissions import Action
from services.products import product_image, tax_choices


class CatalogueView(RecordView):
    """What all pages of the catalogue need."""

    action = Action.CATALOGUE_SEE
    edit_action = Action.CATALOGUE_EDIT
    create_action = Action.CATALOGUE_CREATE


class ProductView(CatalogueView):
    """The articles. Lines of orders keep the words and the price that they were placed with."""

    icon = "tags"
    new_title = lazy_gettext("New product")
    file_forms = ("create_view", "edit_view")

    column_list = (
        "image name sku ean list_price cost_price unit minimum_quantity step_quantity tax_code manufacturer "
        "manufacturer_code supplier supplier_code is_active updated_at"
    ).split()
    column_filters = (
        *("name", "sku", "ean", "manufacturer", "supplier"),
        Exactly(lazy_gettext("Tax code"), "tax_code", Product.tax_code),
        *("list_price", "cost_price", "is_active", "created_at", "updated_at"),
    )
    column_formatters = {"image": thumbnail("products.image")}
    column_export_exclude_list = ("image",)
    form_columns = (
        "sku name image ean unit minimum_quantity step_quantity list_price cost_price tax_code manufacturer "
        "manufacturer_code supplier supplier_code is_active"
    ).split()
    column_details_list = [*form_columns, "names", "created_at", "updated_at"]
    form_extra_fields = {
        "image": ProductPictureField(lazy_gettext("Picture"), endpoint="products.image"),
        "tax_code": CodeField(lazy_gettext("Tax code"), choices=tax_choices),
    }
    inline_models = (
        Parts(ProductName, form_columns=["id", "language", "name"], form_overrides={"language": CodeField},
              form_args={"language": {"choices": language_choices}}),
    )  # fmt: skip
    column_descriptions = {
        "sku": lazy_gettext("Compared exactly, capital letters and all."),
        "image": lazy_gettext("PNG, JPEG, WebP or GIF up to 8 MB; it is made small."),
        "minimum_quantity": lazy_gettext("The least that is sold at once; a multiple of the step."),
        "list_price": lazy_gettext("Per unit, excl. VAT, in the base currency; up to four decimals."),
        "cost_price": lazy_gettext("Per unit, excl. VAT, in the base currency. Customers never see it."),
        "is_active": lazy_gettext("Only active products are offered for orders."),
    }
    links = (
        OrdersLink(lazy_gettext("Orders"), "orders.index_view", "product", OrderLine.product_id,
                   used_by=lazy_gettext("Order lines")),
        Link(lazy_gettext("Prices"), "prices.index_view", "product", Price.product_id),
        Link(lazy_gettext("Wish lists"), "wish-lists.index_view", "product", WishListItem.product_id),
    )  # fmt: skip

    @expose("/<int:row_id>/image")
    def image(self, row_id: int) -> Response:
        """Send the picture of a product."""
        return send_picture(product_image(row_id))


class PriceListView(CatalogueView):
    """Agreed prices, for the companies and customer groups that refer to the list."""

    icon = "currency-euro"
    new_title = lazy_gettext("New price list")
    column_list = "name description currency valid_from valid_until is_active updated_at".split()
    column_filters = "currency valid_from valid_until is_active".split()
    form_columns = "name description currency valid_from valid_until is_active".split()
    form_extra_fields = {
        "currency": CodeField(lazy_gettext("Currency"), choices=currency_choices, validators=[ValueRequired()])
    }
    column_descriptions = {"valid_until": lazy_gettext("The last day on which it counts; without one it goes on.")}
    links = (
        Link(lazy_gettext("Prices"), "prices.index_view", "price_list", Price.price_list_id),
        Link(lazy_gettext("Companies"), "companies.index_view", "price_list", Company.price_list_id),
        Link(lazy_gettext("Customer groups"), "customer-groups.index_view", "price_list", CustomerGroup.price_list_id),
    )


class PriceView(CatalogueView):
    """The prices of all lists."""

    icon = "receipt-2"
    new_title = lazy_gettext("New price")
    switch = None
    large = ("price_list", "product")
    column_list = "product product.sku price_list from_quantity price price_list.currency updated_at".split()
    column_labels = {"product.sku": lazy_gettext("SKU"), "price_list.currency": lazy_gettext("Currency")}
    column_searchable_list = ("product.search_text", "price_list.search_text")
    column_default_sort = [("price_list.search_text", False), ("product.search_text", False), ("from_quantity", False)]
    column_filters = "price_list product from_quantity price updated_at".split()
    form_columns = "price_list product from_quantity price".split()
    column_descriptions = {
        "from_quantity": lazy_gettext("The price counts from this quantity on."),
        "price": lazy_gettext("Per unit, in the currency of the list; up to four decimals."),
    }


class TaxCodeView(CatalogueView):
    """The kinds of VAT, with their rates by country and date."""

    icon = "receipt-tax"
    new_title = lazy_gettext("New tax code")
    fixed = ("code",)
    column_list = "code name rates is_active updated_at".split()
    column_filters = "code name is_active updated_at".split()
    column_formatters = column_formatters_export = {"rates": rates}
    history_writers = {"rates": rates_writer}
    form_columns = "code name is_active".split()
    column_details_list = "code name rates is_active created_at updated_at".split()
    inline_models = (
        Parts(TaxRate, form_columns=["id", "country", "valid_from", "percentage"],
              form_overrides={"country": CountryField},
              form_args={"country": {"description": lazy_gettext("Empty: every country without a rate of its own.")}}),
    )  # fmt: skip
    column_descriptions = {"code": lazy_gettext("Capital letters and digits, such as H. It cannot be changed later.")}
    links = (
        Link(lazy_gettext("Products"), "products.index_view", "tax_code", Product.tax_code, "code", "code"),
        Link(lazy_gettext("Carriers"), "carriers.index_view", "tax_code", Carrier.tax_code, "code", "code"),
        Link(
            lazy_gettext("Payment methods"),
            "payment-methods.index_view",
            "tax_code",
            PaymentMethod.tax_code,
            "code",
            "code",
        ),
    )
