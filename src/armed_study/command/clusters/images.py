"""Images as features of the report on clusters: measures of each, and principal components."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.studies.images.listing import list_images
from armed_study.studies.images.measures import measured
from armed_study.studies.images.pictures import prepared

COMPONENTS = 10
_SIDE = 16  # pixels, of what components are of


def with_measures(study: str, data: Mapping[str, Any], path: Path) -> ClusteredDataset:
    """Read the images of a study; return its samples with measures of them as features.

    Beside `measured` these are coordinates of the first principal components of all images, brought to
    16 x 16 pixels, which nothing but the report on clusters uses.

    Raises
    ------
    ConfigError, DataError
        As the study itself.
    """
    found = list_images(study, data, path)
    rows, small = [], []
    for file in found.files["path"]:
        image, _ = prepared(file, data["images"])
        rows.append(measured(image))
        small.append(_shrunk(image).ravel())
    count = min(COMPONENTS, len(small) - 1)
    scores = PCA(count, svd_solver="full").fit_transform(np.stack(small))
    names = [f"component {number}" for number in range(1, count + 1)]
    features = pd.DataFrame(rows).join(pd.DataFrame(scores, columns=names))
    described = tuple(Feature(str(name), "continuous") for name in features)
    own = found.dataset
    samples = own.samples.reset_index(drop=True).join(features)
    return ClusteredDataset(
        study, samples, described, own.origin, own.generated, outcome=own.outcome
    )


def _shrunk(image: np.ndarray) -> np.ndarray:
    """Means over boxes, at most (16, 16)."""
    edges = np.linspace(0, len(image), min(_SIDE, len(image)) + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(image, edges, axis=0), edges, axis=1)
    counts = np.diff([*edges, len(image)])
    boxes: np.ndarray = sums / np.outer(counts, counts)
    return boxes
