"""Walking through the HTML report in a browser as a reader would: every item of every category."""

from dataclasses import dataclass

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


@dataclass
class Item:
    """What a reader meets at one item: pictures (widths), tables, and what is said of it."""

    category: str
    subcategory: str | None
    name: str
    said: str
    widths: list[int]
    tables: list[dict]
    text: str

    @property
    def where(self):
        return "/".join(filter(None, (self.category, self.subcategory, self.name)))


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
        yield Item(category, subcategory, name, said, **found)
        page.locator("nav nav ol a").get_by_text(path[-1], exact=True).click()


def _found(page):
    """What an item shows: in a frame of its own, or a picture."""
    page.wait_for_function(ARRIVED)
    frame = page.locator("nav + div.grow iframe")
    if not frame.count():
        return page.locator("nav + div.grow").evaluate(FOUND)
    return frame.content_frame.locator("body").evaluate(FOUND)
