"""Poisson regression without the cluster, of counts."""

from armed_study.baselines.linear import Baseline
from armed_study.baselines.regressions import fit

OUTCOMES = ("count",)
BASELINE = Baseline(fit, uses_clusters=False)
