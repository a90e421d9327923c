from dataclasses import replace

import pytest
import torch

from armed import methods
from armed.data.augmentation import AugmentationSettings
from armed.data.samples import Samples
from armed.training import batching
from small_models import clustered, loader, make


def test_each_replica_gets_each_of_its_samples_once():
    data = [clustered(100, seed=1), clustered(97, seed=2)]
    batches = list(loader(data, seeds=[5, 6]).epoch())
    for replica, samples in enumerate(data):
        rows = torch.cat([b.x[replica][b.mask[replica] == 1] for b in batches])
        torch.testing.assert_close(rows.sort(0).values, samples.x.sort(0).values, rtol=0, atol=0)


def test_columns_of_a_minibatch_belong_to_the_same_samples():
    data = clustered(100)
    for batch in loader([data], seeds=[5], class_weights=True).epoch():
        rows = [int((data.x == x).all(1).nonzero()) for x in batch.x[0]]
        assert torch.equal(batch.y[0], data.y[rows])
        assert torch.equal(batch.z[0], data.z[rows])
        assert torch.equal(batch.weight[0], data.class_weights()[rows])
        assert torch.equal(batch.kl_scale[0], data.kl_scale()[rows])


def test_shared_samples_are_stored_once_and_ordered_and_drawn_for_each_replica():
    data = clustered(100)
    shared = loader([data, data], make("mldg"), seeds=[5, 6])
    assert len(shared._columns[0]) == 100
    first = next(iter(shared.epoch()))
    assert not torch.equal(first.x[0], first.x[1])
    assert not torch.equal(first.noise[0], first.noise[1])


def test_padding_of_the_stack_repeats_a_replica():
    data = [clustered(100, seed=1), clustered(97, seed=2)]
    for batch in loader(data, seeds=[5, 6], slots=[0, 1, 0, 0]).epoch():
        assert all(torch.equal(part[3], part[0]) for part in batch)


def test_mean_kl_over_minibatches_has_the_full_sum_as_its_expectation():
    data = clustered(75)
    divergence = torch.tensor([0.3, 1.0, 2.0, 0.1])
    supply, found = loader([data], seeds=[5]), []
    for _ in range(300):
        for batch in supply.epoch():
            values = batch.kl_scale * divergence[batch.z] * batch.mask
            found.append(values.sum() / batch.mask.sum())
    assert torch.stack(found).mean().item() == pytest.approx(divergence.sum().item(), rel=0.005)


def test_blocks_of_minibatches_are_gathered_without_changing_them(monkeypatch):
    data = [clustered(200, seed=1)]
    whole = list(loader(data, seeds=[5]).epoch())
    monkeypatch.setattr(batching, "BLOCK_BYTES", 1)
    single = list(loader(data, seeds=[5]).epoch())
    assert len(whole) == len(single) == 7
    for many, one in zip(whole, single, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(many, one, strict=True))


AUGMENTATION = AugmentationSettings(rotation_sd=0.3, flip="both", offset_sd=0.5, noise_sd=0.1)


def images(seed):
    draw = torch.Generator().manual_seed(seed)
    given = clustered(40, seed=seed)
    return Samples(torch.rand(40, 1, 6, 6, generator=draw), given.y, given.z)


def test_augmented_images_are_the_same_alone_and_among_replicas():
    data, given = [images(1), images(2)], {"augmentation": AUGMENTATION, "steps": 3}
    both = list(loader(data, seeds=[5, 6], slots=[0, 1, 0], **given).epoch())
    alone = list(loader(data[1:], seeds=[6], **given).epoch())
    for many, one in zip(both, alone, strict=True):
        assert torch.equal(many.x[1], one.x[0])
        assert torch.equal(many.x[2], many.x[0])


def test_augmentation_draws_anew_and_changes_images_of_minibatches_only():
    plain, supply = (
        loader([images(1)], seeds=[5]),
        loader([images(1)], seeds=[5], augmentation=AUGMENTATION),
    )
    first, second = ([batch.x for batch in supply.epoch()] for _ in range(2))
    own = list(plain.epoch())
    assert not any(torch.equal(*pair) for pair in zip(first, second, strict=True))
    assert not torch.equal(first[0], own[0].x)
    assert torch.equal(supply.whole()[0], plain.whole()[0])
    fresh = loader([images(1)], seeds=[5], augmentation=AUGMENTATION).epoch()
    for batch, other in zip(own, fresh, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(batch[1:-1], other[1:-1], strict=True))


def test_images_outside_the_share_of_augmentation_stay_as_they_are():
    half = replace(AUGMENTATION, share=0.5)
    plain, supply = (
        loader([images(1)], seeds=[5]),
        loader([images(1)], seeds=[5], augmentation=half),
    )
    own, found = next(iter(plain.epoch())), next(iter(supply.epoch()))
    same = (own.x == found.x).flatten(2).all(-1)
    assert torch.equal(same, found.changed == 0)
    assert same.any()
    assert not same.all()


@pytest.mark.parametrize("name", methods.available())
def test_every_method_takes_as_many_steps_in_an_epoch(name):
    assert len(list(loader([clustered(400)], make(name), seeds=[5]).epoch())) == 13


def test_given_steps_spread_the_samples():
    sizes = [b.mask.sum().item() for b in loader([clustered(90)], seeds=[5], steps=4).epoch()]
    assert sorted(sizes) == [22, 22, 23, 23]


def test_whole_holds_all_samples_and_their_loss_weights():
    data = [clustered(60, seed=1), clustered(50, seed=2)]
    x, y, z, weight = loader(data, seeds=[5, 6], slots=[0, 1, 0], class_weights=True).whole()
    assert x.shape == (3, 60, 3)
    for row, samples in enumerate([*data, data[0]]):
        n = len(samples.y)
        assert torch.equal(x[row, :n], samples.x)
        assert torch.equal(y[row, :n], samples.y)
        assert torch.equal(z[row, :n], samples.z)
        assert torch.equal(weight[row, :n], samples.class_weights())
        assert (weight[row, n:] == 0).all()
