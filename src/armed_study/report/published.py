"""Values printed in the paper that this project studies, to be shown with our own.

Source: K. P. Nguyen, A. H. Treacher, A. A. Montillo, Adversarially-regularized mixed effects deep
learning (ARMED) models improve interpretability, performance, and generalization on clustered
(non-iid) data, IEEE TPAMI 2023, 45(7):8081-8093. ``published_spirals.csv`` holds the first
scenario of its simulated spirals: mean test accuracy on the seen clusters over 10 folds;
``published_mci.csv`` its Table III, stable against progressive MCI; ``published_ad_mri.csv`` its
Table IV, AD against CN from MRI; each with the 95 % interval; ``published_livecell.csv`` its Table V,
live-cell images, whose errors of reconstruction have none. The row 'Cluster input+' of Table IV is compared
with ``cluster_input_plus``, although its exact definition is not known to us.
``published_mci_univariate.csv`` holds what the study fitted to each continuous feature alone.
Numbers of the other spirals are not known to us. A rerun of the authors' public code gave values
several points away there (conventional 0.746, ARMED 0.738), because one run of networks this small
depends on its seed.
"""

from importlib import resources

import pandas as pd

COLUMNS = ("study", "model", "partition", "metric", "value", "low", "high")


def published_scores(study: str, of: str | None = None) -> pd.DataFrame:
    """Give the published scores with their 95 % intervals.

    Parameters
    ----------
    study
        Name of the study with which they are shown.
    of
        Name of the published values, default the same; a name without any gives an empty table.

    Returns
    -------
    pd.DataFrame
        Columns `COLUMNS`; value, low and high are proportions.
    """
    parts = [_read(f"published_{name}.csv") for name in ("spirals", "mci", "ad_mri", "livecell")]
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["study"] == (of or study)].assign(study=study).reset_index(drop=True)


def published_univariate() -> pd.DataFrame:
    """Give the published univariate logistic mixed models of stable against progressive MCI.

    One row a continuous feature, standardised: its fixed coefficient (log odds ratio per s.d.) with
    the standard error, and the s.d. over sites of its random slope (`random_slope_sd`).
    """
    return _read("published_mci_univariate.csv")


def published_descriptives() -> pd.DataFrame:
    """Give published descriptives of ADNI's participants: group, measure, mean, sd, n, source."""
    return _read("published_adni.csv")


def _read(name: str) -> pd.DataFrame:
    path = resources.files("armed_study").joinpath("resources", name)
    with path.open(encoding="utf-8") as stream:
        return pd.read_csv(stream)
