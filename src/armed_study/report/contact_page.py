"""The look of the contact sheets: a page that opens without a network, filled by `str.format`."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: contact sheets</title><style>
body {{ font: 14px/1.4 "DejaVu Sans", Verdana, sans-serif; color: #222; margin: 1.2em; }}
h1 {{ font-size: 1.15em; margin: 0 0 .3em; }}
h2 {{ font-size: 1em; margin: 1.6em 0 .5em; border-top: 1px solid #bbb; padding-top: .6em; }}
h2 small {{ font-weight: normal; color: #444; margin-left: .8em; }}
p {{ max-width: 60em; margin: 0 0 .8em; color: #444; }} a {{ color: #2166ac; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .15em .8em; text-align: right; }}
th:nth-child(-n+2), td:nth-child(-n+2) {{ text-align: left; }}
thead th {{ border-top: 2px solid #222; border-bottom: 1px solid #222; }}
tbody tr:last-child td {{ border-bottom: 2px solid #222; }}
.some {{ font-weight: 600; background: #fdebd0; }}
.sheet {{ display: flex; flex-wrap: wrap; gap: 8px; }}
figure {{ margin: 0; width: 240px; border: 2px solid transparent; font-size: 11px; line-height: 1.3; }}
figure.flagged {{ border-color: #e08214; }} figure.failed {{ border-color: #b2182b; }}
figure img {{ display: block; }} figcaption {{ padding: 2px 4px 3px; overflow-wrap: anywhere; }}
</style></head><body>
<h1>{title}: contact sheets</h1>
<p>{origin}. {counts}.</p>
<p>Left half of a picture: the slice with the outlines of the brain (orange) and of the registered
template's brain (blue), and the point it was cut through (yellow cross). Right half: the image that
networks get. Flagged scans have an orange frame, failed ones a red one; both come first.</p>
<table><thead><tr><th>Site</th><th>Manufacturer</th><th>Scans</th><th>ok</th><th>flagged</th>
<th>failed</th></tr></thead><tbody>
{rows}
</tbody></table>
{sections}
</body></html>
"""
ROW = (
    '<tr><td><a href="#site-{number}">{site}</a></td><td>{makers}</td><td>{scans}</td>{cells}</tr>'
)
SECTION = """<section id="site-{number}"><h2>{site}<small>{makers}. {counts}</small></h2>
<div class="sheet">
{figures}
</div>{more}</section>"""
FIGURE = (
    '<figure class="{status}"><img width="{width}" height="{height}" alt="" '
    'src="data:image/webp;base64,{picture}"><figcaption>{sample} <b>{status}</b>{said}</figcaption>'
    "</figure>"
)
