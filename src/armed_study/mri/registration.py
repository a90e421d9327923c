"""Registration of a volume to the template, by ANTs.

References
----------
Avants et al. 2011, A reproducible evaluation of ANTs similarity metric performance in brain image
registration, NeuroImage 54. Tustison et al. 2010, N4ITK: improved N3 bias correction, IEEE TMI 29.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation

from armed_study.mri.settings import MriSettings
from armed_study.mri.templates import brain_template, template_brain, template_distance
from armed_study.mri.volumes import Volume

_CENTRE = np.array([0.0, -18.0, 10.0])  # of the template's brain, mm
_RIM_MM = 8.0  # of the head's surroundings of the brain that the metric looks at
_SURE = 0.6  # similarity from which a start is good enough not to try others; see `quality`
_TILTS = ((0, 0, 0), (-22, 0, 0), (22, 0, 0), (0, -22, 0), (0, 22, 0), (0, 0, -22), (0, 0, 22))
_FLIP = np.array([-1.0, -1.0, 1.0])  # ANTs counts to the left and to the back


@dataclass(frozen=True)
class Registration:
    """Maps between the template's space and the subject's; files that must outlive it.

    Parameters
    ----------
    transforms, inverse
        Transform files from template to subject points, and back, with whether to invert each.
    similarity
        Correlation of the registered volume with the template inside its brain.
    """

    transforms: tuple[str, ...]
    inverse: tuple[tuple[str, bool], ...]
    similarity: float

    def to_subject(self, points_mm: np.ndarray) -> np.ndarray:
        """Carry points (n, 3), mm, from the template's space to the subject's."""
        return _apply(points_mm, self.transforms, [False] * len(self.transforms))

    def to_template(self, points_mm: np.ndarray) -> np.ndarray:
        """Carry points (n, 3), mm, from the subject's space to the template's."""
        return _apply(points_mm, [f for f, _ in self.inverse], [i for _, i in self.inverse])


def register_affine(
    volume: Volume, centre_mm: np.ndarray, *, extracted: bool, settings: MriSettings, folder: Path
) -> Registration:
    """Register by a rigid, then an affine transform.

    Where the result is poor, the search starts again from tilted heads, and the best is kept.

    Parameters
    ----------
    volume
        Brain or head, on cubes along the axes of space.
    centre_mm
        About where the middle of the brain is.
    extracted
        Whether there is the brain alone; else the metric sees the brain and a rim around it.
    settings
        Grid and seed.
    folder
        Where the transforms are written.
    """
    best: Registration | None = None
    for number, tilt in enumerate(_TILTS):
        start = _start(centre_mm, tilt, folder / f"start{number}.mat")
        found = _affine_from(start, volume, extracted, settings, folder / f"try{number}_")
        best = found if best is None or found.similarity > best.similarity else best
        if best.similarity >= _SURE:
            break
    assert best is not None
    return best


def register_syn(
    brain: Volume, affine: Registration, *, settings: MriSettings, folder: Path
) -> Registration:
    """Refine an affine registration of an extracted brain by symmetric normalisation."""
    result = _ants().registration(
        _image(brain_template(settings.grid_mm)),
        _image(brain),
        "SyNOnly",
        initial_transform=list(affine.transforms),
        random_seed=settings.seed,
        outprefix=str(folder / "syn_"),
    )
    forward = tuple(result["fwdtransforms"])
    back = tuple((name, name.endswith(".mat")) for name in result["invtransforms"])
    return Registration(forward, back, _similarity(result["warpedmovout"], settings.grid_mm))


def bias_field(volume: Volume, brain: np.ndarray) -> Volume:
    """Estimate the smooth shading of a volume from its brain by N4; median 1 there.

    On voxels of 4 mm it takes seconds, and shading is smooth over centimetres.
    """
    tissue = brain & (volume.data > 0.3 * np.median(volume.data[brain]))  # N4 takes logarithms
    field = _ants().n4_bias_field_correction(
        _image(volume),
        mask=_image(Volume(tissue.astype(np.float32), volume.affine)),
        shrink_factor=2,
        convergence={"iters": [50, 30, 20], "tol": 1e-4},
        return_bias_field=True,
    )
    values = field.numpy()
    return Volume(np.asarray(values / np.median(values[tissue]), np.float32), volume.affine)


UNMOVED = Registration((), (), 1.0)
"""Of a volume that lies in the template's space already."""


