"""Customers: companies with their contacts, private customers, addresses, groups, wish lists."""

from collections.abc import Sequence
from typing import ClassVar

from flask_babel import lazy_gettext

from admin_views.records.addresses import AddressField
from admin_views.records.cells import percentage
from admin_views.records.filters import ReferenceOfPart
from admin_views.records.forms import CodeField, Parts, currency_choices
from admin_views.records.links import Link, OrdersLink
from admin_views.records.lookups import RecordLookup
from admin_views.records.view import RecordView, Switch
from admin_views.words import ADDRESS_KINDS, LANGUAGES
from models.order import Order
from models.party import Company, PartyAddress, Person, PersonKind
from models.product import Product
from models.wish_list import WishList, WishListItem
from permissions import Action


class CustomerView(RecordView):
    """What all pages about customers need."""

    action = Action.CUSTOMERS_SEE
    edit_action = Action.CUSTOMERS_EDIT
    create_action = Action.CUSTOMERS_CREATE


class CompanyView(CustomerView):
    """The firms that buy."""

    icon = "building"
    new_title = lazy_gettext("New company")
    switch = Switch("is_hidden", lazy_gettext("Show again"), lazy_gettext("Hide"), is_on_true=False)
    large = ("managers",)

    column_list = (
        "name debtor_id customer_group price_list discount_percentage payment_term_days currency email phone "
        "tax_number coc_number managers is_hidden updated_at"
    ).split()
    column_filters = "name debtor_id customer_group price_list currency is_hidden created_at updated_at".split()
    column_formatters = {"discount_percentage": percentage}
    form_columns = (
        "name debtor_id tax_number coc_number phone email customer_group price_list discount_percentage "
        "payment_term_days currency managers is_hidden notes"
    ).split()
    form_extra_fields = {"currency": CodeField(lazy_gettext("Currency"), choices=currency_choices)}
    column_descriptions = {
        "price_list": lazy_gettext("Used instead of the customer group's list."),
        "discount_percentage": lazy_gettext("Taken off each line of a new order, in per cent."),
        "payment_term_days": lazy_gettext("Counted from the day of the invoice."),
        "currency": lazy_gettext("Of new orders; empty is the base currency."),
        "managers": lazy_gettext("Staff who find the company under My Companies."),
        "is_hidden": lazy_gettext("A hidden company is not offered for new orders; its old ones stay."),
    }
    links = (
        OrdersLink(lazy_gettext("Orders"), "orders.index_view", "company", Order.company_id),
        Link(lazy_gettext("Contacts"), "contacts.index_view", "company", Person.company_id),
        Link(lazy_gettext("Addresses"), "addresses.index_view", "company", PartyAddress.company_id),
        Link(lazy_gettext("Wish lists"), "wish-lists.index_view", "company", WishList.company_id),
    )


class PersonView(CustomerView):
    """Somebody who orders."""

    column_default_sort = name_sort = "name_folded"
    choices = {"language": LANGUAGES}
    links: ClassVar[Sequence[Link]] = (
        OrdersLink(lazy_gettext("Orders"), "orders.index_view", "user_id", Order.user_id),
        Link(lazy_gettext("Wish lists"), "wish-lists.index_view", "person", WishList.person_id),
    )


class ContactView(PersonView):
    """The persons who order for a company."""

    icon = "id-badge-2"
    new_title = lazy_gettext("New contact")
    only = {"kind": PersonKind.CONTACT}
    large = ("company",)
    column_list = "first_name last_name company email phone language is_active updated_at".split()
    column_searchable_list = ("search_text", "company.search_text")
    column_filters = "company language is_active created_at updated_at".split()
    form_columns = "company first_name last_name email phone language is_active".split()


class PrivateCustomerView(PersonView):
    """The persons who buy for themselves."""

    icon = "user"
    new_title = lazy_gettext("New private customer")
    only = {"kind": PersonKind.CUSTOMER}
    column_list = "first_name last_name debtor_id email phone customer_group language is_active updated_at".split()
    column_filters = "debtor_id customer_group language is_active created_at updated_at".split()
    form_columns = "first_name last_name debtor_id email phone customer_group language is_active".split()
    links = (
        *PersonView.links,
        Link(lazy_gettext("Addresses"), "addresses.index_view", "person", PartyAddress.person_id),
    )


class AddressView(CustomerView):
    """The address books of companies and private customers. Orders keep the address they were placed with."""

    icon = "address-book"
    new_title = lazy_gettext("New address")
    switch = None
    choices = {"kind": ADDRESS_KINDS}
    large = ("company", "person")
    column_list = "company person kind address updated_at".split()
    column_searchable_list = ("search_text", "company.search_text", "person.search_text")
    column_filters = "company person kind updated_at".split()
    column_labels = {"person": lazy_gettext("Private customer")}
    form_columns = "company person kind address".split()
    form_extra_fields = {"address": AddressField(lazy_gettext("Address"))}
    form_ajax_refs = {"person": RecordLookup("person", Person, only=Person.kind == PersonKind.CUSTOMER)}
    column_descriptions = {"person": lazy_gettext("Either a company or a private customer.")}


class CustomerGroupView(CustomerView):
    """Customers who share a price list."""

    icon = "users-group"
    new_title = lazy_gettext("New customer group")
    switch = None
    column_list = "name description price_list updated_at".split()
    column_filters = ("price_list",)
    form_columns = "name description price_list".split()
    links = (
        Link(lazy_gettext("Companies"), "companies.index_view", "customer_group", Company.customer_group_id),
        Link(lazy_gettext("Private customers"), "customers.index_view", "customer_group", Person.customer_group_id),
    )


class WishListView(CustomerView):
    """What customers mean to order some day."""

    icon = "heart"
    new_title = lazy_gettext("New wish list")
    switch = None
    large = ("company", "person")
    column_list = "name company person items updated_at".split()
    column_searchable_list = ("search_text", "company.search_text", "person.search_text")
    column_filters = (
        "company",
        "person",
        ReferenceOfPart(lazy_gettext("Product"), "product", WishList.items, WishListItem.product_id, Product),
        "updated_at",
    )
    form_columns = "name company person".split()
    form_ajax_refs = {"product": RecordLookup("product", Product)}
    column_details_list = "name company person items created_at updated_at".split()
    column_descriptions = {"person": lazy_gettext("Either a company, or a contact or private customer.")}
    inline_models = (
        Parts(
            WishListItem,
            form_columns=["id", "product", "quantity", "notes"],
            form_ajax_refs={"product": RecordLookup("product", Product)},
        ),
    )
