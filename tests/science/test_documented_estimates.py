"""Our estimates of documented mixed models beside those of lme4, and of the likelihood itself."""

import pytest
import torch

from armed.data.samples import Samples
from armed.tasks.outcomes import ContinuousTask
from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.mixed_models.fits import fit_design
from armed_study.mixed_models.quadrature import maximum_likelihood
from factor_models import fitted_to, method_of
from mixed_fits import by_statsmodels

MODELS = {model.name: model for model in documented_models()}
CONTINUOUS = [name for name, model in MODELS.items() if model.family == "gaussian"]
COUNTS = [name for name, model in MODELS.items() if model.family == "poisson"]
SLOW = {"mlmRev/star/1"}  # takes half a minute


def variances(name: str) -> dict[str, tuple[float, float]]:
    """Variance by factor: ours, and lme4's."""
    model = MODELS[name]
    found = fit_design(documented_design(model), model.family)
    assert found.estimate.converged
    return {
        factor: (ours, model.variances[factor].variance) for factor, ours in found.variances.items()
    }


@pytest.mark.parametrize("name", [name for name in CONTINUOUS if name not in SLOW])
def test_variances_of_continuous_outcomes_are_lme4s(name):
    for ours, lme4 in variances(name).values():
        assert ours == pytest.approx(lme4, rel=2e-3, abs=1e-4)


@pytest.mark.parametrize("method", ["armed", "lmmnn"])
def test_networks_of_crossed_factors_find_the_variances_of_another_library(method):
    design = documented_design(MODELS["lme4/Penicillin/1"])
    expected = by_statsmodels(
        design, restricted=False
    )  # networks do not integrate over fixed parts
    y = torch.from_numpy(design.y - design.y.mean())
    samples = Samples(torch.zeros(len(y), 2), y, {t.factor: t.index for t in design.terms})
    sizes = {term.factor: len(term.clusters) for term in design.terms}
    network = fitted_to(method_of(method, sizes, task=ContinuousTask()), samples, epochs=30)
    found = {effects.factor: float(effects.prior_root) ** 2 for effects in network.estimated}
    assert found == pytest.approx({name: own.item() for name, own in expected.items()}, rel=0.05)


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