def template_at(registration: Registration, template: Volume, places_mm: np.ndarray) -> np.ndarray:
    """Interpolate something in template space at places (..., 3) of the subject, in mm."""
    points = registration.to_template(places_mm.reshape(-1, 3))
    return template.at(points, mode="nearest").reshape(places_mm.shape[:-1])


def _affine_from(
    start: str, volume: Volume, extracted: bool, settings: MriSettings, prefix: Path
) -> Registration:
    edge = settings.grid_mm
    mask = None
    if not extracted:
        rim = template_distance(edge)
        mask = _image(Volume((rim.data <= _RIM_MM).astype(np.float32), rim.affine))
    fixed, moving, transform = _image(brain_template(edge)), _image(volume), start
    for kind in ("Rigid", "Affine"):
        result = _ants().registration(
            fixed, moving, kind, mask=mask, initial_transform=transform,
            random_seed=settings.seed, outprefix=f"{prefix}{kind}_",
        )  # fmt: skip
        (transform,) = result["fwdtransforms"]
    similarity = _similarity(result["warpedmovout"], edge)
    return Registration((transform,), ((transform, True),), similarity)


def _start(centre_mm: np.ndarray, tilt: tuple[int, ...], path: Path) -> str:
    """Write the transform that puts the template's brain at a place, turned by degrees."""
    turn = Rotation.from_euler("xyz", tilt, degrees=True).as_matrix()
    shift = (centre_mm - turn @ _CENTRE) * _FLIP
    matrix = _FLIP[:, None] * turn * _FLIP
    transform = _ants().create_ants_transform(
        transform_type="AffineTransform", dimension=3, matrix=matrix, offset=list(shift)
    )
    _ants().write_transform(transform, str(path))
    return str(path)


def _similarity(registered: "ants.ANTsImage", edge_mm: int) -> float:  # type: ignore[name-defined]  # noqa: F821
    inside = template_brain(edge_mm).data > 0
    values = registered.numpy()[inside]
    if not np.ptp(values) > 0:
        return 0.0
    return float(np.corrcoef(values, brain_template(edge_mm).data[inside])[0, 1])


def _apply(points_mm: np.ndarray, files: Sequence[str], inverted: Sequence[bool]) -> np.ndarray:
    if not files:
        return np.asarray(points_mm, dtype=np.float64)
    points = np.asarray(points_mm, dtype=np.float64) * _FLIP
    # ANTs takes a table of fewer than 3 rows for one that stands on its side.
    padded = np.concatenate([points, np.repeat(points[-1:], 3, axis=0)])
    moved = _ants().apply_transforms_to_points(
        3, pd.DataFrame(padded, columns=["x", "y", "z"]), list(files),
        whichtoinvert=list(inverted),
    )  # fmt: skip
    return moved[["x", "y", "z"]].to_numpy()[: len(points)] * _FLIP


def _image(volume: Volume) -> "ants.ANTsImage":  # type: ignore[name-defined]  # noqa: F821
    edges = volume.voxel_mm
    return _ants().from_numpy(
        np.ascontiguousarray(volume.data, dtype=np.float32),
        origin=list(volume.affine[:3, 3] * _FLIP),
        spacing=list(edges),
        direction=_FLIP[:, None] * volume.affine[:3, :3] / edges,
    )


def _ants() -> ModuleType:
    """Import ANTs, which takes seconds, for one thread: the sums of several differ from run to run."""
    os.environ["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "1"
    import ants

    return ants
