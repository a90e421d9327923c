"""Linear regression without the cluster, of a continuous outcome."""

from sklearn.linear_model import Ridge

from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.statistics.links import IDENTITY
from armed_study.statistics.regressions import WEAKNESS
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("continuous",)


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``E(y) = x b + b_0`` by least squares, with the weak ridge of `WEAKNESS`."""
    x, y, _ = training_rows(study, fold)
    regression = Ridge(alpha=1 / WEAKNESS).fit(x, y)
    return LinearFit(float(regression.intercept_), regression.coef_, link=IDENTITY)


BASELINE = Baseline(fit, uses_clusters=False)
