"""The regressor."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from armed.prediction.intervals import sample_intervals
from armed.sklearn.base import ArmedEstimator
from armed.sklearn.inputs import Standardised, to_fit
from armed.tasks.base import Task
from armed.tasks.outcomes import ContinuousTask


class ARMEDRegressor(RegressorMixin, ArmedEstimator):  # type: ignore[misc]
    """A network with random effects of clusters and an adversary, for a continuous outcome.

    It is standardised inside; whatever is told of it is in its own unit. For the parameters see
    `armed.sklearn.classifier.ARMEDClassifier`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, sites = rng.normal(size=(60, 2)), np.repeat(["A", "B", "C"], 20)
    >>> y = X[:, 0] + (sites == "A") + rng.normal(size=60)
    >>> model = ARMEDRegressor(epochs=2, random_state=0).fit(X, y, clusters=sites)
    >>> model.predict_interval(X[:3], clusters=["A", "Z", None]).shape
    (3, 2)
    """

    def fit(
        self, X: Any, y: Any, clusters: Any = None, sample_weight: Any = None
    ) -> "ARMEDRegressor":
        """Train on samples and their clusters; for the parameters see `ARMEDClassifier.fit`."""
        x, y, weight = to_fit(self, X, y, clusters, sample_weight, y_numeric=True)
        y = y.astype(np.float64)
        # Learning rate, initial values and the residual variance are meant for a unit outcome.
        unit = Standardised.of(y[weight > 0, None], standardize=True)
        self.y_mean_, self.y_scale_ = float(unit.mean[0]), float(unit.scale[0])
        self._train(x, (y - self.y_mean_) / self.y_scale_, clusters, weight)
        return self

    def _task(self) -> Task:
        return ContinuousTask()

    def _unit(self) -> float:
        return self.y_scale_

    def predict(self, X: Any, clusters: Any = None) -> np.ndarray:
        """Expected outcomes, (samples,); those of clusters that are new or missing are of effects of 0."""
        return self._in_units(self._scores(X, clusters, "marginal"))

    def predict_interval(self, X: Any, clusters: Any = None, level: float = 0.9) -> np.ndarray:
        """Interval of each sample's outcome, (samples, 2); the network is taken as it is."""
        x, columns = self._with_clusters(X, clusters)
        ends = sample_intervals(self.method_, x, columns, level=level)
        return self._in_units(ends.double().cpu().numpy())

    def _in_units(self, values: np.ndarray) -> np.ndarray:
        return self.y_mean_ + self.y_scale_ * values

    def score(self, X: Any, y: Any, clusters: Any = None, sample_weight: Any = None) -> float:
        """Share of the variance that is explained, R2."""
        return float(r2_score(y, self.predict(X, clusters), sample_weight=sample_weight))
