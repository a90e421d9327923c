import numpy as np
import pytest

import study_tables
from armed_study.figures.performance import calibration


def test_calibration_keeps_the_reported_assignment():
    table = calibration.table(study_tables.spirals().calibration)
    shown = set(zip(table["partition"], table["assignment"], strict=True))
    assert shown == {("test", "known"), ("unseen", "membership")}


@pytest.mark.parametrize("count", [[10, 10, 10], [1, 1, 8]])
def test_density_integrates_to_one_and_is_lower_in_wider_bins(count):
    height, edges = calibration._density(np.array([0.1, 0.2, 0.6]), np.array(count, dtype=float))
    assert np.sum(height * np.diff(edges)) == pytest.approx(1)
    assert edges.tolist() == pytest.approx([0.05, 0.15, 0.4, 0.8])
