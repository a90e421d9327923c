"""How images differ between sites and manufacturers, and how diagnosis goes with both."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from armed_study.figures.naming import order_clusters
from armed_study.intervals import t_interval, wilson
from armed_study.mri.manufacturers import manufacturers, of_site, order_manufacturers

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
        `between_sites`). The metric ``share of AD`` has Wilson's interval over subjects instead.
    """
    people = _subjects(samples, qc, metrics)
    rows = []
    for block, part in people.groupby("block", sort=True):
        for metric in (*METRICS, SHARE):
            rows += [{"block": block, "metric": metric, **row} for row in _rows(part, metric)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def between_sites(values: np.ndarray, sites: np.ndarray) -> float:
    """Give the share of the variance of values that lies between sites: the intraclass correlation.

    `(B - W) / (B + (n - 1) W)` of the mean squares B between and W within sites, with
    `n = (N - sum n_i^2 / N) / (k - 1)` for k sites of unequal size (one-way analysis of variance); at
    least 0. NaN for one site, or without two subjects at any.
    """
    between, within, typical, _ = _mean_squares(values, sites)
    spread = between + (typical - 1) * within
    return max((between - within) / spread, 0.0) if spread > 0 else float("nan")


def between_sites_interval(
    values: np.ndarray, sites: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Give the interval of `between_sites`, of other sites and other subjects like these.

    `(f - 1) / (f + n - 1)` of `f = B / W / F` and `f = B / W * F'` for the upper quantiles of the F
    distribution with k - 1 and N - k degrees of freedom, and the other way round: exact for normal
    values and sites of one size (Donner 1986, International Statistical Review 54(1):67-82). NaN
    where the share is, or where subjects of a site do not differ.
    """
    between, within, typical, degrees = _mean_squares(values, sites)
    if not within > 0:
        return float("nan"), float("nan")
    upper = (1 + level) / 2
    ratio = between / within
    ends = ratio / stats.f.ppf(upper, *degrees), ratio * stats.f.ppf(upper, *degrees[::-1])
    low, high = (max((f - 1) / (f + typical - 1), 0.0) for f in ends)
    return float(low), float(high)


def _mean_squares(
    values: np.ndarray, sites: np.ndarray
) -> tuple[float, float, float, tuple[int, int]]:
    """B, W and n of `between_sites`, NaN where they are not defined; degrees of freedom of B and W."""
    _, code, sizes = np.unique(sites, return_inverse=True, return_counts=True)
    total, count = len(values), len(sizes)
    degrees = count - 1, total - count
    if min(degrees) < 1:
        return float("nan"), float("nan"), float("nan"), degrees
    means = np.bincount(code, values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / degrees[0]
    within = float(((values - means[code]) ** 2).sum()) / degrees[1]
    return between, within, float((total - (sizes**2).sum() / total) / degrees[0]), degrees


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
               "sites_explain": between_sites(values, known["cluster"].to_numpy())}  # fmt: skip


def _mean(values: np.ndarray) -> dict[str, float]:
    low, high = t_interval(values)
    return {"value": float(values.mean()), "low": low, "high": high}


def _share(values: np.ndarray) -> dict[str, float]:
    low, high = wilson(np.array([values.sum()]), np.array([len(values)]))
    return {"value": float(values.mean()), "low": float(low[0]), "high": float(high[0])}
