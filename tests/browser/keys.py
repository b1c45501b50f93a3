"""Working a page with the keyboard alone."""

from playwright.sync_api import Locator

MOST_STEPS = 250


def reach(target: Locator) -> None:
    """Press Tab until the target has the focus, and it can be seen that it has."""
    for _step in range(MOST_STEPS):
        if target.evaluate("element => element === document.activeElement"):
            seen = target.evaluate("element => element.matches(':focus-visible')")
            assert seen, "the focus cannot be seen"
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with Tab")


def press(target: Locator, key: str = "Enter") -> None:
    """Go to a control and press a key on it."""
    reach(target)
    target.page.keyboard.press(key)


def write(target: Locator, text: str) -> None:
    """Go to a field and type."""
    reach(target)
    target.page.keyboard.type(text)
