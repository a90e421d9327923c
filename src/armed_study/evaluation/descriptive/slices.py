"""Which images of every site are shown, with what is known of the site."""

import numpy as np
import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.studies.ad_mri.scans.manufacturers import manufacturers, of_site
from armed_study.vocabulary.labels import order_clusters
from armed_study.vocabulary.measures import SLICES_OF_EACH


def shown_slices(samples: pd.DataFrame, qc: pd.DataFrame) -> pd.DataFrame:
    """Choose which images to show: of each site the first scans, by name, of different subjects.

    Parameters
    ----------
    samples
        The study's samples, in the order of their images.
    qc
        The study's table `qc`, for the manufacturers.

    Returns
    -------
    pd.DataFrame
        One row an image. `block` is ``seen`` or ``unseen``; `subjects` and `share` are the number of
        subjects of the site and their share of AD; `place` counts images of a site and diagnosis from
        0; `row` is the place of the image in the study's array. Of unseen sites there is one image
        each, with AD and CN in turn.
    """
    about = samples[["sample", "cluster", "outcome", "held_out"]].astype(
        {"sample": str, "cluster": str, "outcome": int}
    )
    about["group"] = samples["group"].astype(object).fillna(about["sample"]).astype(str)
    about["row"] = np.arange(len(about))
    about["maker"] = manufacturers(about["sample"], qc)
    once = about.sort_values("sample").drop_duplicates("group").copy()
    sites = once.groupby("cluster")
    once["subjects"] = sites["group"].transform("size")
    once["share"] = sites["outcome"].transform("mean")
    once["manufacturer"] = once["cluster"].map(about.groupby("cluster")["maker"].agg(of_site))
    once["block"] = np.where(once["held_out"], "unseen", "seen")
    once["place"] = once.groupby(["cluster", "outcome"]).cumcount()
    once["rank"] = once["cluster"].map(order_clusters(once["cluster"]).index)
    seen = once[(once["block"] == "seen") & (once["place"] < SLICES_OF_EACH)]
    chosen = pd.concat([seen, _one_of_each(once[once["block"] == "unseen"])])
    order = ["block", "rank", "outcome", "place"]
    return chosen.sort_values(order, ignore_index=True)[TABLES["shown_slices"].names]


def _one_of_each(once: pd.DataFrame) -> pd.DataFrame:
    """Give one image of each site, of the diagnosis whose turn it is where the site has it."""
    if once.empty:
        return once
    turn = once["rank"].rank(method="dense").astype(int) % 2
    first = once.assign(other=(once["outcome"] != turn).astype(int))
    return first.sort_values(["rank", "other", "place"]).drop_duplicates("cluster")
