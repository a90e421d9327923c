import pytest
import torch

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.summaries.components import effects_by_cluster, variance_components
from armed.summaries.of_method import fitted_method, mixed_model
from armed.summaries.predictions import augmented
from armed.summaries.text import summary
from armed.tasks.outcomes import CategoricalTask
from armed.training.fit import FitSettings, fit
from small_models import clustered, make


def trained(samples, class_weights=False, **given):
    method = make("armed", estimated=True, adversary_weight=0.0, **given)
    settings = FitSettings(epochs=20, learning_rate=0.02, class_weights=class_weights)
    fit([method], [samples], settings=settings, seeds=[0])
    return method.eval()


SAMPLES = clustered(400)
THREE = {"intercept": 0.5, "input": 0.2, "hidden": 0.1}


@pytest.fixture(scope="module")
def method():
    return trained(SAMPLES, effects={"intercept": 0.5, "input": 0.2})


def test_fitted_values_are_the_predictions_of_the_method(method):
    found = augmented(fitted_method(method, SAMPLES))
    scores = method.predict(SAMPLES.x, SAMPLES.z)
    torch.testing.assert_close(torch.tensor(found[".fitted"]), scores["mixed"].detach())
    torch.testing.assert_close(torch.tensor(found[".fixed"]), scores["fixed"].detach())


def test_effects_are_named_by_columns_and_clusters(method):
    fitted = fitted_method(method, SAMPLES, columns=["age", "sex", "dose"], clusters="abcd")
    found = effects_by_cluster(fitted)
    assert set(found["level"]) == set("abcd")
    assert list(dict.fromkeys(found["term"])) == [
        "intercept",
        "linear_slope[age]",
        "linear_slope[sex]",
        "linear_slope[dose]",
    ]
    assert found["estimate"][1] == pytest.approx(float(method.random_effects()["intercept"][0][1]))
    assert variance_components(fitted)["term"][1] == "sd__linear_slope[age]"


def test_other_samples_are_predicted_with_the_fitted_effects(method):
    new = clustered(30, seed=4)
    fitted = fitted_method(method, SAMPLES).on(mixed_model(method, new))
    scores = method.predict(new.x, new.z)["mixed"].detach()
    torch.testing.assert_close(torch.tensor(augmented(fitted)[".fitted"]), scores)
    with pytest.raises(ConfigError, match=r"\[\(4, 4\)\]; expected \[\(4, 1\)\]"):
        fitted_method(trained(SAMPLES, effects={"intercept": 0.5}), SAMPLES).on(
            mixed_model(method, new)
        )


def test_class_weights_are_taken_out_of_the_odds():
    rare = Samples(SAMPLES.x, SAMPLES.y * (torch.arange(400) % 4 == 0), SAMPLES.z)
    method = trained(rare, class_weights=True, effects={"intercept": 0.5})
    share = float(rare.y.mean())
    expected = torch.tensor(augmented(fitted_method(method, rare, class_weights=True))[".fitted"])
    weighted = torch.tensor(augmented(fitted_method(method, rare))[".fitted"])
    assert float(expected.mean()) == pytest.approx(share, abs=0.05)
    assert float(weighted.mean()) > share + 0.15


def test_method_without_estimated_effects_is_refused():
    with pytest.raises(
        ConfigError, match="Conventional has no random effects of estimated variance"
    ):
        fitted_method(make("conventional"), SAMPLES)


def test_effects_of_classes_are_named_by_column_and_class():
    method = make("armed", estimated=True, task=CategoricalTask(2), effects=THREE)
    fitted = fitted_method(method, SAMPLES, columns=["age", "sex", "dose"], classes=["no", "yes"])
    found = effects_by_cluster(fitted)["term"]
    slopes = [f"linear_slope[{x}, {c}]" for x in ("age", "sex", "dose") for c in ("no", "yes")]
    hidden = [f"slope[{j}, {c}]" for j in range(5) for c in ("no", "yes")]
    assert list(dict.fromkeys(found)) == ["intercept[no]", "intercept[yes]", *slopes, *hidden]
    table = variance_components(fitted)
    together = ["slope[*, no]", "slope[*, yes]"]
    terms = ["intercept[no]", "intercept[yes]", *slopes, *together]
    assert table["term"] == [f"sd__{name}" for name in terms]
    assert all(
        low <= found for low, found in zip(table["conf.low"], table["estimate"], strict=True)
    )
    assert "sd__" not in summary(fitted)
    assert "intercept[yes]" in summary(fitted)
    with pytest.raises(ConfigError, match="augmented was given a CategoricalTask of 2"):
        augmented(fitted)
