"""Documented mixed models are read as lme4 read them: independent fits give its variances.

Not fitted here, as they take long, but by ``python tests/support/mixed_fits.py``: mlmRev/star (lme4's
variances within 0.003 %), carData/MplsStops (0.02 %) and geepack/muscatine (0.3 %). What lme4 gives for
binary outcomes is the optimum of Laplace's approximation, and may be far from that of the likelihood
itself: by 25 nodes the variance of muscatine, at most three answers a child, is 12.9 and not 142.6; of
bacteria 1.70 (1.54), of respiratory 1.27 (1.21); of the others it differs by less than 1 %. statsmodels
fails to converge in nlme/Earthquake and nlme/Orthodont.
"""

import warnings

import numpy as np
import pytest

from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.mixed_models.quadrature import maximum_likelihood
from mixed_fits import by_statsmodels, laplace_poisson, reml

MODELS = {model.name: model for model in documented_models()}
SLOW = {"mlmRev/star/1"}  # takes seconds


def test_every_documented_model_is_read_once():
    assert len(MODELS) == len(documented_models()) == 46
    assert sum(len(model.variances) for model in MODELS.values()) == 59


@pytest.mark.parametrize("name", MODELS)
def test_design_has_the_documented_rows_and_factors(name):
    model = MODELS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no column of the fixed part is left out
        design = documented_design(model)
    assert len(design.y) == len(design.x) == len(design.rows) == model.rows
    assert np.linalg.matrix_rank(design.x) == design.x.shape[1]
    assert {term.factor: len(term.effects) for term in design.terms} == {
        factor: found.effects for factor, found in model.variances.items()
    }
    for term in design.terms:
        assert 2 < len(term.clusters) < len(design.y)
        assert len(np.unique(term.index)) == len(set(term.clusters))


@pytest.mark.parametrize(
    "name", [name for name, m in MODELS.items() if m.family == "gaussian" and name not in SLOW]
)
def test_independent_reml_gives_lme4s_variances(name):
    model = MODELS[name]
    design = documented_design(model)
    covariances, residual = reml(design)
    assert residual == pytest.approx(model.residual_variance, rel=1e-3, abs=1e-4)
    for term in design.terms:
        found = term.mean_variance(covariances[term.factor])
        wanted = model.variances[term.factor].variance
        assert found == pytest.approx(wanted, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", ["MASS/npk/1", "nlme/Machines/1", "lme4/Penicillin/1"])
def test_statsmodels_gives_lme4s_variances(name):
    design = documented_design(MODELS[name])
    for factor, covariance in by_statsmodels(design).items():
        assert covariance[0, 0] == pytest.approx(MODELS[name].variances[factor].variance, rel=1e-3)


@pytest.mark.parametrize(
    "name",
    ["MASS/bacteria/1", "geepack/respiratory/1", "medicaldata/indo_rct/1", "mlmRev/Mmmec/1"],
)
def test_laplace_gives_lme4s_variance_of_one_random_intercept(name):
    design = documented_design(MODELS[name])
    wanted = MODELS[name].variances[design.terms[0].factor].variance
    assert maximum_likelihood(design, MODELS[name].family, 1) == pytest.approx(wanted, rel=1e-3)


def test_laplace_gives_lme4s_variances_of_crossed_counts():
    model = MODELS["lme4/Arabidopsis/1"]
    for factor, covariance in laplace_poisson(documented_design(model)).items():
        assert covariance[0, 0] == pytest.approx(model.variances[factor].variance, rel=2e-3)
