"""Our estimates of documented mixed models beside those of lme4, and of the likelihood itself."""

import pytest

from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.mixed_models.fits import fit_design
from armed_study.mixed_models.quadrature import maximum_likelihood

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
