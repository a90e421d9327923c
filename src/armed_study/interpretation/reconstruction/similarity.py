"""How like two images are."""

import torch
from torch import Tensor
from torch.nn import functional

SIGMA, RADIUS = 1.5, 5  # of the Gaussian window, pixels
K1, K2 = 0.01, 0.03


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


def _blur(images: Tensor) -> Tensor:
    """Means under the window at all places where it lies inside."""
    places = torch.arange(-RADIUS, RADIUS + 1, dtype=images.dtype, device=images.device)
    window = torch.exp(-(places**2) / (2 * SIGMA**2))
    window = (window / window.sum())[None, None]
    planes = images.flatten(0, 1)[:, None]
    planes = functional.conv2d(planes, window[..., None, :])
    return functional.conv2d(planes, window[..., None]).unflatten(0, images.shape[:2]).squeeze(2)
