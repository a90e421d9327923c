"""From a point in a volume to a square picture of the brain's coronal slice through it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from armed.errors import DataError
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.scans.volumes import Volume


@dataclass(frozen=True)
class CoronalSlice:
    """A coronal plane of a volume, seen from behind: right is right, top is up.

    Parameters
    ----------
    pixels
        (height, width); the first row is the topmost.
    edge_mm
        Height and width of a pixel.
    index
        Of the plane in the volume, from the back.
    point
        Row and column of the point that the plane was chosen by.
    voxel_to_mm
        (4, 4), the volume's affine.
    """

    pixels: np.ndarray
    edge_mm: tuple[float, float]
    index: int
    point: tuple[float, float]
    voxel_to_mm: np.ndarray

    def places_mm(self) -> np.ndarray:
        """Where in space the pixels lie, (height, width, 3)."""
        height, width = self.pixels.shape
        up, right = np.meshgrid(np.arange(height)[::-1], np.arange(width), indexing="ij")
        voxels = np.stack([right, np.full_like(right, self.index), up], axis=-1)
        return voxels @ self.voxel_to_mm[:3, :3].T + self.voxel_to_mm[:3, 3]


@dataclass(frozen=True)
class Frame:
    """A square around the brain in a slice: its centre (row, column) and side, in mm."""

    centre: tuple[float, float]
    side: float


def make_image(plane: CoronalSlice, brain: np.ndarray, settings: MriSettings) -> np.ndarray:
    """Crop, pad, resample and scale the brain of a slice: (size, size) float32 from 0 to 1."""
    pixels = brain_only(plane.pixels, brain)
    frame = frame_brain(brain, plane.edge_mm, settings.margin)
    image = fit_frame(pixels, plane.edge_mm, frame, settings.size)
    return scale_intensity(image, settings.percentiles)


def make_companion(volume: Volume, row: Mapping[str, float], size: int) -> np.ndarray:
    """Extract from another volume, on the voxels of a scan, what the scan's image shows.

    (size, size) float32, not scaled. Pixel by pixel it shows the same places as the image, as the
    scan's row of table `qc` tells.
    """
    edges = (float(volume.voxel_mm[2]), float(volume.voxel_mm[0]))
    frame = Frame((float(row["frame_row"]), float(row["frame_column"])), float(row["frame_side"]))
    return fit_frame(pixels_of(volume, int(row["plane"])), edges, frame, size).astype(np.float32)


def coronal_slice(volume: Volume, point_mm: np.ndarray) -> CoronalSlice:
    """Extract the plane of voxels nearest to a point, without interpolation.

    Raises `DataError` if the point lies outside the volume.
    """
    right, front, up = volume.voxel_of(point_mm)
    shape = np.array(volume.data.shape)
    nearest = np.rint([right, front, up])
    if (nearest < 0).any() or (nearest >= shape).any():
        raise DataError("the point of the slice lies outside the image")
    edges = volume.voxel_mm
    return CoronalSlice(
        pixels=pixels_of(volume, int(nearest[1])),
        edge_mm=(float(edges[2]), float(edges[0])),
        index=int(nearest[1]),
        point=(float(shape[2] - 1 - up), float(right)),
        voxel_to_mm=volume.affine,
    )


def pixels_of(volume: Volume, index: int) -> np.ndarray:
    """Return the coronal plane of a number, counted from the back: (height, width), top up."""
    return np.ascontiguousarray(volume.data[:, index, ::-1].T)


def frame_brain(brain: np.ndarray, edge_mm: tuple[float, float], margin: int) -> Frame:
    """Return the smallest square around the brain (height, width) and `margin` pixels more.

    Raises `DataError` if there is no brain in the slice.
    """
    rows, columns = np.flatnonzero(brain.any(axis=1)), np.flatnonzero(brain.any(axis=0))
    if not len(rows):
        raise DataError("the slice holds no brain")
    low = np.array([rows[0], columns[0]]) - margin
    high = np.array([rows[-1], columns[-1]]) + margin
    extent = (high - low + 1) * np.array(edge_mm)
    centre = (low + high) / 2 * np.array(edge_mm)
    return Frame((float(centre[0]), float(centre[1])), float(extent.max()))


def fit_frame(
    pixels: np.ndarray, edge_mm: tuple[float, float], frame: Frame, size: int
) -> np.ndarray:
    """Resample what lies in the frame to (size, size); zero beyond the slice.

    Crop, padding to a square and resampling are one linear interpolation; where it thins pixels
    out, they are smoothed first.
    """
    step = frame.side / size
    edges = np.array(edge_mm)
    smooth = ndimage.gaussian_filter(pixels, np.maximum(step / edges - 1, 0) / 2)
    offsets = (np.arange(size) - (size - 1) / 2) * step
    rows = (frame.centre[0] + offsets) / edges[0]
    columns = (frame.centre[1] + offsets) / edges[1]
    places = np.meshgrid(rows, columns, indexing="ij")
    return ndimage.map_coordinates(smooth, places, order=1, cval=0.0)


def place_in_frame(
    place: tuple[float, float], edge_mm: tuple[float, float], frame: Frame, size: int
) -> tuple[float, float]:
    """Return which row and column of the picture (size, size) a row and column of the slice become."""
    row, column = (
        (at * edge - centre) * size / frame.side + (size - 1) / 2
        for at, edge, centre in zip(place, edge_mm, frame.centre, strict=True)
    )
    return row, column


def scale_intensity(image: np.ndarray, percentiles: tuple[float, float]) -> np.ndarray:
    """Map two percentiles of all pixels to 0 and 1, clipped; float32.

    Raises `DataError` if they are equal.
    """
    low, high = np.percentile(image, percentiles)
    if not high > low:
        raise DataError("the slice has no contrast")
    return np.clip((image - low) / (high - low), 0, 1).astype(np.float32)


def brain_only(pixels: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Set what is not brain to zero, after a shift by which no brain is darker than that."""
    inside = pixels[brain]
    darkest = min(float(inside.min()), 0.0) if inside.size else 0.0
    return np.where(brain, pixels - darkest, 0).astype(np.float32)
