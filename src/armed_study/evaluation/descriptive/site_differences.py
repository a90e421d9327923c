"""How images differ between sites and manufacturers, and how diagnosis goes with both."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import t_interval, wilson
from armed_study.statistics.intraclass import between_clusters
from armed_study.studies.ad_mri.scans.manufacturers import (
    manufacturers,
    of_site,
    order_manufacturers,
)
from armed_study.vocabulary.labels import order_clusters
from armed_study.vocabulary.measures import (
    ALL_SITES,
    MANUFACTURER,
    RAW_MEASURES,
    SCAN_MEASURES,
    SHARE_OF_AD,
    SITE,
)


def compare_sites(
    samples: pd.DataFrame, qc: pd.DataFrame, image_metrics: pd.DataFrame
) -> pd.DataFrame:
    """Average each measure by site and by manufacturer, among seen and among unseen sites.

    Returns
    -------
    pd.DataFrame
        `level` ``site``: mean over subjects (each a mean over its scans) with 95 % t interval.
        ``manufacturer``: mean over its sites, t interval over these. ``all sites``: mean over the subjects,
        and in `sites_explain` the share of the variance between them that lies between sites (see
        `between_clusters`). The metric ``share of AD`` has Wilson's interval over subjects instead.
    """
    people = _subjects(samples, qc, image_metrics)
    rows = []
    for block, part in people.groupby("block", sort=True):
        for metric in (*SCAN_MEASURES, SHARE_OF_AD):
            rows += [{"block": block, "metric": metric, **row} for row in _rows(part, metric)]
    return pd.DataFrame(rows, columns=TABLES["site_differences"].names)


def _subjects(samples: pd.DataFrame, qc: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row a subject: means over its scans, site, outcome, manufacturer of the site."""
    names = samples["sample"].astype(str)
    frame = pd.DataFrame(
        {
            "group": samples["group"].astype(object).fillna(names).astype(str),
            "cluster": samples["cluster"].astype(str),
            "block": np.where(samples["held_out"], "unseen", "seen"),
            SHARE_OF_AD: samples["outcome"].astype(float),
            "manufacturer": manufacturers(names, qc),
        }
    )
    for metric in SCAN_MEASURES:
        source = qc if metric in RAW_MEASURES else metrics
        frame[metric] = names.map(source.set_index(source["sample"].astype(str))[metric])
    makers = frame.groupby("cluster")["manufacturer"].agg(of_site)
    frame = frame.groupby(["block", "cluster", "group"], as_index=False)[
        [*SCAN_MEASURES, SHARE_OF_AD]
    ].mean()
    return frame.assign(manufacturer=frame["cluster"].map(makers))


def _rows(people: pd.DataFrame, metric: str) -> Iterator[dict[str, object]]:
    known, is_share = people[people[metric].notna()], metric == SHARE_OF_AD
    found = _share if is_share else _mean
    for maker in order_manufacturers(known["manufacturer"]):
        own = known[known["manufacturer"] == maker]
        sites = order_clusters(own["cluster"])
        parts = [own.loc[own["cluster"] == site, metric].to_numpy() for site in sites]
        whole = own[metric].to_numpy() if is_share else np.array([part.mean() for part in parts])
        about = {"manufacturer": maker, "sites_explain": np.nan}
        yield {**about, "level": MANUFACTURER, "cluster": "", **found(whole), "subjects": len(own),
               "sites": len(sites)}  # fmt: skip
        for site, part in zip(sites, parts, strict=True):
            yield {**about, "level": SITE, "cluster": site, **found(part), "subjects": len(part),
                   "sites": 1}  # fmt: skip
    if len(known):
        values, home = known[metric].to_numpy(), known["cluster"]
        yield {"level": ALL_SITES, "manufacturer": "", "cluster": "", **found(values),
               "subjects": len(known), "sites": home.nunique(),
               "sites_explain": between_clusters(values, home.to_numpy())}  # fmt: skip


def _mean(values: np.ndarray) -> dict[str, float]:
    low, high = t_interval(values)
    return {"value": float(values.mean()), "low": low, "high": high}


def _share(values: np.ndarray) -> dict[str, float]:
    low, high = wilson(np.array([values.sum()]), np.array([len(values)]))
    return {"value": float(values.mean()), "low": float(low[0]), "high": float(high[0])}
