"""What an image looks like in four numbers: brightness, contrast, sharpness, signal to noise."""

import math

import torch
from torch import Tensor
from torch.nn import functional

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
# Blind to constants, slopes and parabolas along rows and columns; its squares sum to 36.
NOISE = ((1.0, -2.0, 1.0), (-2.0, 4.0, -2.0), (1.0, -2.0, 1.0))


def measure_looks(images: Tensor) -> dict[str, Tensor]:
    r"""Measure images (batch, channels, height, width) of values from 0 to 1; each number (batch,).

    ``brightness`` is the mean and ``contrast`` the standard deviation of the pixels, ``sharpness`` the
    variance of the Laplacian (of four neighbours), and ``snr`` the mean divided by the standard
    deviation of the noise, in decibels: ``20 log10(mean / s)`` with Immerkaer's estimate
    ``s = sqrt(pi / 2) / 6 * mean |image * N|`` for the mask N of `NOISE`. Fine texture counts as
    noise too. ``snr`` is NaN for an image without noise, or of a mean that is not above 0.

    References
    ----------
    Immerkaer, Computer Vision and Image Understanding 1996, 64(2):300-302.
    """
    planes = images.double()
    pixels = planes.flatten(1)
    noise = _filtered(planes, NOISE).abs().mean(1) * math.sqrt(math.pi / 2) / 6
    ratio = pixels.mean(1) / noise
    defined = torch.isfinite(ratio) & (ratio > 0)
    return {
        "brightness": pixels.mean(1),
        "contrast": pixels.std(1, correction=0),
        "sharpness": _filtered(planes, LAPLACIAN).var(1, correction=0),
        "snr": torch.where(defined, 20 * torch.log10(ratio), torch.nan),
    }


def _filtered(planes: Tensor, mask: tuple[tuple[float, ...], ...]) -> Tensor:
    """Sums under a 3 x 3 mask at all places where it lies inside, (batch, places)."""
    weight = torch.tensor(mask, dtype=planes.dtype, device=planes.device)[None, None]
    channels = planes.flatten(0, 1)[:, None]
    return functional.conv2d(channels, weight).reshape(len(planes), -1)
