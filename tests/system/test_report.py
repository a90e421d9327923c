"""The HTML report in a browser: every item opens, shows something, and explains itself."""

import json
import os
import shutil
from collections import Counter
from types import SimpleNamespace

import pytest

from armed_study import studies
from armed_study.config import figures
from running import PATIENCE, succeed, tiny_config

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"), reason="chromium is not there"
)
STUDIES = tiny_config()["studies"]
ITEMS = "nav table tbody tr"
SHOWN = "nav + div.grow img, nav + div.grow iframe"  # beside the menu of the report
# True once what is shown is another item than before, and has come.
ARRIVED = f"""() => {{
  const shown = document.querySelector("{SHOWN}");
  if (!shown || shown.src === window.shownBefore || shown.complete === false) return false;
  window.shownBefore = shown.src;
  return true;
}}"""
# Widths of pictures; of each table its rows, and by what and whether a click on its first head sorts it.
FOUND = """root => ({
  widths: [...root.querySelectorAll("img")].map(image => image.naturalWidth),
  text: root.innerText,
  tables: [...root.querySelectorAll("table")].map(table => {
    table.querySelector("th button")?.click();
    return {
      rows: table.tBodies[0]?.rows.length ?? 0,
      sorted: [...table.querySelectorAll("th[aria-sort]")].map(head => head.cellIndex),
      sortable: table.querySelector("th button") !== null,
      ordered: [...table.querySelectorAll("tbody td:first-child")].every((cell, row, all) =>
        !row || all[row - 1].textContent.localeCompare(cell.textContent, "en", {numeric: true}) <= 0),
    };
  }),
})"""


@pytest.fixture(scope="module")
def seen(finished, made_once):
    """What a walk through a report of the tiny study met; a browser opens it once."""
    sync_api = pytest.importorskip("playwright.sync_api")

    def make(folder):
        succeed("--report", folder / "report.html", cwd=finished)
        errors = []
        with sync_api.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(1000 * PATIENCE)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda said: said.type == "error" and errors.append(said.text))
            page.goto((folder / "report.html").as_uri())
            page.get_by_text("About", exact=True).wait_for()
            met = {"first": page.locator("body").inner_text()}
            met |= {"items": list(walk(page)), "errors": errors}
        (folder / "seen.json").write_text(json.dumps(met), encoding="utf-8")

    met = (made_once("report", make) / "seen.json").read_text(encoding="utf-8")
    return json.loads(met, object_hook=lambda found: SimpleNamespace(**found))


def of(item):
    """The study of an item, whose entry of the menu bears a number before it."""
    return item.category.partition(". ")[2]


@pytest.fixture
def items(seen):
    """What a reader meets at each item: pictures (widths), tables, and what is said of it."""
    return seen.items


def test_every_item_shows_a_picture_or_a_table(items):
    assert [item.where for item in items if not item.widths and not item.tables] == []
    assert [item.where for item in items if item.widths and min(item.widths) < 50] == []
    # A table without rows says why.
    assert [
        item.where
        for item in items
        if not all(t.rows for t in item.tables) and "No model of this study" not in item.text
    ] == []


def test_every_item_is_explained(items):
    assert [item.where for item in items if len(item.said) < 100] == []
    assert [item.where for item in items if "{{" in item.said + item.text] == []
    assert [item.where for item in items if of(item) in STUDIES and of(item) not in item.said] == []


def test_a_click_on_a_head_sorts_each_table_by_that_column(items):
    sortable = [(item.where, t) for item in items for t in item.tables if t.sortable]
    assert len(sortable) > 3 * len(STUDIES)
    assert [where for where, t in sortable if t.sorted != [0] or not t.ordered] == []


def test_no_script_fails(seen):
    assert seen.errors == []


@pytest.mark.parametrize("study", STUDIES)
def test_every_figure_and_table_of_a_study_is_there(items, study):
    settings = STUDIES[study]
    drawn = figures.of_study(settings, known=True)
    with_table = {"validation", "attribution", "site_differences", "counterfactuals", "appearance"}
    # A table each; performance, tests, where the gain comes from, random effects, their variances and shares
    # of the variance, and what hidden features tell of the cluster.
    tables = 7 + len(with_table & set(drawn))
    tables += "tuning" in settings and settings.get("protocol") != "published"
    pages = getattr(studies.load(settings["kind"]), "PAGES", ())
    tables += len({"latents", "reconstruction"} & set(pages))
    expected = Counter(figures.about(figure)["section"] for figure in drawn)
    expected |= {"Tables": tables + ("compare_with" in settings)}
    expected |= {"Quality of scans": 2} if settings["kind"] == "ad_mri" else {}
    assert Counter(item.subcategory for item in items if of(item) == study) == expected


def test_checks_of_scans_show_every_scan(items):
    checks = [item for item in items if item.subcategory == "Quality of scans"]
    shown = [max(len(item.widths), *(t.rows for t in item.tables)) for item in checks]
    assert min(shown) >= 36  # scans of three seen sites of twelve subjects


def test_run_is_recorded(items):
    record = [item for item in items if item.category == "This run"]
    (page,) = [item for item in record if item.name == "Provenance"]
    assert len(record) == 3  # and time and memory, by rule and by model
    assert len(page.tables) == 4
    for study, settings in STUDIES.items():
        assert study in page.text
        assert settings["title"] in page.text


def test_first_page_begins_with_what_holds_and_names_the_studies(seen):
    assert "claim that this run can test" in seen.first
    assert "System Message" not in seen.first
    for study, settings in STUDIES.items():
        assert study in seen.first
        assert settings["title"] in seen.first


def walk(page):
    """Open every item that the report lists, and its description."""
    results = page.locator("nav li", has_text="Results").locator("xpath=following-sibling::li")
    categories = results.all_inner_texts()
    for category in categories:
        _open(page, [category])
        subcategories = page.locator("nav ul li a").all_inner_texts()
        for subcategory in subcategories or [None]:
            yield from _items(page, category, subcategory)


def _open(page, path):
    """Go by the menu from the first page to a category, or a subcategory."""
    page.locator("nav nav ol a").first.click()
    for name in path:
        page.locator("nav ul li a").get_by_text(name, exact=True).click()
    page.locator("nav nav ol a").get_by_text(path[-1], exact=True).wait_for()


def _items(page, category, subcategory):
    path = [name for name in (category, subcategory) if name]
    _open(page, path)
    page.locator(ITEMS).first.wait_for()
    for number in range(page.locator(ITEMS).count()):
        row = page.locator(ITEMS).nth(number)
        name = row.locator("td").first.inner_text()
        show, explain = row.locator("a").all()
        show.click()
        found = _found(page)
        explain.click()
        page.get_by_text("Description", exact=True).wait_for()
        said = page.locator("nav .prose").inner_text()
        where = {"category": category, "subcategory": subcategory, "where": "/".join([*path, name])}
        yield {**where, "name": name, "said": said, **found}
        page.locator("nav nav ol a").get_by_text(path[-1], exact=True).click()


def _found(page):
    """What an item shows: in a frame of its own, or a picture."""
    page.wait_for_function(ARRIVED)
    frame = page.locator("nav + div.grow iframe")
    if not frame.count():
        return page.locator("nav + div.grow").evaluate(FOUND)
    return frame.content_frame.locator("body").evaluate(FOUND)
