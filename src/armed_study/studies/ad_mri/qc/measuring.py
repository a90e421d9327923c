"""Brightness and contrast of finished images, one at a time."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import ndimage
from tqdm import tqdm

WINDOW_MM = 12.0  # from the point to each side: the hippocampus with horn and gyrus around it


def measure_images(images: np.ndarray, samples: Iterable[object], qc: pd.DataFrame) -> pd.DataFrame:
    """Measure each image.

    Images are scaled: two percentiles of each are 0 and 1. So these measures tell of the shape of
    its histogram and of its sharpness, not of the scanner's units; for those, see `raw_mean` and
    `raw_contrast` of table `qc`.

    Parameters
    ----------
    images
        (samples, 1, size, size), from 0 to 1, zero where there is no brain; read one at a time.
    samples
        Their names.
    qc
        Table `qc`, which says where the point of each slice lies in its image.

    Returns
    -------
    DataFrame
        Table `image_metrics`. `intensity` and `contrast` are mean and standard deviation of the
        brain. `edge_contrast` is the root mean square of the gradient in a square around the point,
        `WINDOW_MM` to each side, divided by `intensity`, in 1/mm; pixels next to the edge of the brain
        are left out. Squares, since the plain mean of a single edge does not know of blur. It grows
        with the number of pixels, so compare within a study.
    """
    where = qc.set_index(qc["sample"].astype(str))[["point_row", "point_column", "pixel_mm"]]
    places = where.reindex([str(sample) for sample in samples])
    rows = [
        (sample, *measure_image(image[0], (row, column), pixel_mm))
        for image, (sample, row, column, pixel_mm) in zip(
            tqdm(images, desc="measuring", unit="image"), places.itertuples(name=None), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=["sample", "intensity", "contrast", "edge_contrast"])


def measure_image(
    image: np.ndarray, point: tuple[float, float], pixel_mm: float
) -> tuple[float, float, float]:
    """Return intensity, contrast and edge contrast of one image (size, size); NaN if undefined."""
    values = np.asarray(image, dtype=np.float64)
    brain = ndimage.binary_fill_holes(values > 0)
    if not brain.any():
        return np.nan, np.nan, np.nan
    intensity, contrast = float(values[brain].mean()), float(values[brain].std())
    inner = ndimage.binary_erosion(brain, np.ones((3, 3)))
    rows, columns = np.ogrid[: values.shape[0], : values.shape[1]]
    away = np.maximum(np.abs(rows - point[0]), np.abs(columns - point[1])) * pixel_mm
    near = inner & (away <= WINDOW_MM)  # NaN is not near
    if not near.any():
        return intensity, contrast, np.nan
    down, right = (np.asarray(slopes) for slopes in np.gradient(values, pixel_mm))
    slope = np.sqrt((down[near] ** 2 + right[near] ** 2).mean())
    return intensity, contrast, float(slope) / intensity
