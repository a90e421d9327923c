"""What images look like in four numbers, and how like two images are."""

import math

import torch
from torch import Tensor
from torch.nn import functional

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
# Blind to constants, slopes and parabolas along rows and columns; its squares sum to 36.
NOISE = ((1.0, -2.0, 1.0), (-2.0, 4.0, -2.0), (1.0, -2.0, 1.0))
SIGMA, RADIUS = 1.5, 5  # of the Gaussian window, pixels
K1, K2 = 0.01, 0.03


def measure_appearance(images: Tensor) -> dict[str, Tensor]:
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


def mean_squared_error(first: Tensor, second: Tensor) -> Tensor:
    """Mean over channels and pixels, (batch,), of images (batch, channels, height, width)."""
    return (first - second).square().flatten(1).mean(1)


def structural_similarity(first: Tensor, second: Tensor) -> Tensor:
    r"""SSIM of images (batch, channels, height, width) whose values range over 1; (batch,).

    ``mean of (2 m1 m2 + c1)(2 s12 + c2) / ((m1^2 + m2^2 + c1)(s1^2 + s2^2 + c2))`` over all places
    where an 11 x 11 Gaussian window (s.d. 1.5 pixels) lies inside the image and over channels; means,
    variances and covariance are those under the window, ``c1 = 0.01^2``, ``c2 = 0.03^2``. 1 for equal
    images. It is what scikit-image computes with ``gaussian_weights=True``,
    ``use_sample_covariance=False`` and ``data_range=1``.

    Raises
    ------
    ValueError
        For images smaller than the window.

    References
    ----------
    Wang et al., IEEE Transactions on Image Processing 2004, 13(4):600-612.
    """
    if min(first.shape[-2:]) <= 2 * RADIUS:
        raise ValueError(f"images are {tuple(first.shape[-2:])} pixels; expected at least 11 x 11")
    a, b = first.double(), second.double()
    means = [_blur(each) for each in (a, b)]
    squares = [_blur(each * each) - mean * mean for each, mean in zip((a, b), means, strict=True)]
    both = _blur(a * b) - means[0] * means[1]
    c1, c2 = K1**2, K2**2
    alike = (2 * means[0] * means[1] + c1) * (2 * both + c2)
    scale = (means[0].square() + means[1].square() + c1) * (squares[0] + squares[1] + c2)
    return (alike / scale).flatten(1).mean(1)


def _filtered(planes: Tensor, mask: tuple[tuple[float, ...], ...]) -> Tensor:
    """Sums under a 3 x 3 mask at all places where it lies inside, (batch, places)."""
    weight = torch.tensor(mask, dtype=planes.dtype, device=planes.device)[None, None]
    channels = planes.flatten(0, 1)[:, None]
    return functional.conv2d(channels, weight).reshape(len(planes), -1)


def _blur(images: Tensor) -> Tensor:
    """Means under the window at all places where it lies inside."""
    # As products with a matrix on either side, a tenth of the time of convolutions of one channel.
    rows, columns = (_window(size, images) for size in images.shape[-2:])
    return rows @ images @ columns.T


def _window(size: int, like: Tensor) -> Tensor:
    """Weights of the window at each place of a line where it lies inside, (size - 2 RADIUS, size)."""
    places = torch.arange(size, dtype=like.dtype, device=like.device)
    distances = places - places[RADIUS : size - RADIUS, None]
    weights = torch.exp(-(distances**2) / (2 * SIGMA**2)) * (distances.abs() <= RADIUS)
    return weights / weights.sum(1, keepdim=True)
