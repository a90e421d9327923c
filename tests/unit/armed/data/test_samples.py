import pytest
import torch

from armed.data.samples import Samples
from armed.training.fit import FitSettings, fit
from refusals import refused
from small_models import clustered, make

SAMPLES = clustered(60)


def test_weights_of_samples_train_as_those_of_their_classes_do():
    given = Samples(SAMPLES.x, SAMPLES.y, SAMPLES.z, 8 * SAMPLES.class_weights())
    found = []
    for samples, class_weights in ((SAMPLES, True), (given, False)):
        method = make("armed", estimated=True, adversary_weight=0.0)
        settings = FitSettings(epochs=2, class_weights=class_weights, cross_fit=True)
        fit([method], [samples], settings=settings, seeds=[0])
        found.append(torch.cat([value.flatten() for value in method.state_dict().values()]))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize(
    ("weight", "found"),
    [([1.0, 0.0], "holds 0"), ([1.0, float("nan")], "nan"), ([1.0], "2, 1 samples")],
)
def test_weights_that_are_none_are_refused(weight, found):
    with refused(found):
        Samples([[0.0], [1.0]], [0, 1], [0, 1], weight)
