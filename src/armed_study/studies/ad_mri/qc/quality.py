"""Is the image what it should be? Measures, with the limits beyond which a scan is doubtful."""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import (
    BrainSlice,
    slice_in_template_space,
)
from armed_study.studies.ad_mri.preprocessing.slicing import (
    fit_frame,
    frame_brain,
    make_image,
    place_in_frame,
)
from armed_study.studies.ad_mri.preprocessing.templates import brain_template
from armed_study.studies.ad_mri.scans.volumes import Volume


class Limit(NamedTuple):
    """Between which values a measure raises no doubt, and what is said where it does not."""

    measure: str
    low: float
    high: float
    doubt: str


LIMITS = (
    # Adult brains with their fluid hold 1 to 1.9 litres, the template, which is large, 1.9.
    Limit("brain_ml", 900, 2400, "brain of implausible size"),
    # On heads made from the template in known poses, good registrations came to 0.88 and more,
    # failed ones to 0.2 and less; single brains, noise and bias fields take some off the former.
    Limit("similarity", 0.4, 1, "registration unlike the template"),
    # On the same heads: 0.97 and more, and at most 0.9; single brains reach about 0.93 by an affine.
    Limit("overlap", 0.9, 1, "brain does not cover the template's"),
    # The brain fills about 0.6 of its square; less than a third is a rim of it.
    Limit("slice_share", 0.3, 1, "hardly any brain in the slice"),
    # Slices of other brains correlate with the template's by 0.6 and more, turned ones by 0.4.
    Limit("upright", 0.45, 1, "slice unlike the template's"),
)


def doubts(measures: Mapping[str, float]) -> list[str]:
    """Say what is doubtful about the measures of a scan, one entry for each limit passed."""
    found = [
        f"{limit.doubt} ({limit.measure} {measures[limit.measure]:.3g})"
        for limit in LIMITS
        if limit.measure in measures and not limit.low <= measures[limit.measure] <= limit.high
    ]
    if measures.get("turned", -1) > measures.get("upright", 1):
        found.append("slice turned or upside down")
    return found


def measure_image(
    image: np.ndarray, brain_slice: BrainSlice, settings: MriSettings
) -> dict[str, float]:
    """Measure a finished image, and the slice that it was made of.

    Returns
    -------
    dict
        `slice_share`, the share of its pixels that are brain; `upright`, its correlation with the template's
        slice; `turned`, the highest one after one to three quarter turns. That left and right are
        exchanged cannot be seen in a picture: a brain is too symmetric. `point_row`, `point_column` and
        `pixel_mm`, where in the image the slice's point is and how long the edge of a pixel is;
        `raw_mean` and `raw_contrast` of the brain before any scaling; `plane`, `frame_row`,
        `frame_column` and `frame_side`, which part of the volume the image shows.
    """
    known = template_image(settings)
    turns = [float(np.corrcoef(np.rot90(image, k).ravel(), known.ravel())[0, 1]) for k in range(4)]
    plane, brain = brain_slice.plane, brain_slice.brain
    frame = frame_brain(brain, plane.edge_mm, settings.margin)
    inside = fit_frame(brain.astype(np.float32), plane.edge_mm, frame, settings.size)
    row, column = place_in_frame(plane.point, plane.edge_mm, frame, settings.size)
    raw = plane.pixels[brain].astype(np.float64)
    mean = float(raw.mean())
    return {
        "plane": plane.index,
        "frame_row": frame.centre[0],
        "frame_column": frame.centre[1],
        "frame_side": frame.side,
        "slice_share": float((inside > 0.5).mean()),
        "upright": turns[0],
        "turned": max(turns[1:]),
        "point_row": row,
        "point_column": column,
        "pixel_mm": frame.side / settings.size,
        "raw_mean": mean,
        "raw_contrast": float(raw.std()) / mean if mean > 0 else np.nan,
    }


@functools.cache
def template_image(settings: MriSettings) -> np.ndarray:
    """Return the image that the template itself becomes."""
    template = brain_template(2)
    brain = np.where(template.data > 0.1, template.data, 0)
    found = slice_in_template_space(Volume(brain, template.affine), settings)
    return make_image(found.plane, found.brain, settings)
