"""Contact sheets: the pictures of all scans on one page, a section for each site.

One page, not a file for each site: how many sites there are is known only when the participants
have been read, and a page says at its head where to look first.
"""

import base64
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.report.pages import MOST_BYTES, template
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
        HTML of a size that browsers show inside a report (`pages.MOST_BYTES`), with at most
        `MOST_PICTURES`: each site shows as many scans as that allows, the doubtful ones first, and says
        how many it does not show.
    """
    files = {path.stem: path for folder in folders for path in Path(folder).glob("*.png")}
    sites = list(checks.groupby("site", sort=False))
    most = MOST_PICTURES // max(len(sites), 1)
    shown = [name for _, scans in sites for name in scans["sample"][:most]]
    pictures = {name: _embedded(files[name]) for name in shown}

    def fill(most: int) -> str:
        return template("contact_sheets.html.j2").render(
            title=title,
            origin=origin[:1].upper() + origin[1:],
            counts=_counts(checks),
            sites=[_site(str(site), scans, most) for site, scans in sites],
            pictures=pictures,
            width=_WIDTH,
            remark=_remark,
        )

    page = fill(most)
    while most and len(page.encode()) >= MOST_BYTES:
        most -= 1
        page = fill(most)
    return page


def _counts(scans: pd.DataFrame) -> str:
    parts = [f"{int((scans['status'] == name).sum())} {name}" for name in _STATUS]
    return f"{counted(len(scans), 'scan')}: {', '.join(parts)}"


def _site(name: str, scans: pd.DataFrame, most: int) -> dict[str, object]:
    """Give what the page says of a site, and the scans it shows of it."""
    hidden = scans[most:]
    doubtful = int((hidden["status"] != "ok").sum())
    more = f"{counted(len(hidden), 'further scan')} not shown, {doubtful} of them flagged or failed"
    return {
        "name": name,
        "makers": ", ".join(order_manufacturers(map(manufacturer_name, scans["manufacturer"]))),
        "scans": len(scans),
        "status": {status: int((scans["status"] == status).sum()) for status in _STATUS},
        "counts": _counts(scans),
        "shown": list(scans[:most].itertuples()),
        "hidden": more if len(hidden) else "",
    }


def _remark(scan: Any) -> str:
    """Write why a scan is doubtful, and why it is not used."""
    text = "; ".join(filter(None, (scan.reason, scan.left_out and f"not used: {scan.left_out}")))
    return f": {text}" if text else ""


def _embedded(path: Path) -> str:
    """Return a picture, compressed, as base64."""
    try:
        with Image.open(path) as picture:
            picture.verify()  # only this compares checksums; the file must then be opened again
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((_WIDTH, _WIDTH // 2), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(
            f"{path}: damaged or cut off ({error}), expected the picture of a scan; delete {path.parent} "
            "and run the workflow again"
        ) from error
    file = io.BytesIO()
    small.save(file, format="WEBP", quality=_QUALITY, method=6, use_sharp_yuv=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
