import numpy as np
import pandas as pd
import pytest

from armed_study.data.cluster_rates import RATE_FUNCTIONS, add_rates
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.data.encoding import encode_folds
from small_samples import samples_of

FEATURES = tuple(
    Feature(name, "continuous", probe=True, rate_function=name) for name in RATE_FUNCTIONS
)
NOISE = dict.fromkeys(RATE_FUNCTIONS, 0.125)
# Cluster a: 1 of its 4 training rows is a case; b: none of 2; c has no training row.
CLUSTERS, OUTCOMES = "aaaabbaabcc", [1.0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0]
TRAIN, FOLLOWED = range(6), [0, 6, 8, 9]


def samples(outcomes=OUTCOMES, x=1.0):
    return samples_of(CLUSTERS, outcomes, x=x, **NOISE)


def encoded(frame, features):
    part = ["train" if i in TRAIN else "validation" if i % 2 else "test" for i in range(len(frame))]
    splits = pd.DataFrame({"fold": 0, "sample": frame["sample"], "partition": part})
    dataset = ClusteredDataset("demo", frame, features, "generated for a test", generated=True)
    ((rows, points),) = encode_folds(dataset, splits, frame.iloc[::-1], standardize=False)
    np.testing.assert_array_equal(points, rows[::-1])
    return rows


@pytest.mark.parametrize(
    ("function", "a", "b"),
    [("c", 0.25, 0), ("c^2", 0.0625, 0), ("1/c", 4, 4), ("cos c", np.cos(0.25), 1),
     ("sin c", np.sin(0.25), 0)],
)  # fmt: skip
def test_a_feature_is_its_noise_and_a_function_of_the_training_rate(function, a, b):
    (feature,) = (f for f in FEATURES if f.name == function)
    values = encoded(samples(), (feature,))[FOLLOWED, 0]
    assert values == pytest.approx([a + 0.125, a + 0.125, b + 0.125, 0], rel=1e-6)


def test_no_outcome_outside_the_training_rows_changes_a_feature():
    other = [y if i in TRAIN else 1 - y for i, y in enumerate(OUTCOMES)]
    np.testing.assert_array_equal(encoded(samples(), FEATURES), encoded(samples(other), FEATURES))
    swapped = [1 - y for y in OUTCOMES]
    assert not np.array_equal(encoded(samples(), FEATURES), encoded(samples(swapped), FEATURES))


def test_features_that_follow_no_rate_stay_as_they_are():
    frame, plain = samples(x=range(11)), Feature("x", "continuous")
    numbers = frame[["x", "c"]].astype(float)
    added = add_rates(numbers, frame, (plain, FEATURES[0]), frame.iloc[list(TRAIN)])
    assert added["x"].tolist() == list(range(11))
    assert add_rates(numbers, frame, (plain,), frame) is numbers
