"""The checks of all scans as one table for readers: by site, the doubtful ones first."""

import pandas as pd

from armed_study.studies.ad_mri.prepare_scan import FAILED, FLAGGED, OK
from armed_study.studies.ad_mri.scans.participants import NO_SITE, NOT_LISTED
from armed_study.vocabulary.labels import order_clusters

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
    site = who.map(known["site"]).astype(object).where(who.isin(known.index), NOT_LISTED)
    left_out = who.map(known["reason"]).astype(object).where(who.isin(known.index), NOT_LISTED)
    frame = qc.assign(site=site.where(site.notna(), NO_SITE).astype(str), left_out=left_out)
    frame[["sample", "status", "reason"]] = frame[["sample", "status", "reason"]].astype(str)
    places = {name: place for place, name in enumerate(order_clusters(frame["site"]))}
    order = pd.DataFrame(
        {
            "site": frame["site"].map(places),
            "status": frame["status"].map([FAILED, FLAGGED, OK].index),
            "sample": frame["sample"],
        }
    )
    frame = frame.loc[order.sort_values(["site", "status", "sample"]).index]
    measures = [name for name in qc.columns if name not in (*_FIRST, *_LAST, *_IN_SAMPLE)]
    return frame[[*_FIRST, *measures, *_LAST]].reset_index(drop=True)
