"""Logistic regression without the cluster: what the features alone are worth, linearly."""

from armed_study.baselines.linear import Baseline
from armed_study.baselines.regressions import fit

OUTCOMES = ("binary",)
BASELINE = Baseline(fit, uses_clusters=False)
