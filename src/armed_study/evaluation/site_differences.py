"""How images differ between sites and manufacturers, and how diagnosis goes with both."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from armed_study.statistics.intervals import t_interval, wilson
from armed_study.statistics.intraclass import between_clusters
from armed_study.studies.ad_mri.scans.manufacturers import (
    manufacturers,
    of_site,
    order_manufacturers,
)
from armed_study.vocabulary.labels import order_clusters

SITE, MANUFACTURER, ALL = "site", "manufacturer", "all sites"
SHARE = "share of AD"
BEFORE = ("raw_mean", "raw_contrast")  # of table `qc`; the others are of `image_metrics`
METRICS = (*BEFORE, "intensity", "contrast", "edge_contrast")
COLUMNS = (
    "block", "level", "manufacturer", "cluster", "metric", "value", "low", "high", "subjects",
    "sites", "sites_explain",
)  # fmt: skip


def compare_sites(samples: pd.DataFrame, qc: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Average each measure by site and by manufacturer, among seen and among unseen sites.

    Parameters
    ----------
    samples, qc, metrics
        The study's tables `samples`, `qc` and `image_metrics`.

    Returns
    -------
    pd.DataFrame
        `level` ``site``: mean over subjects (each a mean over its scans) with 95 % t interval.
        ``manufacturer``: mean over its sites, t interval over these. ``all sites``: mean over the subjects,
        and in `sites_explain` the share of the variance between them that lies between sites (see
        `between_clusters`). The metric ``share of AD`` has Wilson's interval over subjects instead.
    """
    people = _subjects(samples, qc, metrics)
    rows = []
    for block, part in people.groupby("block", sort=True):
        for metric in (*METRICS, SHARE):
            rows += [{"block": block, "metric": metric, **row} for row in _rows(part, metric)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _subjects(samples: pd.DataFrame, qc: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row a subject: means over its scans, site, outcome, manufacturer of the site."""
    names = samples["sample"].astype(str)
    frame = pd.DataFrame(
        {
            "group": samples["group"].astype(object).fillna(names).astype(str),
            "cluster": samples["cluster"].astype(str),
            "block": np.where(samples["held_out"], "unseen", "seen"),
            SHARE: samples["outcome"].astype(float),
            "manufacturer": manufacturers(names, qc),
        }
    )
    for metric in METRICS:
        source = qc if metric in BEFORE else metrics
        frame[metric] = names.map(source.set_index(source["sample"].astype(str))[metric])
    makers = frame.groupby("cluster")["manufacturer"].agg(of_site)
    frame = frame.groupby(["block", "cluster", "group"], as_index=False)[[*METRICS, SHARE]].mean()
    return frame.assign(manufacturer=frame["cluster"].map(makers))


def _rows(people: pd.DataFrame, metric: str) -> Iterator[dict[str, object]]:
    known = people[people[metric].notna()]
    for maker in order_manufacturers(known["manufacturer"]):
        own = known[known["manufacturer"] == maker]
        sites = order_clusters(own["cluster"])
        parts = [own.loc[own["cluster"] == site, metric].to_numpy() for site in sites]
        if metric == SHARE:
            whole = _share(own[metric].to_numpy())
        else:
            whole = _mean(np.array([part.mean() for part in parts]))
        about = {"manufacturer": maker, "sites_explain": np.nan}
        yield {**about, "level": MANUFACTURER, "cluster": "", **whole, "subjects": len(own),
               "sites": len(sites)}  # fmt: skip
        for site, part in zip(sites, parts, strict=True):
            found = _share(part) if metric == SHARE else _mean(part)
            yield {**about, "level": SITE, "cluster": site, **found, "subjects": len(part),
                   "sites": 1}  # fmt: skip
    if len(known):
        values = known[metric].to_numpy()
        found = _share(values) if metric == SHARE else _mean(values)
        yield {"level": ALL, "manufacturer": "", "cluster": "", **found, "subjects": len(known),
               "sites": known["cluster"].nunique(),
               "sites_explain": between_clusters(values, known["cluster"].to_numpy())}  # fmt: skip


def _mean(values: np.ndarray) -> dict[str, float]:
    low, high = t_interval(values)
    return {"value": float(values.mean()), "low": low, "high": high}


def _share(values: np.ndarray) -> dict[str, float]:
    low, high = wilson(np.array([values.sum()]), np.array([len(values)]))
    return {"value": float(values.mean()), "low": float(low[0]), "high": float(high[0])}
