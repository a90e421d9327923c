"""Where and how disease and age change the brain, in the space of the template.

Both are a displacement and a darkening on the template, in proportion to a size ``e``: the changed
brain at ``u`` shows the template at ``u + e v(u)``, darker by the share ``e w(u)``. Displacements point
up the gradient of smoothed fluid, so that fluid spaces grow, and down that of the smoothed
hippocampus, so that it shrinks.

Disease: the lateral ventricles with their temporal horns widen, hippocampus and amygdala shrink,
the sulci of the medial temporal lobe widen, its grey matter and the brim of the horns darken. Nothing
changes outside `region`. A size of 1 stands for one standard deviation of severity, a size of 0
for the mean of the controls.
Age: all fluid spaces widen alike, per standard deviation of age.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from armed_study.simulation.mri.anatomy import COARSE, tissues
from armed_study.simulation.mri.lattice import Lattice

# Right side: nodes (x, y, z) in mm of a tube along amygdala, head, body and tail.
_HIPPOCAMPUS = ((22, -4, -20), (26, -11, -20), (29, -20, -15), (30, -28, -10), (25, -37, -3))
_HIPPOCAMPUS_MM = 7.5
_HORN = ((30, -3, -22), (33, -9, -17), (36, -18, -13), (36, -27, -9), (33, -36, -3))
_HORN_RADIUS_MM = 1.5
# Centres and radii (mm) of the regions, mirrored in x: what the disease may touch at most.
_TEMPORAL = (((27, -10, -22), (20, 22, 18)), ((30, -28, -14), (19, 24, 18)))
_VENTRICLES = (((14, -4, 15), (23, 38, 20)), ((24, -36, 10), (24, 26, 22)))
_SHRINK_MM, _HORN_MM, _VENTRICLE_MM, _AGE_MM = 0.75, 0.55, 0.8, 0.30
_DARKEN, _DARKEN_HORN = 0.05, 0.13


@dataclass(frozen=True)
class Changes:
    """What one unit of disease and one of age do, on `COARSE`.

    Parameters
    ----------
    disease, age : ndarray, shape (4, *COARSE.shape)
        Displacement (mm) along x, y, z and share of darkening.
    region : Lattice, one component
        0 to 1: how freely the disease acts; 0 where it never does.
    """

    disease: np.ndarray
    age: np.ndarray
    region: Lattice

    def lattice(self, disease: float, age: float) -> Lattice:
        """Return displacement and darkening for these sizes."""
        return COARSE.lattice(np.float32(disease) * self.disease + np.float32(age) * self.age)


@lru_cache(maxsize=1)
def changes() -> Changes:
    """Work the two changes out from the tissue maps."""
    fluid, grey, _ = tissues()
    points = COARSE.points().reshape(3, *COARSE.shape)
    temporal, ventricles = _bumps(points, _TEMPORAL), _bumps(points, _VENTRICLES)
    tube = _tube(points, _HIPPOCAMPUS, _HIPPOCAMPUS_MM)
    hippocampus = np.clip(tube, 0, 1) * (grey > 0.35)
    inner = fluid * (ventricles > 0.02)
    displacement = (
        _VENTRICLE_MM * _ascent(inner, 2.0) * ventricles
        + _HORN_MM * _ascent(fluid, 1.25) * temporal
        - _SHRINK_MM * _ascent(hippocampus, 1.25) * temporal
    )
    horn = _tube(points, _HORN, _HORN_RADIUS_MM)
    darkening = temporal * np.maximum(
        _DARKEN * np.clip(grey * (0.4 + 0.6 * tube), 0, 1), _DARKEN_HORN * horn
    )
    everywhere = _AGE_MM * _ascent(fluid, 1.5)
    return Changes(
        disease=_by_node(displacement, darkening),
        age=_by_node(everywhere, np.zeros_like(darkening)),
        region=COARSE.lattice(np.maximum(temporal, ventricles).astype(np.float32)[None]),
    )


def _by_node(displacement: np.ndarray, darkening: np.ndarray) -> np.ndarray:
    """Return the four components, in memory those of a node together, as a `Lattice` looks them up."""
    parts = np.stack([*displacement, darkening], axis=-1)
    return np.moveaxis(parts.astype(np.float32), -1, 0)


def _bumps(points: np.ndarray, parts: tuple) -> np.ndarray:
    """Return the largest of the parts' bumps: 1 in the middle half, 0 from the radii on."""
    x, y, z = np.abs(points[0]), points[1], points[2]
    best = np.zeros(points.shape[1:])
    for centre, radii in parts:
        reach = np.sqrt(
            sum(((a - c) / r) ** 2 for a, c, r in zip((x, y, z), centre, radii, strict=True))
        )
        t = np.clip((1 - reach) / 0.45, 0, 1)
        best = np.maximum(best, t * t * (3 - 2 * t))
    return best


def _tube(points: np.ndarray, nodes: tuple, radius: float) -> np.ndarray:
    """Return 1 in the tube along the nodes and its mirror image, falling to 0 within 3 mm."""
    x, y, z = np.abs(points[0]), points[1], points[2]
    given = np.array(nodes, dtype=float)
    steps = np.linspace(0, len(given) - 1, 25)
    curve = np.array([np.interp(steps, range(len(given)), given[:, axis]) for axis in range(3)])
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    for p, q, r in curve.T.astype(np.float32):
        np.minimum(nearest, (x - p) ** 2 + (y - q) ** 2 + (z - r) ** 2, out=nearest)
    return np.clip((radius + 3 - np.sqrt(nearest)) / 3, 0, 1)


def _ascent(values: np.ndarray, sigma: float) -> np.ndarray:
    """Return the gradient of the smoothed values (`sigma` in nodes), its length brought below 1."""
    slope = np.stack(np.gradient(ndimage.gaussian_filter(values, sigma)))
    length = np.sqrt((slope**2).sum(axis=0))
    steep = np.percentile(length[length > 0.01 * length.max()], 90)
    return slope * (np.tanh(length / steep) / np.maximum(length, 1e-6 * steep))
