"""What the drawers of the editor find while a person types: parts of their pages, at most twenty rows each."""

from flask import request
from flask_admin import expose

from admin_views.access import actor
from admin_views.orders.detail import OrderPages
from admin_views.orders.editor.customer_drawer import found_contacts, found_parties
from admin_views.orders.editor.products_drawer import found_products, list_price
from permissions import Action
from services.editing.products import find_products


class Pickers(OrderPages):
    """The addresses of what is found; whoever creates orders may edit them, too."""

    method_actions = dict.fromkeys(
        ("found_customers", "found_contacts", "found_products", "suggestions"), Action.ORDERS_EDIT
    )

    @expose("/editor/customers")
    def found_customers(self) -> str:
        """Show the companies and private customers that are found, and the contacts of the company chosen."""
        return self.render("admin/orders/editor/_parties.html", shown=found_parties(request.args, actor()))

    @expose("/editor/contacts")
    def found_contacts(self) -> str:
        """Show the contacts of a company."""
        return self.render("admin/orders/editor/_contacts.html", shown=found_contacts(request.args, actor()))

    @expose("/editor/products")
    def found_products(self) -> str:
        """Show the products that are found, to be ticked."""
        return self.render("admin/orders/editor/_found_products.html", shown=found_products(request.args))

    @expose("/editor/suggestions")
    def suggestions(self) -> str:
        """Show the products that are found by what is typed into the product list."""
        found = find_products(request.args.get("find-words", ""))
        return self.render(
            "admin/orders/editor/_suggestions.html", products=[(each, list_price(each)) for each in found]
        )
