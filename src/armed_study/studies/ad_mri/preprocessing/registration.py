"""Registration of a volume to the template, by ANTs.

References
----------
Avants et al. 2011, A reproducible evaluation of ANTs similarity metric performance in brain image
registration, NeuroImage 54.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from armed_study.studies.ad_mri.preprocessing import antspy, templates
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.scans.volumes import Volume

_CENTRE = np.array([0.0, -18.0, 10.0])  # of the template's brain, mm
_RIM_MM = 8.0  # of the head's surroundings of the brain that the metric sees
_NEAR_MM = 25.0  # around a point: brains bend over centimetres, and need shapes to be recognised by
_FINE: dict[str, Any] = {  # a search on full resolution by all voxels, as there are few
    "aff_iterations": (100,),
    "aff_shrink_factors": (1,),
    "aff_smoothing_sigmas": (0,),
    "aff_random_sampling_rate": 1.0,
}
_SURE = 0.6  # similarity from which a start is good enough not to try others; see `quality`
_TILTS = ((0, 0, 0), (-22, 0, 0), (22, 0, 0), (0, -22, 0), (0, 22, 0), (0, 0, -22), (0, 0, 22))


@dataclass(frozen=True)
class Registration:
    """Maps between the template's space and the subject's; files that must outlive it.

    Parameters
    ----------
    forward, back
        Transform files from template to subject points, and back, with whether to invert each.
    similarity
        Correlation of the registered volume with the template inside its brain.
    """

    forward: tuple[tuple[str, bool], ...]
    back: tuple[tuple[str, bool], ...]
    similarity: float

    def to_subject(self, points_mm: np.ndarray) -> np.ndarray:
        """Carry points (n, 3), mm, from the template's space to the subject's."""
        return antspy.carry_points(points_mm, self.forward)

    def to_template(self, points_mm: np.ndarray) -> np.ndarray:
        """Carry points (n, 3), mm, from the subject's space to the template's."""
        return antspy.carry_points(points_mm, self.back)


UNMOVED = Registration((), (), 1.0)
"""Of a volume that lies in the template's space already."""


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
    rim = templates.template_distance(settings.grid_mm)
    region = None if extracted else Volume((rim.data <= _RIM_MM).astype(np.float32), rim.affine)
    best: Registration | None = None
    for number, tilt in enumerate(_TILTS):
        found = _start(centre_mm, tilt, folder / f"start{number}.mat")
        for kind in ("Rigid", "Affine"):
            prefix = folder / f"try{number}_{kind}_"
            found = _improved(found, volume, kind, settings, prefix, region)
        best = found if best is None or found.similarity > best.similarity else best
        if best.similarity >= _SURE:
            break
    assert best is not None
    return best


def register_near(
    point_mm: np.ndarray,
    volume: Volume,
    affine: Registration,
    *,
    settings: MriSettings,
    folder: Path,
) -> Registration:
    """Refine an affine registration by another one, of what lies around a point (3,) only.

    A brain differs from the template by more than one affine map of the whole, so that a single
    point can be missed by half a centimetre; near the point, an affine map follows it. The one
    given is returned if it fits the surroundings of the point better.
    """
    known = templates.template_distance(settings.grid_mm)
    near = np.linalg.norm(known.places_mm() - point_mm, axis=-1) <= _NEAR_MM
    near &= known.data <= _RIM_MM / 2
    region = Volume(near.astype(np.float32), known.affine)
    found = _improved(affine, volume, "Affine", settings, folder / "near_", region, **_FINE)
    places = known.places_mm()[near]
    template = templates.brain_template(settings.grid_mm).data[near]
    before, after = (volume.at(result.to_subject(places)) for result in (affine, found))
    better = templates.correlation(after, template) >= templates.correlation(before, template)
    return found if better else affine


def register_syn(
    brain: Volume, affine: Registration, *, settings: MriSettings, folder: Path
) -> Registration:
    """Refine an affine registration of an extracted brain by symmetric normalisation."""
    return _improved(affine, brain, "SyNOnly", settings, folder / "syn_")


def template_at(registration: Registration, template: Volume, places_mm: np.ndarray) -> np.ndarray:
    """Interpolate something in template space at places (..., 3) of the subject, in mm."""
    points = registration.to_template(places_mm.reshape(-1, 3))
    return template.at(points, mode="nearest").reshape(places_mm.shape[:-1])


def _improved(
    start: Registration,
    volume: Volume,
    kind: str,
    settings: MriSettings,
    prefix: Path,
    region: Volume | None = None,
    **search: Any,
) -> Registration:
    """Search from a start, by what lies in a region (1, else 0; None: everywhere)."""
    template = templates.brain_template(settings.grid_mm)
    result = antspy.ants().registration(
        antspy.as_image(template),
        antspy.as_image(volume),
        kind,
        mask=None if region is None else antspy.as_image(region),
        initial_transform=[name for name, _ in start.forward],
        random_seed=settings.seed,
        outprefix=str(prefix),
        **search,
    )
    inside = templates.template_brain(settings.grid_mm).data > 0
    warped = result["warpedmovout"].numpy()[inside]
    similarity = templates.correlation(warped, template.data[inside])
    forward = tuple((name, False) for name in result["fwdtransforms"])
    # Of deformations there is an inverse file; affine transforms are inverted when they are used.
    back = tuple((name, name.endswith(".mat")) for name in result["invtransforms"])
    return Registration(forward, back, similarity)


def _start(centre_mm: np.ndarray, tilt: tuple[int, ...], path: Path) -> Registration:
    """Put the template's brain at a place, turned by degrees."""
    turn = Rotation.from_euler("xyz", tilt, degrees=True).as_matrix()
    written = antspy.write_affine(turn, centre_mm - turn @ _CENTRE, path)
    return Registration(((written, False),), ((written, True),), 0.0)
