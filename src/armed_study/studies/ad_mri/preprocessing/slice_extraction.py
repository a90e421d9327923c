"""Where the slice of a volume lies, and which part of it is brain."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from armed_study.studies.ad_mri.preprocessing import brain_extraction, registration
from armed_study.studies.ad_mri.preprocessing.antspy import estimate_bias_field
from armed_study.studies.ad_mri.preprocessing.registration import UNMOVED, Registration
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slicing import CoronalSlice, coronal_slice
from armed_study.studies.ad_mri.preprocessing.templates import (
    brain_template,
    correlation,
    template_brain,
    template_distance,
    template_places,
)
from armed_study.studies.ad_mri.scans.volumes import Volume, resample

_COARSE_MM = 4  # to tell a head from a brain, and to compare brains
_MASK_MM = 2.0  # for masks; finer ones take minutes and end at the same pixel of a slice

GIVEN, EXTRACTED, TEMPLATE = "given", "extracted", "template"


@dataclass(frozen=True)
class BrainSlice:
    """A slice with what is known of it.

    Parameters
    ----------
    plane
        The coronal slice.
    brain, template
        (height, width) bool, the brain in it and the registered template's brain.
    source
        Where the brain is from: `given` by the image, `extracted`, or the `template`'s.
    whole
        The whole brain, 1 in it; one that is given as the image has it, unfilled: its edge is where the
        image ends, and no voxel there is lacking.
    measures
        Of the volume and its registration, by the names of table `qc`.
    """

    plane: CoronalSlice
    brain: np.ndarray
    template: np.ndarray
    source: str
    whole: Volume
    measures: dict[str, float]

    def solid(self) -> Volume:
        """Return the whole brain, holes filled: as long a computation as all others, and seldom needed."""
        filled = ndimage.binary_fill_holes(self.whole.data > 0.5)
        return Volume(filled.astype(np.float32), self.whole.affine)


def slice_in_template_space(volume: Volume, settings: MriSettings) -> BrainSlice:
    """Extract the slice of a volume in MNI space; a head gets the template's brain."""
    point = np.array(settings.point_mm)
    plane = coronal_slice(volume, point)
    exact = brain_extraction.exact_brain(volume)
    known = _template_in(plane, UNMOVED)
    if exact is None:
        whole, brain, source = template_brain(_COARSE_MM), known, TEMPLATE
    else:
        whole, source = Volume(exact.astype(np.float32), volume.affine), GIVEN
        brain = _solid(exact[:, plane.index, ::-1].T)
    measures = _measures(volume, whole, UNMOVED, point)
    return BrainSlice(plane, brain, known, source, whole, measures)


def slice_in_subject_space(volume: Volume, settings: MriSettings) -> BrainSlice:
    """Extract and register the brain, and the slice where the template's point comes to lie."""
    with tempfile.TemporaryDirectory(prefix="mri_") as name:
        return _extract_slice(volume, settings, Path(name))


def _extract_slice(volume: Volume, settings: MriSettings, folder: Path) -> BrainSlice:
    coarse = resample(volume, _COARSE_MM)
    outline = brain_extraction.outline_head(coarse)
    exact = brain_extraction.exact_brain(volume)
    only_brain = outline.sum() * coarse.voxel_ml < brain_extraction.LARGEST_BRAIN_ML
    extracted = exact is not None or bool(only_brain)
    head = resample(volume, settings.grid_mm)
    found = registration.register_affine(
        head,
        brain_extraction.centre_of_brain(coarse, outline, extracted=extracted),
        extracted=extracted,
        settings=settings,
        folder=folder,
    )
    work = resample(volume, max(_MASK_MM, float(volume.voxel_mm.min())))
    mask = _given(volume, exact, work) if extracted else _extract(work, found)
    whole = Volume(mask.astype(np.float32), work.affine)
    bias_field = None
    if settings.bias_correction:
        bias_field = estimate_bias_field(coarse, whole.at(coarse.places_mm()) > 0.5)
        field = bias_field.at(work.places_mm(), mode="nearest")
        work = Volume(work.data / field, work.affine)
    if settings.transform == "syn":
        brain = resample(Volume(work.data * mask, work.affine), settings.grid_mm)
        found = closest = registration.register_syn(brain, found, settings=settings, folder=folder)
    else:
        closest = registration.register_near(
            np.array(settings.point_mm), head, found, settings=settings, folder=folder
        )
    (point,) = closest.to_subject(np.array([settings.point_mm]))
    plane = coronal_slice(volume, point)
    places = plane.places_mm()
    if bias_field is not None:
        plane = replace(plane, pixels=plane.pixels / bias_field.at(places, mode="nearest"))
    inside, template = whole.at(places) > 0.5, _template_in(plane, found)
    source = GIVEN if extracted else EXTRACTED
    given = whole if exact is None else Volume(exact.astype(np.float32), volume.affine)
    return BrainSlice(plane, inside, template, source, given, _measures(work, whole, found, point))


def _given(volume: Volume, exact: np.ndarray | None, work: Volume) -> np.ndarray:
    """Return the brain of a volume without a head, on the voxels of `work`."""
    if exact is None:
        return brain_extraction.fill_brain(brain_extraction.outline_head(work), work)
    brain = resample(Volume(exact.astype(np.float32), volume.affine), float(work.voxel_mm[0]))
    return brain_extraction.fill_brain(brain.data > 0.5, work)


def _extract(work: Volume, found: Registration) -> np.ndarray:
    """Extract the brain of a head by the template's that is registered to it."""
    distance = registration.template_at(found, template_distance(_COARSE_MM), work.places_mm())
    return brain_extraction.extract_brain(work, distance)


def _template_in(plane: CoronalSlice, found: Registration) -> np.ndarray:
    return registration.template_at(found, template_brain(2), plane.places_mm()) > 0.5


def _measures(
    volume: Volume, whole: Volume, found: Registration, point: np.ndarray
) -> dict[str, float]:
    """Measure a brain (1 in `whole`, else 0) and how well it fits the template, on a coarse grid.

    `similarity` is the correlation of the intensities inside the template's brain, `overlap` the
    Dice coefficient of the two brains.
    """
    known, template = template_brain(_COARSE_MM), brain_template(_COARSE_MM)
    places = found.to_subject(template_places(_COARSE_MM))
    inside, brain = known.data.ravel() > 0, whole.at(places) > 0.5
    overlap = 2 * (brain & inside).sum() / max(brain.sum() + inside.sum(), 1)
    return {
        "brain_ml": float((whole.data > 0.5).sum() * whole.voxel_ml),
        "similarity": correlation(volume.at(places[inside]), template.data.ravel()[inside]),
        "overlap": float(overlap),
        **{f"point_{axis}": float(place) for axis, place in zip("xyz", point, strict=True)},
    }


def _solid(brain: np.ndarray) -> np.ndarray:
    """Fill what a slice of an exact brain leaves out: fluid that happens to be as dark as air."""
    return ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(brain, 2))[2:-2, 2:-2] | brain)
