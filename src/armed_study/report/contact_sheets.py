"""The checks of all scans as a table, and contact sheets: their pictures, a section for each site.

One page, not a file for each site: how many sites there are is known only when the participants
have been read, and a page says at its head where to look first.
"""

import base64
import io
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.report.tables import MOST_BYTES, template
from armed_study.studies.ad_mri.prepare_scan import FAILED, FLAGGED, OK
from armed_study.studies.ad_mri.scans.manufacturers import manufacturer_name, order_manufacturers
from armed_study.studies.ad_mri.scans.participants import NO_SITE, NOT_LISTED
from armed_study.vocabulary.labels import order_clusters

MOST_PICTURES = 500
_WIDTH, _QUALITY = 240, 45  # of a picture on the page, pixels; of WebP, about 3 kB each
_STATUS = (OK, FLAGGED, FAILED)
_FIRST = ["site", "sample", "status", "reason", "left_out", "usable"]
_LAST = [
    "manufacturer", "scanner", "field_strength", "repetition_time", "echo_time", "flip_angle",
]  # fmt: skip
_IN_SAMPLE = ["participant", "session"]  # the name of the sample says them


def list_checks(qc: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Give each scan its site and sort scans by it, failed before flagged before others.

    Parameters
    ----------
    qc
        Table `qc`.
    people
        As `participants.read_participants` gives them.

    Returns
    -------
    DataFrame
        site, sample, status, reason, left_out (why the participant is not used; empty: is), usable,
        then the measures of `qc`, and what is known of the scanner.
    """
    known = people.set_index("participant")
    who = qc["participant"].astype(str)
    site, left_out = (
        who.map(known[name]).astype(object).where(who.isin(known.index), NOT_LISTED)
        for name in ("site", "reason")
    )
    frame = qc.assign(site=site.where(site.notna(), NO_SITE).astype(str), left_out=left_out)
    frame[["sample", "status", "reason"]] = frame[["sample", "status", "reason"]].astype(str)
    places = {"site": order_clusters(frame["site"]), "status": _STATUS[::-1]}
    frame = frame.sort_values(
        ["site", "status", "sample"],
        key=lambda own: own.map(places[own.name].index) if own.name in places else own,
    )
    measures = [name for name in qc.columns if name not in (*_FIRST, *_LAST, *_IN_SAMPLE)]
    return frame[[*_FIRST, *measures, *_LAST]].reset_index(drop=True)


def draw_contact_sheets(
    checks: pd.DataFrame, folders: Iterable[str | Path], *, title: str, origin: str
) -> str:
    """Write the page, with everything in it.

    Parameters
    ----------
    checks
        As `list_checks` gives it: the order of sites and scans.
    folders
        Where the pictures are, `SAMPLE.png` in one of them.
    title, origin
        Heading, and where the data come from.

    Returns
    -------
    str
        HTML of a size that browsers show inside a report (`tables.MOST_BYTES`), with at most
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

    def too_large(most: int) -> bool:
        return len(fill(most).encode()) >= MOST_BYTES

    return fill(max(bisect_left(range(most + 1), True, key=too_large) - 1, 0))


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
