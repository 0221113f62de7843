"""The studio's first screen in a real browser: what is there, and that every control works."""

import re
from collections.abc import Callable

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = sync_api.expect
Page = sync_api.Page

PARTS = {"role": "list", "name": re.compile("Terms of the sum|Made of")}


def slider(page: Page) -> "sync_api.Locator":
    return page.get_by_role("slider", name="Step")


def go(page: Page, step: int) -> None:
    """Go to a step by the address bar."""
    page.goto(f"{page.url.split('#')[0]}#@{step} row:1 output.passed.a")
    expect(slider(page)).to_have_attribute("aria-valuenow", str(step))


def is_same(page: Page, before: list[str]) -> None:
    """The network comes to show what it showed before."""
    expect(page.locator("[data-spot]").nth(4)).to_have_accessible_name(before[4])
    assert circles(page) == before


def circles(page: Page) -> list[str]:
    """What is said of every circle of the network."""
    return page.locator("[data-spot]").evaluate_all("all => all.map(e => e.ariaLabel)")


def test_everything_is_there_without_scrolling(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "This network learns who will pass from 1,000 students. Row 1: 10 h studied, 7 h sleep."
    )
    expect(page.get_by_role("radio", name="says")).to_have_count(10)
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.locator("[data-spot^='1.']")).to_have_count(5)
    expect(page.locator("svg").get_by_text("truth yes")).to_be_visible()
    expect(page.get_by_role("list", name="Terms of the sum").get_by_role("button")).to_have_count(6)
    expect(page.get_by_role("button", name="Forward")).to_have_attribute("aria-current", "step")
    expect(page.get_by_text("step 1 of 500, epoch 1, batch 1").first).to_be_visible()
    size = page.evaluate(
        "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    )
    assert size == [1280, 800]


def test_play_pause_and_the_end(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    expect(slider(page)).not_to_have_attribute("aria-valuenow", "1")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_timeout(150)  # the last frame that was on its way
    stood = slider(page).get_attribute("aria-valuenow")
    page.wait_for_timeout(200)
    expect(slider(page)).to_have_attribute("aria-valuenow", str(stood))
    page.get_by_role("button", name="More controls").click()
    page.get_by_role("radio", name="As fast as it goes").check(force=True)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("after all 500 steps").first).to_be_visible()
    expect(page.get_by_role("button", name="Update")).to_be_disabled()
    page.get_by_role("button", name="Start again").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "1")


def test_a_step_on_and_back_is_where_it_was(page: Page) -> None:
    before = circles(page)
    page.get_by_role("button", name="One step").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "2")
    assert circles(page) != before
    page.get_by_role("button", name="One back").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "1")
    is_same(page, before)
    expect(page.get_by_role("button", name="One back")).to_be_disabled()


def test_the_cursor_is_dragged(page: Page) -> None:
    box = slider(page).bounding_box()
    assert box
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 60, y)
    page.mouse.down()
    page.mouse.move(middle, y, steps=8)
    page.mouse.up()
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(r"^step 2[3-6]\d of 500"))
    expect(page.get_by_text("loss 0.").first).to_be_visible()


def test_a_row_is_chosen(page: Page) -> None:
    page.get_by_role("radio", name="row 3").check(force=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Row 3:")
    expect(page.get_by_text("@1 row:3 output.passed.a")).to_be_visible()
    page.get_by_role("button", name="later rows").click()
    expect(page.get_by_role("radio", name="row 11")).to_be_visible()


def test_from_the_prediction_to_the_raw_cell_and_everything_checks(page: Page) -> None:
    go(page, 120)
    card = page.get_by_role("region", name="activation")
    expect(card).to_be_visible()
    walked = []
    for part in (
        "hidden1.2",
        "hidden1.2 · activation",
        "sleep_hours",
        "sleep_hours",
        "sleep_hours",
    ):
        page.get_by_role("button", name="Check").click()
        expect(
            page.get_by_text(re.compile("✓ .*(again|given|cell)", re.IGNORECASE))
        ).to_be_visible()
        page.get_by_role(**PARTS).get_by_role("button", name=part).first.click()
        expect(
            page.get_by_role("navigation", name="Opened from").get_by_role("button")
        ).to_have_count(len(walked) + 1)
        walked.append(page.locator("code").first.inner_text())
    assert walked[-1] == "@120 row:1 sleep_hours.raw"
    expect(page.locator("#card + .value p")).to_have_text("7 h")
    page.keyboard.press("Escape")
    expect(page.get_by_text("standard deviations")).to_be_visible()
    page.get_by_role("navigation", name="Opened from").get_by_role("button").first.click()
    expect(page.get_by_text("@120 row:1 output.passed.a")).to_be_visible()


def test_a_row_of_ones_own(page: Page) -> None:
    go(page, 300)
    page.get_by_role("button", name="Type your own row").click()
    hours = page.get_by_role("textbox", name="hours_studied")
    expect(hours).to_be_focused()
    hours.fill("19")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your own row: 19 h studied")
    hours.fill("many")
    expect(page.get_by_role("alert")).to_contain_text("'many'")
    hours.fill("2")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 h studied")
    page.reload()
    expect(page.get_by_role("textbox", name="hours_studied")).to_have_value("2")
    page.get_by_role("button", name="Back to the table").click()
    expect(page.get_by_role("radio", name="says")).to_have_count(10)


def test_the_stages_change_what_the_picture_shows(page: Page) -> None:
    go(page, 120)
    forward = circles(page)
    page.get_by_role("button", name="Backward").click()
    expect(page.get_by_role("heading", name=re.compile("gradient$"))).to_be_visible()
    expect(page.locator("[data-spot]").nth(5)).not_to_have_accessible_name(forward[5])
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("heading", name=re.compile("new value$"))).to_be_visible()
    page.get_by_role("button", name="Zero gradients").click()
    expect(page.locator("[data-spot='2.0']")).to_have_accessible_name(
        re.compile(r"^output\.passed: 0,")
    )
    page.get_by_role("button", name="Forward").click()
    expect(page.get_by_role("heading", name="output.passed · activation")).to_be_visible()
    is_same(page, forward)


