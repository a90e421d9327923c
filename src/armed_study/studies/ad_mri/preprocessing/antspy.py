"""Volumes, points and transforms as ANTs takes them: it counts to the left and to the back.

References
----------
Tustison et al. 2010, N4ITK: improved N3 bias correction, IEEE TMI 29.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from armed_study.studies.ad_mri.scans.volumes import Volume

_FLIP = np.array([-1.0, -1.0, 1.0])


def ants() -> ModuleType:
    """Import ANTs, which takes seconds, for one thread: the sums of several differ from run to run."""
    os.environ["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "1"
    import ants

    return ants


def as_image(volume: Volume) -> Any:
    """Return a volume as an `ants.ANTsImage`."""
    edges = volume.voxel_mm
    return ants().from_numpy(
        np.ascontiguousarray(volume.data, dtype=np.float32),
        origin=list(volume.affine[:3, 3] * _FLIP),
        spacing=list(edges),
        direction=_FLIP[:, None] * volume.affine[:3, :3] / edges,
    )


def estimate_bias_field(volume: Volume, brain: np.ndarray) -> Volume:
    """Estimate by N4 the smooth shading that a scanner's coils leave, from the brain (bool).

    In the brain its median is 1. On voxels of 4 mm it takes seconds, and the field is smooth over
    centimetres.
    """
    tissue = brain & (volume.data > 0.3 * np.median(volume.data[brain]))  # N4 takes logarithms
    field = ants().n4_bias_field_correction(
        as_image(volume),
        mask=as_image(Volume(tissue.astype(np.float32), volume.affine)),
        shrink_factor=2,
        convergence={"iters": [50, 30, 20], "tol": 1e-4},
        return_bias_field=True,
    )
    values = field.numpy()
    return Volume(np.asarray(values / np.median(values[tissue]), np.float32), volume.affine)


def carry_points(points_mm: np.ndarray, transforms: Sequence[tuple[str, bool]]) -> np.ndarray:
    """Carry points (n, 3), mm, through transform files, each as it is or inverted."""
    if not transforms:
        return np.asarray(points_mm, dtype=np.float64)
    files, inverted = map(list, zip(*transforms, strict=True))
    points = np.asarray(points_mm, dtype=np.float64) * _FLIP
    # ANTs takes a table of fewer than 3 rows for one that stands on its side.
    padded = np.concatenate([points, np.repeat(points[-1:], 3, axis=0)])
    moved = ants().apply_transforms_to_points(
        3, pd.DataFrame(padded, columns=["x", "y", "z"]), files, whichtoinvert=inverted
    )
    return moved[["x", "y", "z"]].to_numpy()[: len(points)] * _FLIP


def write_affine(matrix: np.ndarray, shift_mm: np.ndarray, path: Path) -> str:
    """Write the map from x to `matrix` x + `shift_mm` as a transform file; return its name."""
    transform = ants().create_ants_transform(
        transform_type="AffineTransform",
        dimension=3,
        matrix=_FLIP[:, None] * matrix * _FLIP,
        offset=list(shift_mm * _FLIP),
    )
    ants().write_transform(transform, str(path))
    return str(path)
