"""One volume: read, checked, and put in an order in which axes mean right, front and up."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from scipy import ndimage

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.source_files import why_unreadable
from armed_study.studies.ad_mri.scans.orientation import affine_of

_BLOCK = 2**20  # bytes read at a time
_LEAST = 16  # voxels along each axis; a localiser or a single slice has fewer


@dataclass(frozen=True)
class Volume:
    """A volume in the order nearest to RAS+: the axes rise to the right, the front and the top.

    Parameters
    ----------
    data
        (right, front, up) float32, finite.
    affine
        (4, 4), from voxel to mm.
    """

    data: np.ndarray
    affine: np.ndarray

    @property
    def voxel_mm(self) -> np.ndarray:
        """Edges of a voxel, (3,) mm."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    @property
    def voxel_ml(self) -> float:
        """Size of a voxel."""
        return float(abs(np.linalg.det(self.affine[:3, :3])) / 1000)

    def voxel_of(self, point_mm: np.ndarray) -> np.ndarray:
        """Return the (fractional) voxel of each point, both (..., 3)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(point_mm) @ inverse[:3, :3].T + inverse[:3, 3]

    def places_mm(self) -> np.ndarray:
        """Where in space the voxels lie, (right, front, up, 3)."""
        voxels = np.moveaxis(np.indices(self.data.shape), 0, -1)
        return voxels @ self.affine[:3, :3].T + self.affine[:3, 3]

    def at(self, places_mm: np.ndarray, *, mode: str = "constant") -> np.ndarray:
        """Interpolate at places (..., 3), giving (...); zero beyond, or `nearest`."""
        voxels = np.moveaxis(self.voxel_of(places_mm), -1, 0)
        return ndimage.map_coordinates(self.data, voxels, order=1, mode=mode)


class Loaded(NamedTuple):
    """A volume, and what was wrong with it though it could be read."""

    volume: Volume
    missing: np.ndarray  # voxels that held no number, in the volume's shape, bool
    ambiguous: str  # on what the two affines of the file disagree; empty if they do not


def load_volume(path: Path) -> Loaded:
    """Read a NIfTI file; voxels without a number become 0, or the lowest value where that is below 0.

    Raises `DataError`, in a few words that do not name the file, if it is damaged, no single 3-D
    volume, empty, or does not say where its voxels lie.
    """
    if why := why_unreadable(path):
        raise DataError(why)
    image = _open(path)
    shape = _shape(image.shape)
    affine, ambiguous = affine_of(image)
    _verify(path)
    image = nib.as_closest_canonical(nib.Nifti1Image(_data(image).reshape(shape), affine))
    data = np.ascontiguousarray(image.dataobj, dtype=np.float32)
    missing = ~np.isfinite(data)
    data[missing] = data.min(where=~missing, initial=0)
    low, high = float(data.min()), float(data.max())
    if low == high:
        raise DataError(f"all voxels are {low:g}, expected an image")
    return Loaded(Volume(data, image.affine), missing, ambiguous)


def resample(volume: Volume, edge_mm: float) -> Volume:
    """Sample a volume on cubes whose axes are those of space, smoothed before it is sampled more coarsely.

    The new volume covers the old one, however that is rotated or sheared; beyond, it holds the
    old one's lowest value.
    """
    shape = np.array(volume.data.shape)
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in shape])).reshape(3, -1)
    corners = volume.affine[:3, :3] @ corners + volume.affine[:3, 3:]
    start, end = corners.min(axis=1), corners.max(axis=1)
    affine = np.diag([edge_mm, edge_mm, edge_mm, 1.0])
    affine[:3, 3] = start
    inverse = np.linalg.inv(volume.affine)
    # A Gaussian of half the excess width is the usual guard against aliasing.
    sigma = np.maximum(edge_mm / volume.voxel_mm - 1, 0) / 2
    smooth = ndimage.gaussian_filter(volume.data, sigma) if sigma.any() else volume.data
    data = ndimage.affine_transform(
        smooth,
        inverse[:3, :3] * edge_mm,
        inverse[:3, :3] @ start + inverse[:3, 3],
        output_shape=tuple(np.floor((end - start) / edge_mm).astype(int) + 1),
        order=1,
        cval=float(volume.data.min()),
    )
    return Volume(data, affine)


@contextmanager
def _reading(trouble: str) -> Iterator[None]:
    """Raise `DataError` in a few words for what a damaged file makes a reader raise."""
    try:
        yield
    except FileNotFoundError as error:
        raise DataError("no such file") from error
    except (ImageFileError, HeaderDataError, EOFError, zlib.error, OSError, ValueError) as error:
        first_line = (str(error) or type(error).__name__).splitlines()[0]
        raise DataError(f"{trouble} ({first_line})") from error


def _open(path: Path) -> nib.Nifti1Image:
    with _reading("damaged or not NIfTI"):
        image = nib.load(path)
    if not isinstance(image, nib.Nifti1Image):
        raise DataError(
            f"{type(image).__name__}, expected NIfTI in one file (.nii or .nii.gz): convert it"
        )
    proxy: Any = image.dataobj
    begin, least = proxy.offset, image.header.single_vox_offset
    if begin < least:
        raise DataError(
            f"voxels begin at byte {begin}, expected {least} or later: vox_offset of the header is wrong"
        )
    return image


def _verify(path: Path) -> None:
    """Read a compressed file to its end, where its checksum is, which a reader of voxels leaves out."""
    if path.suffix.lower() == ".gz":
        with _reading("truncated or damaged"), gzip.open(path) as file:
            while file.read(_BLOCK):
                pass


def _data(image: nib.Nifti1Image) -> np.ndarray:
    kind = image.get_data_dtype()
    if kind.fields is not None or kind.kind not in "iuf":
        found = "colours" if kind.fields else f"type {kind}"
        raise DataError(f"voxels of {found}, expected one real number each")
    with _reading("truncated or damaged"):
        return image.get_fdata(dtype=np.float32, caching="unchanged")


def _shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    extent = " x ".join(map(str, shape))
    if any(size != 1 for size in shape[3:]):
        raise DataError(f"{counted(len(shape), 'dimension')} ({extent}), expected one 3-D volume")
    if len(shape) < 3 or min(shape[:3]) < _LEAST:
        raise DataError(f"{extent} voxels, expected a volume of at least {_LEAST} each way")
    return shape[:3]
