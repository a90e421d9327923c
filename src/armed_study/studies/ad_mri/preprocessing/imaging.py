"""The picture that a network gets, of a subject and of the template."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import (
    BrainSlice,
    slice_in_template_space,
)
from armed_study.studies.ad_mri.preprocessing.slicing import (
    Frame,
    brain_only,
    fit_frame,
    frame_brain,
    pixels_of,
    scale_intensity,
)
from armed_study.studies.ad_mri.preprocessing.templates import brain_template
from armed_study.studies.ad_mri.scans.volumes import Volume


@dataclass(frozen=True)
class Window:
    """What an image shows of its volume: a plane, counted from the back, and a square in it."""

    plane: int
    frame: Frame

    def measures(self) -> dict[str, float]:
        """Return it by the names of table `qc`."""
        row, column = self.frame.centre
        return {
            "plane": self.plane,
            "frame_row": row,
            "frame_column": column,
            "frame_side": self.frame.side,
        }

    @classmethod
    def from_measures(cls, row: Mapping[str, float]) -> "Window":
        """Read it from a row of table `qc`."""
        centre = (float(row["frame_row"]), float(row["frame_column"]))
        return cls(int(row["plane"]), Frame(centre, float(row["frame_side"])))


def window_of(brain_slice: BrainSlice, settings: MriSettings) -> Window:
    """Return what the image of a slice shows."""
    return Window(
        brain_slice.plane.index,
        frame_brain(brain_slice.brain, brain_slice.plane.edge_mm, settings.margin),
    )


def make_image(brain_slice: BrainSlice, settings: MriSettings) -> np.ndarray:
    """Crop, pad, resample and scale the brain of a slice: (size, size) float32 from 0 to 1."""
    pixels = brain_only(brain_slice.plane.pixels, brain_slice.brain)
    frame = window_of(brain_slice, settings).frame
    image = fit_frame(pixels, brain_slice.plane.edge_mm, frame, settings.size)
    return scale_intensity(image, settings.percentiles)


def make_companion(volume: Volume, window: Window, size: int) -> np.ndarray:
    """Extract from another volume, on the voxels of a scan, what the scan's image shows.

    (size, size) float32, not scaled. Pixel by pixel it shows the same places as the image.
    """
    edges = (float(volume.voxel_mm[2]), float(volume.voxel_mm[0]))
    pixels = pixels_of(volume, window.plane)
    return fit_frame(pixels, edges, window.frame, size).astype(np.float32)


@functools.cache
def template_image(settings: MriSettings) -> np.ndarray:
    """Return the image that the template itself becomes."""
    template = brain_template(2)
    brain = np.where(template.data > 0.1, template.data, 0)
    brain_slice = slice_in_template_space(Volume(brain, template.affine), settings)
    return make_image(brain_slice, settings)
