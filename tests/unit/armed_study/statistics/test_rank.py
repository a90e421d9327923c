import numpy as np

from armed_study.statistics.rank import independent_columns


def test_columns_that_earlier_ones_determine_are_left_out():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 20))
    design = np.stack([np.ones(20), a, 1e6 * b, a - 2 * b + 3, 1e-6 * rng.normal(size=20)], 1)
    assert independent_columns(design, tolerance=1e-7).tolist() == [0, 1, 2, 4]


def test_more_columns_than_rows_leave_as_many_as_there_are_rows():
    design = np.random.default_rng(0).normal(size=(3, 5))
    assert independent_columns(design, tolerance=1e-7).tolist() == [0, 1, 2]


def test_tolerance_is_a_share_of_the_norm_of_the_column():
    design = np.array([[1.0, 1.0], [0.0, 1e-3]])
    assert independent_columns(design, tolerance=1e-2).tolist() == [0]
    assert independent_columns(design, tolerance=1e-4).tolist() == [0, 1]
