"""Our estimates of documented mixed models beside those of lme4, and of the likelihood itself."""

import numpy as np
import pytest
import torch

from armed.inference.estimate import Estimate, estimate
from armed.inference.mixed_model import MixedModel
from armed.inference.terms import EffectsTerm, fixed_term
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from armed_study.data.mixed.design import MixedDesign
from armed_study.interpretation.effects.documented import (
    DocumentedModel,
    documented_design,
    documented_models,
)
from mixed_fits import maximum_likelihood

MODELS = {model.name: model for model in documented_models()}
TASKS = {"gaussian": ContinuousTask(), "bernoulli": BinaryTask(), "poisson": CountTask()}
CONTINUOUS = [name for name, model in MODELS.items() if model.family == "gaussian"]
COUNTS = [name for name, model in MODELS.items() if model.family == "poisson"]
SLOW = {"mlmRev/star/1"}  # takes half a minute


def fitted(model: DocumentedModel, design: MixedDesign) -> Estimate:
    """Fit a documented model, its terms by number of clusters."""
    terms = [
        EffectsTerm(
            torch.from_numpy(term.design.astype(float)),
            torch.from_numpy(term.index.astype(np.int64)),
            len(term.clusters),
            correlated=term.correlated,
            name=term.factor,
        )
        for term in sorted(design.terms, key=lambda term: -len(term.clusters))
    ]
    y, offset = (torch.from_numpy(v.astype(float)) for v in (design.y, design.offset))
    return estimate(
        MixedModel(
            TASKS[model.family],
            y,
            offset,
            torch.ones_like(y),
            terms,
            fixed_term(torch.from_numpy(design.x.astype(float))),
            restricted=model.family == "gaussian",
        )
    )


def variances(name: str) -> dict[str, tuple[float, float]]:
    """Variance by factor: ours, and lme4's."""
    model = MODELS[name]
    design = documented_design(model)
    found = fitted(model, design)
    assert found.converged
    by_size = sorted(design.terms, key=lambda term: -len(term.clusters))
    return {
        term.factor: (
            term.mean_variance(covariance.numpy()),
            model.variances[term.factor].variance,
        )
        for term, covariance in zip(by_size, found.covariances, strict=True)
    }


@pytest.mark.parametrize("name", [name for name in CONTINUOUS if name not in SLOW])
def test_variances_of_continuous_outcomes_are_lme4s(name):
    for ours, lme4 in variances(name).values():
        assert ours == pytest.approx(lme4, rel=2e-3, abs=1e-4)


@pytest.mark.parametrize("name", COUNTS)
def test_variances_of_counts_are_lme4s(name):
    for ours, lme4 in variances(name).values():
        assert ours == pytest.approx(lme4, rel=5e-3)


@pytest.mark.parametrize(
    "name", ["MASS/bacteria/1", "geepack/respiratory/1", "medicaldata/indo_rct/1"]
)
def test_variance_of_a_binary_outcome_maximises_the_likelihood(name):
    design = documented_design(MODELS[name])
    ((ours, _),) = variances(name).values()
    exact = maximum_likelihood(design, MODELS[name].family, 25)
    assert ours == pytest.approx(exact, rel=2e-3)
