import pandas as pd
import pytest
import torch

from armed.data.arrays import UNKNOWN, as_weights
from armed.data.factors import completed, first_factor, fitting, further_factor, joined
from armed.data.samples import Samples
from armed.errors import DataError
from armed.training.fit import FitSettings, fit
from factor_models import fitted_to, method_of
from refusals import refused

X, Y = torch.randn(4, 2), torch.tensor([0.0, 1.0, 0.0, 1.0])
SCHOOL, TEACHER = [0, 1, 1, 0], pd.Series(["b", None, "a", "b"], dtype="category")


def samples(**z):
    return Samples(X, Y, {"school": SCHOOL, "teacher": TEACHER} | z)


def test_factors_are_columns_of_z_and_keep_their_categories():
    made = samples()
    assert made.z.tolist() == [[0, 1], [1, UNKNOWN], [1, 0], [0, 1]]
    assert made.further == {"teacher": ("a", "b")}
    assert first_factor(made.z, 1).tolist() == SCHOOL
    assert further_factor(made.z, 0, 1).tolist() == [1, UNKNOWN, 0, 1]
    assert made.present(3).tolist() == [True, True, False]


def test_further_factors_keep_their_columns_beside_weights():
    made = samples()
    weights = as_weights(made.z, 2)
    assert first_factor(weights, 1).tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]
    assert further_factor(weights, 0, 1).tolist() == [1, UNKNOWN, 0, 1]
    none = completed(torch.zeros(3, 2), 2, 1)
    assert further_factor(none, 0, 1).tolist() == [UNKNOWN] * 3
    assert completed(made.z, 2, 1) is made.z
    unknown = joined(torch.tensor([0, UNKNOWN]), [torch.tensor([0, 1])])
    assert fitting(unknown, 2, {"teacher": 2}).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("z", "message"),
    [
        ({}, "z has 0 cluster factors"),
        ({"school": SCHOOL, "teacher": [0, 1]}, "school, teacher have 4, 2 samples"),
        ({"school": SCHOOL, "teacher": torch.zeros(4, 2)}, "'teacher' holds weights over clusters"),
    ],
)
def test_what_is_no_factor_is_refused(z, message):
    with refused(message, DataError):
        Samples(X, Y, z)


def test_factors_that_a_model_has_no_effects_of_are_refused():
    method, given = method_of("armed", {"school": 2, "teacher": 2}), samples()
    settings = FitSettings(epochs=1)
    for z, message in (
        (SCHOOL, "factors none in a model of 'teacher'"),
        ({"school": SCHOOL, "class": SCHOOL}, "factors 'class' in a model of 'teacher'"),
        (
            {"school": SCHOOL, "teacher": [0, 2, 0, 1]},
            "index 2 of factor 'teacher' in a model of 2",
        ),
        ({"school": SCHOOL, "teacher": [None] * 4}, "no sample has a cluster of factor 'teacher'"),
    ):
        with refused(message, DataError):
            fit([method], [Samples(X, Y, z)], settings=settings, seeds=[0])
    fitted_to(method, given)
    with refused("z has the categories", DataError):
        other = pd.Series(["b", "c", "a", "b"], dtype="category")
        method.predict(X, {"school": SCHOOL, "teacher": other})
