"""Contact sheets: the pictures of all scans on one page, a section for each site.

One page, not a file for each site: how many sites there are is known only when the participants
have been read, and a page says at its head where to look first.
"""

import base64
import html
import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from PIL import Image

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.report.contact_page import FIGURE, PAGE, ROW, SECTION
from armed_study.report.pages import MOST_BYTES
from armed_study.studies.ad_mri.scans.manufacturers import manufacturer_name, order_manufacturers

MOST_PICTURES = 500
_WIDTH, _QUALITY = 240, 45  # of a picture on the page, pixels; of WebP, about 3 kB each
_STATUS = ("ok", "flagged", "failed")


def draw_contact_sheets(
    checks: pd.DataFrame, folders: Iterable[str | Path], *, title: str, origin: str
) -> str:
    """Write the page, with everything in it.

    Parameters
    ----------
    checks
        As `checks.list_checks` gives it: the order of sites and scans.
    folders
        Where the pictures are, `SAMPLE.png` in one of them.
    title, origin
        Heading, and where the data come from.

    Returns
    -------
    str
        HTML of a size that browsers show inside a report (`html_page.MOST_BYTES`), with at most
        `MOST_PICTURES`: each site shows as many scans as that allows, the doubtful ones first, and says
        how many it does not show.
    """
    files = {path.stem: path for folder in folders for path in Path(folder).glob("*.png")}
    sites = list(checks.groupby("site", sort=False))
    most = MOST_PICTURES // max(len(sites), 1)
    shown = [name for _, scans in sites for name in scans["sample"][:most]]
    pictures = {name: _embedded(files[name]) for name in shown}

    def fill(most: int) -> str:
        return PAGE.format(
            title=html.escape(title),
            origin=html.escape(origin[:1].upper() + origin[1:]),
            counts=_counts(checks),
            rows="\n".join(_row(n, str(site), scans) for n, (site, scans) in enumerate(sites, 1)),
            sections="\n".join(
                _section(n, str(site), scans, pictures, most)
                for n, (site, scans) in enumerate(sites, 1)
            ),
        )

    page = fill(most)
    while most and len(page.encode()) >= MOST_BYTES:
        most -= 1
        page = fill(most)
    return page


def _counts(scans: pd.DataFrame) -> str:
    parts = [f"{int((scans['status'] == name).sum())} {name}" for name in _STATUS]
    return f"{counted(len(scans), 'scan')}: {', '.join(parts)}"


def _makers(scans: pd.DataFrame) -> str:
    return ", ".join(order_manufacturers(map(manufacturer_name, scans["manufacturer"])))


def _row(number: int, site: str, scans: pd.DataFrame) -> str:
    return ROW.format(
        number=number,
        site=html.escape(site),
        makers=html.escape(_makers(scans)),
        scans=len(scans),
        cells="".join(_cell(name, int((scans["status"] == name).sum())) for name in _STATUS),
    )


def _cell(status: str, count: int) -> str:
    mark = ' class="some"' if count and status != "ok" else ""
    return f"<td{mark}>{count}</td>"


def _section(
    number: int, site: str, scans: pd.DataFrame, pictures: dict[str, str], most: int
) -> str:
    hidden = scans[most:]
    more = ""
    if len(hidden):
        doubtful = int((hidden["status"] != "ok").sum())
        more = f"{counted(len(hidden), 'further scan')} not shown, {doubtful} of them flagged or failed"
    return SECTION.format(
        number=number,
        site=html.escape(site),
        makers=html.escape(_makers(scans)),
        counts=_counts(scans),
        figures="\n".join(_figure(scan, pictures) for scan in scans[:most].itertuples()),
        more=f"<p>{more}.</p>" if more else "",
    )


def _figure(scan: pd.Series, pictures: dict[str, str]) -> str:
    said = "; ".join(filter(None, (scan.reason, scan.left_out and f"not used: {scan.left_out}")))
    return FIGURE.format(
        status=scan.status,
        sample=html.escape(scan.sample),
        picture=pictures[scan.sample],
        said=html.escape(f": {said}" if said else ""),
        width=_WIDTH,
        height=_WIDTH // 2,
    )


def _embedded(path: Path) -> str:
    """Return a picture, compressed, as base64."""
    try:
        with Image.open(path) as picture:
            picture.verify()  # only this compares checksums; the file must then be opened anew
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((_WIDTH, _WIDTH // 2), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(
            f"{path}: damaged or cut off ({error}), expected the picture of a scan; delete {path.parent} "
            "and run the workflow again, which makes it anew"
        ) from error
    file = io.BytesIO()
    small.save(file, format="WEBP", quality=_QUALITY, method=6, use_sharp_yuv=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
