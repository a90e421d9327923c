"""Pixels of images and of maps over them, and what is known of frames of cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

Pictures = Mapping[str, np.ndarray]
"""Arrays of images (images, 1, size, size) by name: frames, rendered, counterfactuals."""


def known_frames(samples: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of samples: date, phenotype and xenograft, and the ``row`` of the image."""
    names = ["sample", "cluster", "outcome", "stratum"]
    known = samples[names].astype({"sample": str, "cluster": str, "stratum": str})
    known["phenotype"] = np.where(known["outcome"].astype(float) == 1, "high", "low")
    known["pdx"] = known["stratum"].str.removeprefix("PDX ")
    known["row"] = np.arange(len(known))
    return known[["sample", "cluster", "phenotype", "pdx", "row"]]


def picture(pictures: Pictures, array: str, row: int) -> np.ndarray:
    """Return one image (size, size), from 0 to 1."""
    image = np.asarray(pictures[array][row, 0])
    return image / np.float32(255) if image.dtype == np.uint8 else image


def enlarge(maps: np.ndarray, size: int) -> np.ndarray:
    """Interpolate maps (maps, rows, columns) linearly to (maps, size, size).

    Both cover the same square; beyond the outermost places their value holds.
    """
    # Sums without a matrix product: its rounding may depend on the number of threads.
    down = np.einsum("ri,nij->nrj", _weights(maps.shape[1], size), maps)
    return np.einsum("cj,nrj->nrc", _weights(maps.shape[2], size), down)


def shrink(maps: np.ndarray, most: int) -> np.ndarray:
    """Average maps (maps, rows, columns) over cells of equal size, ``most`` a side at most."""
    down, across = (_cells(min(most, size), size) for size in maps.shape[1:])
    return np.einsum("cj,nrj->nrc", across, np.einsum("ri,nij->nrj", down, maps))


def _cells(count: int, size: int) -> np.ndarray:
    """Share (count, size) of each cell that lies in each pixel."""
    edges, pixels = np.arange(count + 1) * size / count, np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.maximum(0, overlap) * count / size


def _weights(count: int, size: int) -> np.ndarray:
    """Weights (size, count) of places for pixels."""
    where = np.clip((np.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
    return np.maximum(0, 1 - np.abs(where[:, None] - np.arange(count)))
