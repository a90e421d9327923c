"""A ridge on the features of a network that was trained on photographs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image
from sklearn.metrics import roc_auc_score

import small_images as small
from armed.errors import DataError
from armed_study.baselines.tuned import frozen_encoder

DAISY = 985  # its number among the classes of ImageNet


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = small.dataset(tmp_path_factory.mktemp("images"))
    return small.study_folds((data, small.split(data)))


@pytest.fixture(scope="module")
def photograph():
    """A flower in red, green and blue, its middle."""
    return load_sample_image("flower.jpg").transpose(2, 0, 1)[None, :, :, 106:533]


def test_encoder_knows_the_flower_in_a_photograph(photograph):
    seen = torch.from_numpy(frozen_encoder.encode(photograph))
    assert frozen_encoder.encoder()._fc(seen).argmax() == DAISY


def test_bytes_and_fractions_of_one_are_seen_alike(photograph):
    as_bytes = frozen_encoder.encode(photograph)
    np.testing.assert_allclose(
        frozen_encoder.encode(photograph / np.float32(255)), as_bytes, atol=1e-4
    )


def test_grey_is_seen_as_equal_red_green_and_blue(photograph):
    grey = photograph[:, :1]
    seen = frozen_encoder.encode(np.repeat(grey, 3, axis=1))
    np.testing.assert_array_equal(frozen_encoder.encode(grey), seen)


def test_images_that_folds_share_are_encoded_once(study, monkeypatch):
    asked = []
    monkeypatch.setattr(
        frozen_encoder, "encode", lambda x: asked.append(x) or np.zeros((len(x), 2))
    )
    features = frozen_encoder.Encoded()
    for fold in study.folds:
        assert features(fold, np.arange(5)).shape == (5, 2)
    assert len(asked) == 1
    features(replace(study.folds[0], x=study.folds[0].x.copy()), np.arange(5))
    assert len(asked) == 2


def test_outcome_is_found_and_no_test_sample_changes_the_fit(study):
    fold = study.folds[0]
    found, test = frozen_encoder.fit(study, fold), fold.rows("test")
    scores, _ = found.predict(frozen_encoder.features(fold, test), None)
    assert roc_auc_score(fold.y[test], scores) > 0.8
    others = np.isin(fold.partition, ["test", "unseen"])
    x = np.where(others[:, None, None, None], 255 - fold.x, fold.x)
    again = frozen_encoder.fit(study, replace(fold, x=x, y=np.where(others, 1 - fold.y, fold.y)))
    np.testing.assert_array_equal(again.coefficients, found.coefficients)


def test_columns_are_refused(study):
    fold = study.folds[0]
    table = replace(fold, x=np.zeros((len(fold.y), 3)), display=np.zeros((0, 3)))
    with pytest.raises(DataError, match="samples are columns, expected images for frozen_encoder"):
        frozen_encoder.fit(study, table)
