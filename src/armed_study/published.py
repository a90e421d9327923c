"""Values printed in the paper that this project studies, to be shown beside our own.

Source: K. P. Nguyen, A. H. Treacher, A. A. Montillo, Adversarially-regularized mixed effects deep
learning (ARMED) models improve interpretability, performance, and generalization on clustered
(non-iid) data, IEEE TPAMI 2023, 45(7):8081-8093. ``data/published_spirals.csv`` holds the first
scenario of its simulated spirals: mean test accuracy on the seen clusters over 10 folds, with the
95 % interval. Numbers of the other scenarios are not known to us. A rerun of the authors' public
code gave values several points away (conventional 0.746, ARMED 0.738), because one run of networks
this small depends on its seed.
"""

from importlib import resources

import pandas as pd

COLUMNS = ("study", "model", "partition", "metric", "value", "low", "high")


def published_scores(study: str | None = None) -> pd.DataFrame:
    """Give the published scores with their 95 % intervals.

    Parameters
    ----------
    study
        Keep this study's rows only; a study without published values gives an empty table.

    Returns
    -------
    pd.DataFrame
        Columns `COLUMNS`; value, low and high are proportions.
    """
    source = resources.files("armed_study").joinpath("data/published_spirals.csv")
    with source.open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream)
    return frame if study is None else frame[frame["study"] == study].reset_index(drop=True)
