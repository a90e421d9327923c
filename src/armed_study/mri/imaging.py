"""The picture that a network gets, of a subject and of the template."""

import functools

import numpy as np

from armed_study.mri.cutting import Cut, cut_in_template_space
from armed_study.mri.settings import MriSettings
from armed_study.mri.slicing import brain_only, fit_frame, frame_brain, scale_intensity
from armed_study.mri.templates import brain_template
from armed_study.mri.volumes import Volume


def make_image(cut: Cut, settings: MriSettings) -> np.ndarray:
    """Crop, pad, resample and scale the brain of a slice: (size, size) float32 from 0 to 1."""
    edges = cut.plane.edge_mm
    frame = frame_brain(cut.brain, edges, settings.margin)
    pixels = brain_only(cut.plane.pixels, cut.brain)
    return scale_intensity(fit_frame(pixels, edges, frame, settings.size), settings.percentiles)


@functools.cache
def template_image(settings: MriSettings) -> np.ndarray:
    """Return the image that the template itself becomes."""
    template = brain_template(2)
    brain = np.where(template.data > 0.1, template.data, 0)
    cut = cut_in_template_space(Volume(brain, template.affine), settings)
    return make_image(cut, settings)
