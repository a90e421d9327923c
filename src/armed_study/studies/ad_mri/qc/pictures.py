"""A picture to check the preparation of a scan by."""

import numpy as np
from scipy import ndimage

from armed_study.studies.ad_mri.preprocessing.slice_extraction import BrainSlice
from armed_study.studies.ad_mri.preprocessing.slicing import Frame, fit_frame, place_in_frame

PANEL = 192  # pixels, each half of a picture
_BRAIN, _TEMPLATE, _POINT = (213, 94, 0), (86, 180, 233), (255, 225, 60)


def draw_check(brain_slice: BrainSlice | None, image: np.ndarray | None) -> np.ndarray:
    """Draw what to check a scan by: (PANEL, 2 * PANEL, 3) uint8.

    Left the whole slice with the outlines of the brain (orange) and of the registered template's
    (blue) and the point (yellow), right the image; crossed out where there is none.
    """
    return np.concatenate([_whole_slice(brain_slice), _result(image)], axis=1)


def _whole_slice(brain_slice: BrainSlice | None) -> np.ndarray:
    if brain_slice is None:
        return _crossed()
    edges = np.array(brain_slice.plane.edge_mm)
    shape = np.array(brain_slice.plane.pixels.shape)
    side = float((shape * edges).max())
    middle = (shape - 1) / 2 * edges
    frame = Frame((float(middle[0]), float(middle[1])), side)

    def fit(pixels: np.ndarray) -> np.ndarray:
        return fit_frame(pixels.astype(np.float32), brain_slice.plane.edge_mm, frame, PANEL)

    grey = fit(brain_slice.plane.pixels)
    low, high = np.percentile(grey, (1, 99.5))
    panel = _grey(np.clip((grey - low) / (high - low if high > low else 1), 0, 1))
    for mask, colour in ((brain_slice.template, _TEMPLATE), (brain_slice.brain, _BRAIN)):
        inside = fit(mask) > 0.5
        panel[inside & ~ndimage.binary_erosion(inside)] = colour
    place = place_in_frame(brain_slice.plane.point, brain_slice.plane.edge_mm, frame, PANEL)
    row, column = np.rint(place).astype(int)
    for offset in (*range(-7, -2), *range(3, 8)):
        for r, c in ((row + offset, column), (row, column + offset)):
            if 0 <= r < PANEL and 0 <= c < PANEL:
                panel[r, c] = _POINT
    return panel


def _result(image: np.ndarray | None) -> np.ndarray:
    if image is None:
        return _crossed()
    nearest = np.arange(PANEL) * len(image) // PANEL
    return _grey(image[np.ix_(nearest, nearest)])


def _crossed() -> np.ndarray:
    panel = np.full((PANEL, PANEL, 3), 60, dtype=np.uint8)
    diagonal = np.arange(PANEL)
    panel[diagonal, diagonal] = 150
    panel[diagonal, PANEL - 1 - diagonal] = 150
    return panel


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.rint(values * 255).astype(np.uint8)[..., None], 3, axis=2)
