import math
from itertools import product

import pytest
import torch

from armed.data.augmentation import FLIPS, AugmentationSettings, augmented
from armed.errors import ConfigError

COUNT, SIZE = 4000, 9


def changed(x, seed=0, **settings):
    generator = torch.Generator().manual_seed(seed)
    return augmented(x, AugmentationSettings(**settings), generator)


def places():
    """Images whose two channels hold the place of each pixel, across and along."""
    middle = (2 * torch.arange(SIZE) + 1) / SIZE - 1
    return torch.stack([middle.expand(SIZE, SIZE), middle[:, None].expand(SIZE, SIZE)])


def maps(**settings):
    """``A`` (images, 2, 2) and ``t`` (images, 2): places ``s`` of a changed image come from ``A s + t``."""
    found = changed(places().expand(COUNT, 2, SIZE, SIZE), **settings)
    center, width = SIZE // 2, 2 / SIZE
    across = (found[..., center, center + 1] - found[..., center, center - 1]) / (2 * width)
    along = (found[..., center + 1, center] - found[..., center - 1, center]) / (2 * width)
    return torch.stack([across, along], dim=-1), found[..., center, center]


def test_turns_magnifications_and_shifts_have_the_documented_spread():
    matrix, shift = maps(rotation_sd=0.06, scale_sd=0.04, shift_sd=0.05)
    angle = torch.atan2(matrix[:, 1, 0], matrix[:, 0, 0])
    size = -matrix.det().log() / 2
    for values, sd in ((angle, 0.06), (size, 0.04), (shift[:, 0], 0.05), (shift[:, 1], 0.05)):
        assert values.mean().item() == pytest.approx(0, abs=4 * sd / math.sqrt(COUNT))
        assert values.std().item() == pytest.approx(sd, rel=0.05)
    assert torch.corrcoef(torch.stack([angle, size, *shift.T])).triu(1).abs().max() < 0.06


@pytest.mark.parametrize(("flip", "turned"), list(product(FLIPS, [False, True])))
def test_mirrors_and_right_angles_move_whole_pixels_each_as_often(flip, turned):
    image = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(3))
    found = changed(image.expand(COUNT, 1, 4, 4), flip=flip, quarter_turns=turned)
    mirrors = {"none": [()], "left_right": [(), (3,)], "both": [(), (3,), (2,), (2, 3)]}[flip]
    turns = range(4) if turned else [0]
    every = [image.rot90(k, (2, 3)).flip(axes) for axes, k in product(mirrors, turns)]
    same = torch.stack([(found - each).abs().amax((1, 2, 3)) < 1e-5 for each in every])
    assert same.any(0).all()
    # Both mirrors are two right angles: such pairs are the same image.
    share = sum(torch.equal(each, image) for each in every) / len(every)
    assert same.float().mean(1).tolist() == pytest.approx([share] * len(every), abs=0.035)


def test_values_are_changed_as_documented():
    x = torch.full((COUNT, 1, 3, 3), 0.5)
    power = changed(x, gamma_sd=0.25)[:, 0, 1, 1].log() / math.log(0.5)
    gain = changed(x, gain_sd=0.1)[:, 0, 1, 1] / 0.5
    offset = changed(x, offset_sd=0.05)[:, 0, 1, 1] - 0.5
    for values, mean, sd in ((power.log(), 0, 0.25), (gain, 1, 0.1), (offset, 0, 0.05)):
        assert values.mean().item() == pytest.approx(mean, abs=4 * sd / math.sqrt(COUNT))
        assert values.std().item() == pytest.approx(sd, rel=0.05)
    noise = changed(x, noise_sd=0.02) - x
    assert noise.std().item() == pytest.approx(0.02, rel=0.02)
    assert torch.corrcoef(noise.flatten(1).T).triu(1).abs().max() < 0.08


def test_outside_of_an_image_is_its_border():
    found = changed(torch.tensor([[0.2, 0.7], [0.2, 0.7]]).expand(50, 1, 2, 2), shift_sd=9.0)
    assert ((found - 0.45).abs() < 0.2501).all()


def test_nothing_is_changed_by_default_and_places_not_by_what_values_get():
    x = torch.rand(5, 2, 8, 8)
    assert torch.equal(changed(x), x)
    moved = changed(x, rotation_sd=0.3)
    torch.testing.assert_close(changed(x, rotation_sd=0.3, noise_sd=1e-6), moved, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "wrong", [{"noise_sd": -0.1}, {"gain_sd": float("nan")}, {"flip": "up"}, {"share": 1.5}]
)
def test_what_is_no_augmentation_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=f"{name} is .*; expected .*; correct Augmentation"):
        AugmentationSettings(**wrong)
