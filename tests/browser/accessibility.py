"""What a person with a screen reader or a keyboard would stumble over, as axe finds it."""

from playwright.sync_api import Page

from tests.servers import ROOT

AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def assert_accessible(page: Page) -> None:
    """Fail with every violation on the page: the rule, what it asks, and the elements."""
    page.evaluate(AXE)  # as the debugger, which the page's policy does not bind
    violations = page.evaluate("axe.run().then(found => found.violations)")
    assert not violations, "\n".join(
        f"{violation['id']}: {violation['help']}\n"
        + "\n".join(f"    {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"])
        for violation in violations
    )
