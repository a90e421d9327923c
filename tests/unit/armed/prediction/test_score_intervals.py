import torch

from armed.prediction.intervals import rate_intervals
from armed.prediction.score_intervals import score_intervals
from refusals import refused
from small_models import FEATURES, make


def test_intervals_are_those_of_clusters_of_one_sample_each():
    method = make("armed", estimated=True, adversary_weight=0.0).eval()
    method.effects.prior_root.copy_(torch.eye(len(method.effects.prior_root)))
    x = torch.randn(5, FEATURES, generator=torch.Generator().manual_seed(0))
    expected = rate_intervals(method, x, torch.arange(5), level=0.8)
    torch.testing.assert_close(score_intervals(method, x, level=0.8), expected)
    with refused("level is 2"):
        score_intervals(method, x, level=2)
