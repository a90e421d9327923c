import pytest
import torch

from armed.data.samples import Samples
from armed.training.fit import FitSettings, fit
from refusals import refused
from small_models import clustered, make

DRAWN = clustered(60)
SAMPLES = Samples(DRAWN.x, (DRAWN.x[:, 0] > 1.5).float(), DRAWN.z)


def test_weights_of_samples_train_as_those_of_their_classes_do():
    given = Samples(SAMPLES.x, SAMPLES.y, SAMPLES.z, 8 * SAMPLES.class_weights())
    found = []
    for samples, weighted in ((SAMPLES, True), (given, False), (SAMPLES, False)):
        method = make("armed", estimated=True, adversary_weight=0.0, effects={"intercept": 0.5})
        settings = FitSettings(epochs=3, learning_rate=0.02, class_weights=weighted, cross_fit=True)
        fit([method], [samples], settings=settings, seeds=[0])
        found.append(method.predict(samples.x, samples.z)["fixed"].detach())
    torch.testing.assert_close(*found[:2], rtol=1e-3, atol=1e-4)
    assert (found[0] - found[2]).abs().max() > 0.01


@pytest.mark.parametrize(
    ("weight", "found"),
    [([1.0, 0.0], "holds 0"), ([1.0, float("nan")], "nan"), ([1.0], "2, 1 samples")],
)
def test_weights_that_are_none_are_refused(weight, found):
    with refused(found):
        Samples([[0.0], [1.0]], [0, 1], [0, 1], weight)
