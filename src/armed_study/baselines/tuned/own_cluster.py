"""Logistic regression with a ridge of each cluster by itself: what a cluster is worth without the others."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armed_study.baselines.linear import Baseline, Fit, LinearFit, of_cluster, training_rows
from armed_study.baselines.regressions import penalised
from armed_study.baselines.tuned.ridge import INVERSE_PENALTIES, Coordinates
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.statistics.links import LOGIT
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores

OUTCOMES = ("binary",)


@dataclass(frozen=True, eq=False)
class Apart(Fit):
    """``yF = sigmoid(x b + b_0)`` of all clusters together, ``yM = sigmoid(x b_z + b_0z)`` of one alone.

    ``excess`` (K, columns + 1) is ``(b_k, b_0k)`` less ``(b, b_0)``, which weights over clusters mix; 0 of a
    cluster that has no regression of its own, for want of training samples of both outcomes.
    """

    together: LinearFit
    excess: np.ndarray

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and mixed, each of shape (n,)."""
        fixed = self.together.predict(x, None)[0]
        if z is None:
            return fixed, None
        predictor = x @ self.together.coefficients + self.together.intercept
        excess = of_cluster(self.excess, z)
        return fixed, LOGIT.mean(predictor + (x * excess[:, :-1]).sum(axis=1) + excess[:, -1])

    def importance(self, x: np.ndarray) -> np.ndarray:
        """Importance of the regression of all clusters."""
        return self.together.importance(x)

    def parameters(self) -> dict[str, np.ndarray]:
        """Those of the regression of all clusters, and what each cluster adds."""
        return {**self.together.parameters(), "excess": self.excess}


def fit(study: StudyFolds, fold: FoldData) -> Apart:
    """Fit all clusters together and each alone; one penalty for all, which the validation part selects."""
    x, y, z = training_rows(study, fold)
    coordinates = Coordinates.standardised(x)
    t = coordinates.of(x)
    alone = [k for k in fold.seen if len(np.unique(y[z == k])) > 1]

    def regression(rows: np.ndarray, inverse_penalty: float) -> LinearFit:
        found = coordinates.unfolded(penalised(study, fold, t[rows], y[rows], inverse_penalty))
        assert isinstance(found, LinearFit)  # of a binary outcome
        return found

    def each() -> Iterator[Apart]:
        for inverse_penalty in INVERSE_PENALTIES:
            together = regression(np.full(len(y), True), inverse_penalty)
            excess = np.zeros((len(study.clusters), x.shape[1] + 1))
            for k in alone:
                own = regression(z == k, inverse_penalty)
                excess[k, :-1] = own.coefficients - together.coefficients
                excess[k, -1] = own.intercept - together.intercept
            yield Apart(together, excess)

    return best_on_validation(study, fold, each())


BASELINE = Baseline(fit, uses_clusters=True)
