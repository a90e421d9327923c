"""The page around HTML tables: its look, and the lines of script that sort them by a click."""

# Browsers open nothing larger (2 MB as base64) from inside another page, as a report does.
MOST_BYTES = 1_500_000

# Filled by str.format, with HTML. A page holds one table, or sections of a table each.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px/1.4 "DejaVu Sans", Verdana, sans-serif; color: #222; margin: 1.2em; }}
h1 {{ font-size: 1.15em; margin: 0 0 .3em; }} h2 {{ font-size: 1em; margin: 1.6em 0 .5em; }}
p {{ max-width: 60em; margin: 0 0 1em; color: #444; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .28em .8em; text-align: left; white-space: nowrap; }}
thead th {{ border-top: 2px solid #222; border-bottom: 1px solid #222; vertical-align: bottom;
  position: sticky; top: 0; background: #fff; white-space: normal; }}
tbody tr:last-child td {{ border-bottom: 2px solid #222; }}
tbody tr:hover {{ background: #f1f5fa; }}
.number {{ text-align: right; }}
button {{ all: unset; cursor: pointer; font-weight: 600; }}
button:focus-visible {{ outline: 2px solid #2166ac; }}
th[aria-sort=ascending] button::after {{ content: " \\25B2"; }}
th[aria-sort=descending] button::after {{ content: " \\25BC"; }}
</style></head><body>
<h1>{title}</h1>
{caption}{tables}
<script>
document.querySelectorAll("thead th").forEach(head => head.onclick = () => {{
  const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
  const up = head.getAttribute("aria-sort") !== "ascending";
  const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent, sign = up ? 1 : -1;
  const order = (a, b) => isNaN(parseFloat(a)) || isNaN(parseFloat(b))
    ? isNaN(parseFloat(a)) - isNaN(parseFloat(b)) : (parseFloat(a) - parseFloat(b)) * sign;
  const text = (a, b) => a.localeCompare(b, "en", {{numeric: true}}) * sign;
  const compare = head.className === "number" ? order : text;
  [...body.rows].sort((a, b) => compare(key(a), key(b))).forEach(row => body.append(row));
  table.querySelectorAll("thead th").forEach(other => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
}});
</script></body></html>
"""
TABLE = """<table><thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody></table>"""
SECTION = "<section><h2>{heading}</h2>\n{note}{table}</section>"
