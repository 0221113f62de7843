"""The studio as people meet it: `pellucid studio` in a process of its own, and a real browser."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pellucid.errors import InputError
from pellucid.studio.page import find_page

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
START = "import sys; from pellucid.cli.main import run; run(sys.argv[1:])"
PATIENCE = 20_000  # milliseconds that a test waits for the page before it fails


@pytest.fixture(scope="session")
def browser() -> Iterator["sync_api.Browser"]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    try:
        find_page()
    except InputError as error:
        pytest.skip(str(error))
    with sync_api.sync_playwright() as playwright:
        # Containers run as root, where Chromium has no sandbox; only our own page is opened.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def start(folder: Path, *words: str) -> tuple["subprocess.Popen[str]", str]:
    """Start a studio in a folder; gives its process and its address."""
    command = [sys.executable, "-c", START, "studio", "--no-browser", *words]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"http://\S+", said)
    assert found, said
    return process, found[0]


@pytest.fixture(scope="session")
def open_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts a studio on a table and gives its address; all of them end with the tests."""
    processes = []

    def begin(*words: str) -> str:
        process, address = start(tmp_path_factory.mktemp("studio"), *words)
        processes.append(process)
        return address

    yield begin
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture(scope="session")
def students(browser: object, open_studio: Callable[..., str]) -> str:
    """The address of a studio on the students table."""
    return open_studio()


@pytest.fixture
def open_page(browser: "sync_api.Browser") -> Iterator[Callable[..., "sync_api.Page"]]:
    """Opens a page in a tab of its own; whatever the browser complains of fails the test."""
    contexts, complaints = [], []

    def begin(
        address: str, *, width: int = 1280, height: int = 800, **how: object
    ) -> "sync_api.Page":
        context = browser.new_context(viewport={"width": width, "height": height}, **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        sync_api.expect.set_options(timeout=PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(address)
        page.get_by_role("heading", name="This network learns").wait_for()
        page.get_by_role("button", name="Check").wait_for()
        return page

    yield begin
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(students: str, open_page: Callable[..., "sync_api.Page"]) -> "sync_api.Page":
    """The first screen, on the students."""
    return open_page(f"{students}#@1 row:1 output.passed.a")
