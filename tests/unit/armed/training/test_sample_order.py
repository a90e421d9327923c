import pytest
import torch

from armed.data.samples import Samples
from armed.errors import DataError
from armed.training.sample_order import per_cluster, shuffled, steps_per_epoch


def samples(count: int, clusters: int = 3) -> Samples:
    return Samples(
        torch.arange(count)[:, None].float(), torch.zeros(count), torch.arange(count) % clusters
    )


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("count", "steps", "size"), [(10, 1, 10), (97, 4, 32), (96, 3, 32), (33, 5, 16)]
)
def test_an_epoch_takes_each_sample_once_in_even_minibatches(count, steps, size):
    index, mask = shuffled(samples(count), steps=steps, batch_size=size, generator=generator())
    assert index.shape == mask.shape == (steps, size)
    assert sorted(index[mask == 1].tolist()) == list(range(count))
    sizes = mask.sum(1)
    assert sizes.max() - sizes.min() <= 1


def test_padding_stands_last_and_repeats_a_sample_of_its_minibatch():
    index, mask = shuffled(samples(33), steps=5, batch_size=16, generator=generator())
    for row, real in zip(index, mask, strict=True):
        count = int(real.sum())
        assert real.tolist() == [1.0] * count + [0.0] * (16 - count)
        assert set(row.tolist()) == set(row[:count].tolist())


def test_orders_differ_between_epochs_and_agree_between_equal_seeds():
    stream, again = generator(3), generator(3)
    first, _ = shuffled(samples(50), steps=2, batch_size=32, generator=stream)
    second, _ = shuffled(samples(50), steps=2, batch_size=32, generator=stream)
    same, _ = shuffled(samples(50), steps=2, batch_size=32, generator=again)
    assert not torch.equal(first, second)
    assert torch.equal(first, same)


@pytest.mark.parametrize("steps", [1, 60])
def test_a_number_of_steps_that_does_not_fit_is_refused(steps):
    with pytest.raises(DataError, match=rf"50 samples in {steps} minibatches of 32; expected"):
        shuffled(samples(50), steps=steps, batch_size=32, generator=generator())


def test_an_epoch_has_as_many_steps_as_it_needs():
    assert [steps_per_epoch(n, 32) for n in (1, 32, 33, 64, 65)] == [1, 1, 2, 2, 3]


def test_each_cluster_has_its_share_of_every_minibatch():
    data = samples(100)
    index, mask = per_cluster(data, steps=7, size=4, clusters=3, generator=generator())
    assert index.shape == (7, 12)
    assert (mask == 1).all()
    for row in index:
        assert torch.bincount(data.z[row]).tolist() == [4, 4, 4]


def test_samples_of_a_cluster_are_drawn_evenly():
    data = samples(30)
    index, _ = per_cluster(data, steps=2000, size=4, clusters=3, generator=generator())
    share = torch.bincount(index.flatten(), minlength=30) / index.numel()
    assert (share - 1 / 30).abs().max() < 0.005


def test_a_cluster_without_samples_is_padding():
    data = Samples(torch.zeros(9, 1), torch.zeros(9), torch.tensor([0, 0, 0, 2, 2, 2, 2, 2, 2]))
    index, mask = per_cluster(data, steps=5, size=2, clusters=4, generator=generator())
    assert mask.tolist() == [[1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]] * 5
    assert (data.z[index][mask == 1].view(5, 4) == torch.tensor([0, 0, 2, 2])).all()


def test_class_weights_let_both_classes_weigh_the_same_and_average_to_one():
    data = Samples(torch.zeros(10, 1), torch.tensor([1.0] * 2 + [0.0] * 8), torch.zeros(10).long())
    weights = data.class_weights()
    assert weights[data.y == 1].sum().item() == pytest.approx(weights[data.y == 0].sum().item())
    assert weights.mean().item() == pytest.approx(1)


def test_kl_scale_counts_each_cluster_once_in_the_mean_over_samples():
    data = Samples(torch.zeros(10, 1), torch.zeros(10), torch.tensor([0] * 7 + [2] * 3))
    divergence = torch.tensor([0.3, 99.0, 1.1])
    mean = (data.kl_scale() * divergence[data.z]).mean()
    assert mean.item() == pytest.approx(0.3 + 1.1)


def test_columns_of_different_length_are_refused():
    with pytest.raises(DataError, match="x, y, z have 3, 2, 3 samples"):
        Samples(torch.zeros(3, 1), torch.zeros(2), torch.zeros(3).long())


def test_no_samples_are_refused():
    with pytest.raises(DataError, match="0 training samples"):
        Samples(torch.zeros(0, 1), torch.zeros(0), torch.zeros(0).long())
