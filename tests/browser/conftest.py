"""A real Chromium in front of a really served product."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from config import Settings
from tests import servers

BROWSERS = "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"
"""Commands that start one, the quickest first: the shell is the same engine without windows."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, which can reach this machine only."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "The browser tests need Chromium: apt-get install -y --no-install-recommends chromium-headless-shell"
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


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Settings], str]]:
    """Gives the address of the product with these settings; each kind of database has one server for all tests."""
    urls: dict[str, str] = {}
    folder = tmp_path_factory.mktemp("served")
    with ExitStack() as until_end:

        def serve(kind: str, settings: Settings) -> str:
            home = folder / kind
            home.mkdir(exist_ok=True)
            servers.put_behind(home, settings)
            if kind not in urls:
                urls[kind] = until_end.enter_context(servers.web_server(home))
            return urls[kind]

        yield serve


@pytest.fixture
def live_server(engine_name: str, settings: Settings, serve: Callable[[str, Settings], str]) -> str:
    """The address of the product, served over the test's own database."""
    return serve(engine_name, settings)


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
