import pytest
from torch import nn

from armed.nn.stacking import can_stack


@pytest.mark.parametrize(
    ("layer", "stackable"),
    [
        (nn.ReLU(), True),
        (nn.LayerNorm(4), True),
        (nn.InstanceNorm2d(4), True),
        (nn.BatchNorm2d(4), False),
        (nn.Dropout2d(), False),
        (nn.InstanceNorm2d(4, track_running_stats=True), False),
        (nn.RReLU(), False),
    ],
)
def test_layers_with_a_state_or_random_numbers_are_not_stacked(layer, stackable):
    assert can_stack(nn.Sequential(nn.Linear(2, 2), layer)) is stackable
