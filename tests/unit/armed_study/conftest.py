"""A fold of a small table in seen and unseen clusters, and a study of it."""

import numpy as np
import pytest

from small_tables import SEEN, K, one_fold, study_of


@pytest.fixture(scope="module")
def fold():
    return one_fold(np.random.default_rng(1))[0]


@pytest.fixture(scope="module")
def membership(fold):
    raw = np.random.default_rng(2).random((len(fold.rows("unseen")), K)).astype(np.float32)
    raw[:, SEEN:] = 0
    return {(0, 0): raw / raw.sum(axis=1, keepdims=True)}


@pytest.fixture(scope="module")
def study(fold, membership):
    return study_of(fold, membership=membership)
