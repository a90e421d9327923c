"""Values that others published, to be shown with our own.

Source: K. P. Nguyen, A. H. Treacher, A. A. Montillo, Adversarially-regularized mixed effects deep
learning (ARMED) models improve interpretability, performance, and generalization on clustered
(non-iid) data, IEEE TPAMI 2023, 45(7):8081-8093. ``spirals.csv`` holds the first
scenario of its simulated spirals: mean test accuracy on the seen clusters over 10 folds;
``mci.csv`` its Table III, stable against progressive MCI; ``ad_mri.csv`` its
Table IV, AD against CN from MRI; each with the 95 % interval; ``livecell.csv`` its Table V,
live-cell images, whose errors of reconstruction have none. The row 'Cluster input+' of Table IV is compared
with ``cluster_input_plus``, although its exact definition is not known to us.
``published_mci_univariate.csv`` holds what the study fitted to each continuous feature alone.
Numbers of the other spirals are not known to us. A rerun of the authors' public code gave values
several points away there (conventional 0.746, ARMED 0.738), because one run of networks this small
depends on its seed.

``heart_disease.csv`` holds accuracies of FLamby (J. Ogier du Terrail et al., FLamby: datasets and
benchmarks for cross-silo federated learning in realistic healthcare settings, NeurIPS 2022), as they stand
in ``results_benchmark_fed_heart_disease.csv`` of its repository at commit 99ae513: logistic regressions of
the 740 patients of that table whose values are complete in all columns but ``slope``, ``ca`` and ``thal``,
trained on two thirds of all hospitals or of one, and tested on the last third of all four. The mean of those
of one hospital stands with ``own_cluster_random``, the regression of a random hospital. Other runs in that
repository differ by some points.
"""

from importlib import resources

import pandas as pd

COLUMNS = ("study", "model", "partition", "metric", "value", "low", "high")
_SCORES = ("spirals.csv", "mci.csv", "ad_mri.csv", "livecell.csv", "heart_disease.csv")


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
    frame = pd.concat([_read("published", name) for name in _SCORES], ignore_index=True)
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


def _read(*place: str) -> pd.DataFrame:
    path = resources.files("armed_study").joinpath("resources", *place)
    with path.open(encoding="utf-8") as stream:
        return pd.read_csv(stream)
