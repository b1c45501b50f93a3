"""What a person with a screen reader or a keyboard would stumble over, as axe finds it."""

import pytest
from playwright.sync_api import Page

from tests.servers import ROOT

AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")


both_looks = pytest.mark.parametrize(
    ("engine_name", "width", "scheme"), [("sqlite", 1440, "light"), ("postgresql", 390, "dark")]
)
"""A wide light and a narrow dark screen, each over one of the databases: how a page looks does not depend on that."""


def assert_accessible(page: Page) -> None:
    """Fail with every violation on the page: the rule, what it asks, and the elements."""
    page.evaluate(AXE)  # as the debugger, which the page's policy does not bind
    violations = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    assert not violations, "\n".join(
        f"{violation['id']}: {violation['help']}\n"
        + "\n".join(f"    {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"])
        for violation in violations
    )
