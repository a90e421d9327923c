"""Linear regression without the cluster, of a continuous outcome."""

from armed_study.baselines.linear import Baseline
from armed_study.baselines.regressions import fit

OUTCOMES = ("continuous",)
BASELINE = Baseline(fit, uses_clusters=False)
