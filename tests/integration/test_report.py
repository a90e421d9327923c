"""The HTML report in a browser: every item opens, shows something, and explains itself."""

import os
import shutil

import pytest

from armed_study import plans
from running import succeed, tiny_config

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="chromium is not there"),
]


@pytest.fixture(scope="module")
def report(finished, made_once):
    """Address of a report of the tiny study."""

    def make(folder):
        succeed("--report", folder / "report.html", cwd=finished)

    return (made_once("report", make) / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, report):
    """The open report; the test fails if a script in it does."""
    errors = []
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(report)
    page.get_by_text("About", exact=True).wait_for()
    yield page
    page.close()
    assert errors == []


def open_items(page, study, subcategory):
    """Go to a subcategory of a study; the rows of its items."""
    page.reload()  # back to the first page
    page.get_by_text(study, exact=True).first.click()
    page.get_by_text(subcategory, exact=True).click()
    page.locator("table tbody tr").first.wait_for()
    return page.locator("table tbody tr")


def view(page, row):
    """Look at an item and at what is said of it: its description."""
    row.locator("a").nth(0).click()
    row.locator("a").nth(1).click()
    page.get_by_text("Description", exact=True).wait_for()
    return page.locator("body").inner_text()


FIGURES = {
    "points": "Data", "clusters": "Data", "flow": "Data", "descriptives": "Data",
    "slices": "Data", "site_differences": "Data", "univariate": "Data",
    "boundaries": "Figures", "performance": "Figures", "roc": "Figures",
    "importance": "Figures", "ranked_importance": "Figures", "intercepts": "Figures",
    "calibration": "Figures", "validation": "Figures", "sites": "Figures",
    "gradcam": "Figures", "gradcam_sites": "Figures", "attribution": "Figures",
    "latent_maps": "Figures", "distances": "Figures", "looks": "Figures",
    "reconstructions": "Figures", "dates": "Figures", "counterfactuals": "Figures",
}  # fmt: skip


@pytest.mark.parametrize("study", tiny_config()["studies"])
def test_every_figure_opens_and_is_explained(page, study):
    expected = plans.figures(tiny_config()["studies"][study])
    opened = 0
    for subcategory in sorted({FIGURES[figure] for figure in expected}):
        for number in range(open_items(page, study, subcategory).count()):
            said = view(page, open_items(page, study, subcategory).nth(number))
            picture = page.locator("img").last
            picture.wait_for()
            assert picture.evaluate("image => image.naturalWidth") > 100
            assert study in said
            assert "{{" not in said
            opened += 1
    assert opened == len(expected)


@pytest.mark.parametrize("study", tiny_config()["studies"])
def test_every_table_opens_with_rows_and_is_explained(page, study):
    settings = tiny_config()["studies"][study]
    count = open_items(page, study, "Tables").count()
    drawn = plans.figures(settings)
    with_table = {"validation", "attribution", "site_differences", "counterfactuals", "looks"}
    one_each = with_table & set(drawn)  # a table each
    of_latents = {"latents", "reconstruction"} & set(plans.pages(settings))
    assert count == 3 + len(one_each) + len(of_latents) + ("beside" in settings)
    for number in range(count):
        said = view(page, open_items(page, study, "Tables").nth(number))
        page.locator("iframe").wait_for()
        rows = page.frame_locator("iframe").locator("tbody tr")
        rows.first.wait_for()
        assert "{{" not in said


@pytest.mark.parametrize(("number", "part"), [(0, "tbody tr"), (1, "img")])
def test_checks_of_scans_open_as_pictures_and_as_a_table(page, number, part):
    rows = open_items(page, "tiny_mri", "Quality of scans")
    assert rows.count() == 2
    view(page, rows.nth(number))
    page.locator("iframe").wait_for()
    shown = page.frame_locator("iframe").locator(part)
    shown.first.wait_for()
    assert shown.count() >= 36  # scans of three seen sites of twelve subjects


def test_first_page_names_the_studies(page):
    shown = page.locator("body").inner_text()
    for study, settings in tiny_config()["studies"].items():
        assert study in shown
        assert settings["title"] in shown
