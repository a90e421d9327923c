"""Regression with a ridge on columns from which ComBat takes the mean and scale of each cluster."""

from dataclasses import dataclass

import numpy as np

from armed.errors import DataError
from armed_study.baselines.linear import Baseline, Fit, of_cluster, training_rows
from armed_study.baselines.regressions import Linear
from armed_study.baselines.tuned.ridge import Coordinates, fits
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores

_LEAST = 1e-12  # variance in units of the largest square, below which a column does not vary
_ENOUGH = 1e-6  # change of the last step, in s.d. of means and relative of variances


@dataclass(frozen=True)
class CombatRidgeSettings:
    """How strong the ridge is.

    Parameters
    ----------
    inverse_penalty : float, above 0, or None
        ``c`` of the penalty ``|b|^2 / 2 c``; null: the validation part selects it.
    """

    inverse_penalty: float | None = None


@dataclass(frozen=True, eq=False)
class Harmonised(Fit):
    """``yF`` linear in columns as they are, ``yM`` in ``x + scale_z x + shift_z``.

    ``scale`` and ``shift`` (K, columns) are 0 where there is nothing to harmonise by: a cluster without two
    training rows stays as it is. Weights over clusters mix what these are harmonised by.
    """

    linear: Linear
    scale: np.ndarray
    shift: np.ndarray

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and mixed."""
        fixed, _ = self.linear.predict(x, None)
        if z is None:
            return fixed, None
        own = x + of_cluster(self.scale, z) * x + of_cluster(self.shift, z)
        return fixed, self.linear.predict(own, None)[0]

    def importance(self, x: np.ndarray) -> np.ndarray:
        """Importance of the regression."""
        return self.linear.importance(x)

    def parameters(self) -> dict[str, np.ndarray]:
        """Those of the regression, and what clusters are harmonised by."""
        return {**self.linear.parameters(), "scale": 1 + self.scale, "shift": self.shift}


def fit(study: StudyFolds, fold: FoldData, *, inverse_penalty: float | None = None) -> Harmonised:
    """Fit ``yM = link(h b + b_0)``, ``h`` the columns after ComBat, which the outcome does not enter.

    Columns of two values, such as those of categories, are left alone, and so are those that do not vary
    within clusters. The ridge is that of `armed_study.baselines.tuned.ridge`.

    Raises
    ------
    DataError
        When no column is left.
    """
    x, y, z = training_rows(study, fold)
    several = np.bincount(z, minlength=len(study.clusters)) > 1
    own, columns = several[z], _harmonised(x, z)
    if not len(columns):
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found no column with more than two values that varies "
            "within clusters, expected some for ComBat; leave combat_ridge out of the study's models"
        )
    kept = np.flatnonzero(several)
    scale, shift = np.zeros((2, len(several), x.shape[1]))
    found = combat(x[own][:, columns], np.searchsorted(kept, z[own]))
    scale[np.ix_(kept, columns)], shift[np.ix_(kept, columns)] = found
    harmonised = x + scale[z] * x + shift[z]
    coordinates = Coordinates.standardised(harmonised)
    linear = fits(study, fold, harmonised, y, coordinates, inverse_penalty)
    return best_on_validation(study, fold, (Harmonised(each, scale, shift) for each in linear))


def combat(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale less 1 and shift, each (K, columns), by which ComBat harmonises rows (n, columns) of clusters z.

    Of columns ``t``, ``x`` less its mean in units of its s.d. within clusters, cluster ``k`` has means
    ``g_k`` and variances ``d_k`` (columns,). Over the columns of a cluster the former have a normal prior,
    the latter an inverse gamma one, of the moments of their estimates; of a single column these are taken
    as they are. ``t`` becomes ``(t - g) / sqrt(d)``. A column that does not vary in a cluster counts with
    the variance 1.

    References
    ----------
    W. E. Johnson, C. Li, A. Rabinovic, Biostatistics 8 (2007) 118-127; J.-P. Fortin et al., NeuroImage 167
    (2018) 104-120, whose neuroCombat gives the same numbers.
    """
    n = np.bincount(z)[:, None].astype(np.float64)
    overall, means = x.mean(axis=0), _sums(x, z) / n
    sd = np.sqrt(((x - means[z]) ** 2).mean(axis=0))
    g_hat, squares = (means - overall) / sd, _sums(((x - means[z]) / sd) ** 2, z)
    d_hat = np.where(squares > _LEAST * n, squares / (n - 1), 1.0)
    (g_mean, g_var), (m, v) = _moments(g_hat), _moments(d_hat)
    g, d, change = g_hat, d_hat, np.inf
    while change > _ENOUGH:
        old = g, d
        g = (g_var * n * g_hat + d * g_mean) / (g_var * n + d)
        # (S / 2 + b) / (n / 2 + a - 1) with a = 2 + m^2 / v, b = m + m^3 / v, times v, which may be 0
        sums = squares + n * (g_hat - g) ** 2
        d = (v * (sums / 2 + m) + m**3) / (v * (n / 2 + 1) + m**2)
        change = max(np.abs(g - old[0]).max(), np.abs(d / old[1] - 1).max())
    scale = 1 / np.sqrt(d)
    return scale - 1, overall - scale * (overall + sd * g)


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance over the columns of each cluster, (K, 1); that of a single one is 0."""
    several = min(1, values.shape[1] - 1)
    return values.mean(axis=1, keepdims=True), values.var(axis=1, ddof=several, keepdims=True)


def _sums(values: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Sums over the rows of each cluster, (K, columns)."""
    found = np.zeros((int(z.max()) + 1, values.shape[1]))
    np.add.at(found, z, values)
    return found


def _harmonised(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Numbers of the columns with more than two values that vary within clusters."""
    counts = np.maximum(np.bincount(z), 1)[:, None]
    within = ((x - (_sums(x, z) / counts)[z]) ** 2).mean(axis=0)
    many = np.array([len(np.unique(column)) > 2 for column in x.T])
    return np.flatnonzero(many & (within > _LEAST * np.square(x).max(axis=0)))


BASELINE = Baseline(fit, uses_clusters=True)
