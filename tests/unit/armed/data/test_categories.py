import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch

from armed import methods
from armed.data.samples import Samples
from armed.errors import DataError
from armed.training.fit import FitSettings, fit
from refusals import refused
from small_models import clustered, make

DATA = clustered(60)
SETTINGS = FitSettings(epochs=1, batch_size=32)
SITES = pd.Categorical.from_codes(DATA.z.numpy(), categories=list("abcd"))


def train(method, z, validation=None):
    held = None if validation is None else [Samples(DATA.x, DATA.y, validation)]
    fit([method], [Samples(DATA.x, DATA.y, z)], settings=SETTINGS, seeds=[0], validation=held)
    return method


FEWER = pd.Categorical(["c", "d", "c"])
FORMS = (FEWER, pd.Series(FEWER), pd.DataFrame({"site": FEWER}), pd.CategoricalIndex(FEWER))


@pytest.mark.parametrize("name", methods.available())
def test_categories_of_other_clusters_are_refused_and_their_own_predicted(name):
    method = train(make(name), SITES)
    for made in (method, copy.deepcopy(method), pickle.loads(pickle.dumps(method))):
        for z in FORMS:
            with refused(r"\['c', 'd'\] where \['a', 'b', 'c', 'd'\] were trained on", DataError):
                made.predict(DATA.x[:3], z)
    own = method.predict(DATA.x[:3], pd.Categorical(["c", "d", "c"], categories=list("abcd")))
    codes = method.predict(DATA.x[:3], np.array([2, 3, 2]))
    assert all((own[key] == codes[key]).all() for key in own)


def test_categories_in_another_order_are_refused_in_training_and_validation():
    other = pd.Categorical(SITES, categories=list("dcba"))
    method = train(make("armed"), SITES)
    for run in (lambda: train(method, other), lambda: train(make("armed"), SITES, other)):
        with refused("the same in the same order", DataError):
            run()


@pytest.mark.parametrize("names", [[1, 2, 3, 4], [0.0, 10.0, 20.0, 30.0], [1, 0, 2, 3]])
def test_numbers_that_are_names_or_codes_are_refused_in_prediction(names):
    method = train(make("armed"), pd.Categorical.from_codes(DATA.z.numpy(), categories=names))
    with refused(r"z holds whole numbers where the categories \[.* were trained on", DataError):
        method.predict(DATA.x, DATA.z)
    given = pd.Series(pd.Categorical.from_codes(DATA.z.numpy(), categories=names))
    weights = torch.eye(4)[DATA.z]
    for z in (given, weights):
        assert method.predict(DATA.x, z)["mixed"].shape == (60,)


def test_names_that_are_their_codes_may_be_given_as_numbers():
    method = train(make("armed"), pd.Categorical.from_codes(DATA.z.numpy(), categories=range(4)))
    assert method.predict(DATA.x, DATA.z)["mixed"].shape == (60,)


def test_long_lists_of_categories_are_shortened():
    z = pd.Categorical.from_codes(DATA.z.numpy(), categories=list("abcdefg"))
    with refused(r"\['a', 'b', 'c', 'd', \.\.\.\] \(7\) where"):
        train(train(make("armed"), SITES), z)
