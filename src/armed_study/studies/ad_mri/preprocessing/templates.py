"""The template that images are registered to, and its brain.

It is the brain of the symmetric MNI152 average of 2009 (version a), which the `nilearn` wheel
ships: no download. Its space is that of MNI152NLin2009cAsym to within about a millimetre.

References
----------
Fonov et al. 2011, Unbiased average age-appropriate atlases for pediatric studies, NeuroImage 54.
"""

import functools

import numpy as np
from scipy import ndimage

from armed_study.studies.ad_mri.scans.volumes import Volume

PAD_MM = 24  # of air around, into which the brain's surroundings and a dilated mask can reach


@functools.cache
def brain_template(edge_mm: int) -> Volume:
    """Return the template, air around it 0 and the brightest tissue 1."""
    from nilearn.datasets import load_mni152_template

    image = load_mni152_template(resolution=edge_mm)
    width = -(-PAD_MM // edge_mm)
    affine = image.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ np.full(3, width)
    return Volume(np.pad(np.asarray(image.dataobj, dtype=np.float32), width), affine)


@functools.cache
def template_brain(edge_mm: int) -> Volume:
    """Return 1 in the template's brain, its ventricles and sulci included, else 0."""
    template = brain_template(edge_mm)
    # Interpolation leaves traces in the air; the brain's darkest fluid is brighter than these.
    closed = ndimage.binary_closing(template.data > 0.1, iterations=max(4 // edge_mm, 1))
    return Volume(ndimage.binary_fill_holes(closed).astype(np.float32), template.affine)


@functools.cache
def template_places(edge_mm: int) -> np.ndarray:
    """Return where the template's voxels lie, (voxels, 3) mm."""
    return template_brain(edge_mm).places_mm().reshape(-1, 3)


@functools.cache
def template_distance(edge_mm: int) -> Volume:
    """Return the distance from the edge of the template's brain in mm, negative inside."""
    brain = template_brain(edge_mm)
    outside = ndimage.distance_transform_edt(brain.data == 0, sampling=edge_mm)
    inside = ndimage.distance_transform_edt(brain.data > 0, sampling=edge_mm)
    return Volume((outside - inside).astype(np.float32), brain.affine)


def correlation(values: np.ndarray, known: np.ndarray) -> float:
    """Return the correlation of intensities with those of the template; 0 if they are constant."""
    return float(np.corrcoef(values, known)[0, 1]) if np.ptp(values) > 0 else 0.0