def test_the_picture_has_a_table_twin(page: Page) -> None:
    page.get_by_role("button", name="As a table").click()
    expect(page.get_by_role("table")).to_have_count(3)
    expect(page.get_by_role("row", name=re.compile("^hours_studied 10 h"))).to_be_visible()
    page.get_by_role("button", name="As a table").click()
    expect(page.locator("[data-spot]")).to_have_count(10)


def test_a_reload_returns_to_the_same_moment(page: Page) -> None:
    go(page, 200)
    page.get_by_role("radio", name="row 4").check(force=True)
    page.locator("[data-spot='1.3']").click()
    expect(page.get_by_text("@200 row:4 hidden1.4.a")).to_be_visible()
    before = circles(page)
    expect(page).to_have_url(re.compile("hidden1.4.a&row=4"))
    page.reload()
    expect(page.get_by_text("@200 row:4 hidden1.4.a")).to_be_visible()
    expect(slider(page)).to_have_attribute("aria-valuenow", "200")
    is_same(page, before)


def test_a_lost_connection_comes_back_to_the_same_moment(page: Page) -> None:
    sockets: list[sync_api.WebSocketRoute] = []
    page.route_web_socket(
        re.compile("socket"), lambda route: sockets.append(route) or route.connect_to_server()
    )
    go(page, 150)
    expect(page).to_have_url(re.compile("@150"))
    page.reload()
    expect(slider(page)).to_have_attribute("aria-valuenow", "150")
    sockets[-1].close()
    expect(page.get_by_role("alert")).to_contain_text("lost")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(slider(page)).to_have_attribute("aria-valuenow", "150")
    page.get_by_role("button", name="One step").click()
    expect(slider(page)).to_have_attribute("aria-valuenow", "151")


# What stands on the card, each time that the page is drawn.
WATCH = """() => new Promise(resolve => {
  const seen = new Set(), began = performance.now();
  const look = () => {
    const card = document.querySelector("#card").parentElement;
    const said = place => card.querySelector(place)?.innerText ?? "";
    seen.add([".value p", ".owner", ".formula", "code"].map(said).join("|"));
    if (performance.now() - began < 2500) requestAnimationFrame(look);
    else resolve([...seen]);
  };
  look();
})"""


def test_a_card_is_of_one_moment_while_time_goes_on(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    expect(slider(page)).not_to_have_attribute("aria-valuenow", "1")
    seen = page.evaluate(WATCH)
    assert len(seen) > 3
    for each in seen:
        said, owner, formula, address = each.split("|")
        found = re.search(r"= (0\.\d+) → (\d+) %", formula)
        assert found, each
        assert abs(100 * float(found[1]) - float(found[2])) <= 0.51, each
        assert said.startswith(f"{found[2]} %"), each
        step = re.match(r"@(\d+) ", address)
        assert step, each
        assert abs(float(owner.split(" ")[0]) - float(found[1])) <= 1e-4, each
        assert owner.endswith(f"step {step[1]}"), each


def test_a_row_that_does_not_exist(students: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{students}#@3 row:99999 output.passed.a")
    expect(page.get_by_role("alert")).to_contain_text("There is no row 99,999")
    expect(page.get_by_text("@3 row:1 output.passed.a")).to_be_visible()
    page.get_by_role("button", name="One step").click()
    expect(page.get_by_role("alert")).to_have_count(0)
