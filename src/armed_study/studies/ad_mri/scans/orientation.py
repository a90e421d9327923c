"""Where the voxels of a NIfTI file lie: its two affines, checked and compared."""

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError

from armed.errors import DataError

_SAME_EDGE = 0.02  # share by which a voxel's edges may differ between the two affines of a file
_EDGE_MM = (0.2, 6.0)  # of a voxel; beyond lies a header in other units


def affine_of(image: nib.Nifti1Image) -> tuple[np.ndarray, str]:
    """Return the affine of an image, its sform if there is one, and on what its qform disagrees.

    Raises `DataError`, in a few words, if there is none, or none of a volume in millimetres.
    """
    sform, has_sform = image.get_sform(coded=True)
    try:
        qform, has_qform = image.get_qform(coded=True)
    except (HeaderDataError, ValueError):  # no rotation
        qform, has_qform = np.full((4, 4), np.nan), 0
    if has_qform and not np.isfinite(qform).all():
        has_qform = 0
    if not has_sform and not has_qform:
        raise DataError(
            "no affine (qform and sform are missing or wrong): orientation is not known"
        )
    affine = sform if has_sform else qform
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    finite = bool(np.isfinite(affine).all())
    flat = finite and abs(np.linalg.det(affine[:3, :3])) < 0.1 * np.prod(edges)
    if not finite or flat or edges.min() == 0:
        raise DataError("degenerate affine: axes of the volume coincide or have no length")
    if edges.min() < _EDGE_MM[0] or edges.max() > _EDGE_MM[1]:
        sizes = " x ".join(f"{edge:.3g}" for edge in edges)
        raise DataError(
            f"voxels of {sizes} mm, expected {_EDGE_MM[0]:g} to {_EDGE_MM[1]:g}: check the units"
        )
    return affine, _contradiction(sform, qform, has_sform, has_qform)


def _contradiction(sform: np.ndarray, qform: np.ndarray, of_sform: int, of_qform: int) -> str:
    """Say on what the two affines of a file disagree; where they may, they are of two spaces."""
    if not of_sform or not of_qform:
        return ""
    if nib.aff2axcodes(sform) != nib.aff2axcodes(qform):
        return "the order of axes"
    edges = [np.linalg.norm(affine[:3, :3], axis=0) for affine in (sform, qform)]
    alike = np.allclose(edges[0], edges[1], rtol=_SAME_EDGE)
    return "" if alike or of_sform != of_qform else "the size of voxels"
