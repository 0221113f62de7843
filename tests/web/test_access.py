"""The studio for everybody: keys alone, screen readers, narrow screens, large text, hostile tables."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = sync_api.expect
Page = sync_api.Page

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
VIOLATIONS = "axe.run().then(found => found.violations.map(each => [each.id, each.nodes[0].html]))"


def check_access(page: Page) -> None:
    """axe-core finds nothing."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in web/")
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate(VIOLATIONS)
    assert not found, found


def test_everything_by_keys_alone(page: Page) -> None:
    slider = page.get_by_role("slider", name="Step")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "2")
    page.keyboard.press("PageDown")
    expect(slider).to_have_attribute("aria-valuenow", "12")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_network_is_walked_with_arrow_keys(page: Page) -> None:
    output = page.locator("[data-spot='2.0']")
    tab_to(page, "[data-spot='2.0']")
    expect(output).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-spot='1.1']")).to_be_focused()
    expect(page.get_by_role("heading", name="hidden1.2 · activation")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-spot^='0.']:focus")).to_have_count(1)
    expect(page.locator("[data-spot][tabindex='0']")).to_have_count(1)


def test_a_number_is_opened_and_checked_by_keys_alone(page: Page) -> None:
    tab_to(page, "section[aria-labelledby=card] ul button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="output.passed · term of hidden1.1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="output.passed · activation")).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(students: str, open_page: Callable[..., Page], colours: str) -> None:
    page = open_page(students, color_scheme=colours, bypass_csp=True)  # axe comes from elsewhere
    check_access(page)
    page.get_by_role("button", name="Backward").click()
    expect(page.get_by_text("circles: bias")).to_be_visible()
    page.get_by_role("button", name="As a table").click()
    page.get_by_role("button", name="Type your own row").click()
    page.get_by_label("prev_score").fill("many")
    expect(page.get_by_role("alert")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="More controls").click()
    check_access(page)
    page.keyboard.press("Escape")
    page.locator("body").press("?")
    check_access(page)


@pytest.mark.parametrize("width", [320, 768])
def test_narrow_screens_scroll_in_one_direction_only(
    students: str, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(students, width=width, bypass_csp=True)
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
    check_access(page)
    words = page.locator("svg[role=group] text").evaluate_all(
        "(all, width) => all.map(e => e.getBoundingClientRect())"
        ".filter(box => box.left < 0 || box.right > width).length",
        width,
    )
    assert words == 0, "words of the picture are cut off"


def test_text_for_a_room_is_larger_and_nothing_is_cut_off(page: Page) -> None:
    before = page.locator("h1").bounding_box()
    page.get_by_role("button", name="More controls").click()
    page.get_by_role("radio", name="For a room").check(force=True)
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 24
    assert before
    assert page.evaluate("document.scrollingElement.scrollWidth") == 1280
    page.reload()
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.text") == "largest"


def test_those_who_listen_are_told_seldom(page: Page) -> None:
    page.wait_for_timeout(700)  # what is said when the page opens
    page.evaluate("""() => {
        window.said = [];
        const live = document.querySelector('p[aria-live]');
        new MutationObserver(() => window.said.push(live.textContent))
            .observe(live, {childList: true, characterData: true, subtree: true});
    }""")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(900)
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert said[0].startswith("step ")
    assert "loss" in said[0]


def test_names_and_cells_of_a_table_are_only_ever_text(
    open_studio: Callable[..., str], open_page: Callable[..., Page], tmp_path: Path
) -> None:
    script, cell = "<script>alert(1)</script>", "<img src=x onerror=alert(2)>"
    rows = [
        f"{number * 0.37:.2f},{cell if number % 3 else 'b&amp;'},{number % 2}"
        for number in range(60)
    ]
    table = tmp_path / "hostile<b>.csv"
    table.write_text("\n".join([f"{script},city,answer", *rows]), encoding="utf-8")
    page = open_page(open_studio(str(table), "--target", "answer"))
    expect(page.locator("svg .name").first).to_contain_text("<script>")
    expect(page.locator("[data-spot='0.0']")).to_have_accessible_name(f"{script} 0 −1.71")
    page.locator("[data-spot='0.0']").click()
    expect(page.locator("#card")).to_have_text(f'"{script}"')
    expect(page.get_by_text(cell).first).to_be_attached()
    expect(page).to_have_url(re.compile("script"))
    page.reload()
    expect(page.locator("#card")).to_have_text(f'"{script}"')
    assert page.locator("img, #studio script, h1 b, h2 b").count() == 0
