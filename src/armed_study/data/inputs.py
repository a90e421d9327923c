"""What networks get of the samples of a fold: encoded features, or images as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.data.encoding import EncodedColumn, encode


class Inputs(Protocol):
    """See `armed_study.data.encoding.Encoded`."""

    @property
    def columns(self) -> Sequence[EncodedColumn]:
        """What the columns are."""
        ...

    def fold(self, fold: int) -> np.ndarray:
        """Return all samples of the dataset, in its order."""
        ...

    def apply(self, fold: int, frame: pd.DataFrame) -> np.ndarray:
        """Return the rows of another frame."""
        ...


@dataclass(frozen=True, eq=False)
class ImageInputs:
    """The images of the samples (samples, channels, size, size), the same array for every fold."""

    study: str
    images: np.memmap
    columns: tuple[EncodedColumn, ...] = ()

    def fold(self, fold: int) -> np.ndarray:
        """Return the images; nothing is fitted to a fold."""
        return self.images

    def apply(self, fold: int, frame: pd.DataFrame) -> np.ndarray:
        """Refuse: further points have no images."""
        raise DataError(
            f"study '{self.study}': found {len(frame)} display points beside images, expected none; "
            "let the study prepare no display points"
        )


def inputs_of(dataset: ClusteredDataset, splits: pd.DataFrame, *, standardize: bool) -> Inputs:
    """Return the inputs of every fold of ``splits``.

    ``standardize`` is about features: see `armed_study.data.encoding.encode`.
    """
    if dataset.images is None:
        return encode(dataset, splits, standardize=standardize)
    return ImageInputs(dataset.name, dataset.images)
