"""A real Chromium in front of a really served product."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from config import Settings
from tests import servers

ENGINES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and run each on one of the databases in turn unless both are asked for."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in here:
        item.add_marker("browser")
    if config.getoption("both"):
        return
    journeys = list(dict.fromkeys(_journey(item) for item in here if len(_engines(item, here)) > 1))
    other = {journey: ENGINES[(turn + 1) % 2] for turn, journey in enumerate(journeys)}
    left = [item for item in here if _engine(item) == other.get(_journey(item), "")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _journey(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _engine(item: pytest.Item) -> str:
    return str(item.callspec.params.get("engine_name", "")) if isinstance(item, pytest.Function) else ""


def _engines(item: pytest.Item, items: list[pytest.Item]) -> set[str]:
    return {_engine(other) for other in items if _journey(other) == _journey(item)}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, which can reach this machine only."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "The browser tests need Chromium: apt-get install -y --no-install-recommends chromium"
    flags = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--no-first-run",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def live_server(settings: Settings) -> Iterator[str]:
    """The address of the product, served over the test's own database."""
    with servers.web_server(settings) as url:
        yield url


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about. A test that provokes an error page clears it."""
    return []


@pytest.fixture
def page(chromium: Browser, live_server: str, complaints: list[str]) -> Iterator[Page]:
    """A signed-out visitor's page; the test fails when the browser complains, of the policy too."""

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location['url']})")

    def thrown(error: Error) -> None:
        complaints.append(str(error))

    with chromium.new_context(base_url=live_server, locale="en-GB", timezone_id="UTC") as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", thrown)
        yield page
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def colleague(chromium: Browser, live_server: str) -> Iterator[Page]:
    """Another browser, of somebody else."""
    with chromium.new_context(base_url=live_server, locale="en-GB", timezone_id="UTC") as context:
        context.set_default_timeout(10_000)
        yield context.new_page()
