"""Is the image what it should be? Measures, with the limits beyond which a scan is doubtful."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from armed_study.studies.ad_mri.preprocessing.imaging import template_image, window_of
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import BrainSlice
from armed_study.studies.ad_mri.preprocessing.slicing import fit_frame, place_in_frame


@dataclass(frozen=True)
class Limit:
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
        `raw_mean` and `raw_contrast` of the brain before any scaling.
    """
    known = template_image(settings)
    turns = [float(np.corrcoef(np.rot90(image, k).ravel(), known.ravel())[0, 1]) for k in range(4)]
    edges = brain_slice.plane.edge_mm
    frame = window_of(brain_slice, settings).frame
    inside = fit_frame(brain_slice.brain.astype(np.float32), edges, frame, settings.size)
    row, column = place_in_frame(brain_slice.plane.point, edges, frame, settings.size)
    return {
        "slice_share": float((inside > 0.5).mean()),
        "upright": turns[0],
        "turned": max(turns[1:]),
        "point_row": row,
        "point_column": column,
        "pixel_mm": frame.side / settings.size,
        **_raw(brain_slice.plane.pixels[brain_slice.brain].astype(np.float64)),
    }


def _raw(brain: np.ndarray) -> dict[str, float]:
    mean = float(brain.mean())
    return {"raw_mean": mean, "raw_contrast": float(brain.std()) / mean if mean > 0 else np.nan}
