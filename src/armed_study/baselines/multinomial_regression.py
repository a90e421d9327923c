"""Multinomial logistic regression without the cluster, of a categorical outcome."""

from armed_study.baselines.linear import Baseline
from armed_study.baselines.regressions import fit

OUTCOMES = ("categorical",)
BASELINE = Baseline(fit, uses_clusters=False)
