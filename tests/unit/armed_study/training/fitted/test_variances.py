import numpy as np
import pytest
from scipy.special import expit

from armed.methods.base import Method
from armed.tasks.outcomes import ContinuousTask
from armed_study.training import trainer
from armed_study.training.fitted.variances import of_intercepts, of_network
from small_models import clustered, make
from small_tables import one_fold, study_of

SHARES = {"ICC_adjusted", "ICC_unadjusted", "R2_marginal", "R2_conditional", "var.fixed"}
SHARES |= {"var.random", "var.residual"}


def named(method: Method) -> set[str]:
    found = of_network(method, clustered(80), class_weights=False, columns=("a", "b", "c"))
    return set(found.get("term", []))


def test_slopes_are_named_by_column_and_hidden_ones_have_one_variance() -> None:
    effects = {"intercept": 0.5, "input": 0.2, "hidden": 0.3}
    slopes = {"sd__linear_slope[a]", "sd__linear_slope[b]", "sd__linear_slope[c]"}
    expected = {"sd__intercept", "sd__slope"} | slopes | SHARES
    assert named(make("armed", estimated=True, effects=effects)) == expected


def test_correlated_hidden_features_have_shares_only() -> None:
    assert named(make("menet", clusters=6)) == SHARES
    assert named(make("menet")) == SHARES | {"sd__slope"}  # fewer clusters than features


def test_standard_deviations_are_in_units_of_the_outcome() -> None:
    given = {"class_weights": False, "columns": ("a", "b", "c")}
    method, samples = make("lmmnn", task=ContinuousTask()), clustered(80, continuous=True)
    one, ten = (of_network(method, samples, **given, scale=scale) for scale in (1.0, 10.0))
    ratio = dict(zip(one["term"], np.divide(ten["estimate"], one["estimate"]), strict=True))
    assert ratio["sd__intercept"] == ratio["sd__Observation"] == pytest.approx(10)
    assert ratio["ICC_adjusted"] == pytest.approx(1)
    assert ratio["var.residual"] == pytest.approx(100)
    assert np.divide(ten["high"], one["high"])[0] == pytest.approx(10)


def test_effects_that_gradients_move_have_no_variance_components() -> None:
    assert named(make("armed")) == named(make("conventional")) == set()


def test_variance_of_a_mixed_model_is_in_its_interval() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(4):
        fold, _ = one_fold(rng, size=60)
        table = trainer("glmm")(study_of(fold), model="glmm", settings={}).table(
            "variance_components"
        )
        row = table.set_index(table["term"].astype(str)).loc["sd__intercept"]
        assert row["low"] < row["estimate"] < row["high"]
        covered += row["low"] < 1 < row["high"]
    assert covered >= 3


def test_intercepts_of_another_library_have_shares_of_their_variances() -> None:
    rng = np.random.default_rng(1)
    z, eta = np.arange(400) % 10, rng.normal(0, 1.0, 400)
    y = (rng.random(400) < expit(eta)).astype(float)
    found = of_intercepts(y, eta, z, mean=np.zeros(10), sd=np.full(10, 0.3), prior_sd=0.5)
    value = dict(zip(found["term"], found["estimate"], strict=True))
    assert value["sd__intercept"] == pytest.approx(0.5)
    assert value["ICC_adjusted"] == pytest.approx(0.25 / (0.25 + np.pi**2 / 3))
    assert value["var.fixed"] == pytest.approx(eta.var())
