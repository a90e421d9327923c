"""Effects of a next cluster where their variance is an estimate."""

import pytest
import torch

from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.prediction.estimated_variances import EstimatedFrom, estimated_from
from armed.prediction.intervals import rate_intervals
from armed.training.fit import FitSettings, fit
from small_models import make

TIMES = 4000


@pytest.mark.parametrize("clusters", [10, 40])
@pytest.mark.parametrize("reliability", [0.5, 1.0])
def test_nine_in_ten_next_clusters_lie_between_the_quantiles(clusters, reliability):
    draw = torch.Generator().manual_seed(clusters)
    # Effects of variance 1, each estimated with a sampling variance that is known, again and again.
    error = 1 / reliability - 1
    seen = (1 + error) ** 0.5 * torch.randn(clusters, TIMES, generator=draw)
    whole = seen.var(0, correction=0)
    variance = (whole - error).clamp_min(0)
    own = variance + error
    count, sd = torch.full((TIMES,), float(clusters)), torch.full((TIMES,), error**0.5)
    source = EstimatedFrom(count, variance / own, sd)
    normal = torch.randn(500, 2 * TIMES, generator=draw)
    ends = torch.quantile(source.effects(normal), torch.tensor([0.05, 0.95]), dim=0)
    low, high = own.sqrt() * ends
    new = torch.randn(TIMES, generator=draw) - seen.mean(0)
    covered = ((low <= new) & (new <= high)).float().mean()
    assert 0.88 <= covered <= 0.95
    # as of a variance and a mean that were known
    assert (new.abs() <= 1.645 * variance.sqrt()).float().mean() < 0.89


def test_only_clusters_with_samples_count_for_a_variance():
    effects = LinearEffects(6, initial_sd={"intercept": 2.0})
    effects.measure((torch.zeros(2, 1),), outputs=1, clusters=6)
    effects.covariance.copy_(torch.tensor([0.0, 1.0, 2.0, 2.0, 4.0, 4.0]).view(6, 1, 1))
    found = estimated_from(effects)
    assert found.clusters.tolist() == [4]
    # shares 1, 3/4, 1/2, 1/2 of a variance of 4
    assert found.reliability.item() == pytest.approx(((1 + 9 / 16 + 2 / 4) / 4) ** 0.5)


def test_effects_that_share_a_variance_count_together():
    effects = LinearEffects(5, initial_sd={"intercept": 1.0, "hidden": 0.5})
    effects.measure((torch.zeros(2, 3),), outputs=1, clusters=5)
    assert estimated_from(effects).clusters.tolist() == [5, 15, 15, 15]


def test_variance_of_zero_leaves_the_width_that_sampling_errors_hide():
    # 40 clusters of 25 samples, of a rate of 1/2: each tells an intercept with the variance 4 / 25.
    z = torch.arange(40).repeat_interleave(25)
    method = make("lmmnn", net={"features": 1}, clusters=40)
    with torch.no_grad():
        for value in method.parameters():
            value.zero_()
    # Clusters differ by less than chance has them differ.
    samples = Samples(torch.zeros(1000, 1), (torch.arange(1000) % 2).float(), z)
    settings = FitSettings(epochs=1, batch_size=500, learning_rate=1e-9)
    fit([method], [samples], settings=settings, seeds=[0])
    assert float(method.effects.prior_root) < 0.01
    torch.testing.assert_close(method.effects.at_zero[:, 0], torch.tensor([0.4, 40.0]))
    low, high = rate_intervals(method, torch.zeros(1, 1))[0].tolist()
    # A variance may be s (K / chi2 - 1) of own estimates' variance s = 0.16: of half of the draws above 0.
    assert 0.53 < high < 0.57
    assert high - 0.5 == pytest.approx(0.5 - low, abs=5e-3)
