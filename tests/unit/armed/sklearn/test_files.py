import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from torch import nn

from armed.sklearn import ARMEDClassifier, ARMEDRegressor
from refusals import refused
from small_sites import TINY, fitted_classifier, fitted_regressor, sites

DATA = sites()


def network(features=3, outputs=1):
    return nn.Sequential(nn.Linear(features, 6), nn.Tanh(), nn.Linear(6, outputs))


@pytest.mark.parametrize("model", [fitted_classifier, fitted_regressor])
def test_estimators_come_back_from_their_file_to_the_bit(model, tmp_path):
    model, path = model(), tmp_path / "model.armed"
    model.save(path)
    found = type(model).load(path)
    for clusters in (None, DATA.site):
        for name in ("predict", "predict_interval"):
            both = (getattr(each, name)(DATA.x, clusters) for each in (model, found))
            np.testing.assert_array_equal(*both)
    assert found.random_effects_ == model.random_effects_
    assert found.summary() == model.summary()
    assert {**found.get_params(), "hidden": (8,)} == model.get_params()
    assert [each.name for each in tmp_path.iterdir()] == ["model.armed"]


def test_several_factors_labels_and_networks_come_back(tmp_path):
    path, clusters = tmp_path / "model", np.stack([np.arange(200) % 4, np.arange(200) % 7], 1)
    model = ARMEDClassifier(network, class_weight={0: 1, 1: 2}, **TINY)
    model.fit(DATA.x, (DATA.label == "ill").astype(int), clusters=clusters).save(path)
    found = ARMEDClassifier.load(path, network=network)
    assert found.class_weight == {0: 1, 1: 2}
    both = (each.predict_proba(DATA.x, clusters) for each in (model, found))
    np.testing.assert_array_equal(*both)
    with refused("network of yours and none is given"):
        ARMEDClassifier.load(path)
    with refused("network is another one"):
        ARMEDClassifier.load(path, network=lambda features, outputs: nn.Linear(features, outputs))


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model"
    fitted_classifier().save(path)
    with refused("holds a ARMEDClassifier"):
        ARMEDRegressor.load(path)
    path.write_bytes(path.read_bytes()[:100])
    with refused("cannot be read"):
        ARMEDClassifier.load(path)
    with pytest.raises(NotFittedError):
        ARMEDClassifier().save(path)


def test_names_that_no_file_can_hold_are_refused_and_nothing_is_written(tmp_path):
    clusters = np.array([1j, 2j])[np.arange(200) % 2]
    model = ARMEDClassifier(**TINY).fit(DATA.x, DATA.label, clusters=clusters)
    with refused("of type complex"):
        model.save(tmp_path / "model")
    assert not [*tmp_path.iterdir()]
