"""Coming in."""

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD
from tests.people import token_in


def sign_in(page: Page, name: str, to: str = "/admin/orders/") -> None:
    """Sign in as somebody and open an address, past the form of the login page, which has journeys of its own."""
    request = page.context.request
    token = token_in(request.get("/login").text())
    who: dict[str, str | float | bool] = {"email": f"{name}@seller.example", "password": PASSWORD, "csrf_token": token}
    expect(request.post("/login", form=who)).to_be_ok()
    page.goto(to)
