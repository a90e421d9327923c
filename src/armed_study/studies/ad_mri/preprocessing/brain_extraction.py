"""Which part of a volume is head, and which is brain."""

import numpy as np
from scipy import ndimage

from armed_study.studies.ad_mri.scans.volumes import Volume

LARGEST_BRAIN_ML = 2500
"""A head is larger: even without a neck it measures above 3 litres, and a brain with its fluid
rarely above 2. Between the two lies the limit between an extracted brain and a head."""

_REACH_MM = 6.0  # an affine leaves about so much between a brain's edge and the template's
_BRIDGE_MM = 2.0  # thickness of what links brain and skull: vessels, nerves, dura
_CORE_MM = 8.0  # so far inside the template's brain there is brain for certain
_SMOOTH_MM = 4.0  # sulci narrower than twice this belong to the brain


def outline_head(volume: Volume) -> np.ndarray:
    """Return what is not air, holes filled, bool in the volume's shape."""
    low, high = np.percentile(volume.data, (2, 98))
    solid = volume.data > low + 0.1 * (high - low)  # a tenth, as in Smith's brain extraction tool
    solid = _largest(ndimage.binary_opening(solid))
    for level in range(solid.shape[2]):  # a head is open below, so it is filled level by level
        solid[:, :, level] = ndimage.binary_fill_holes(solid[:, :, level])
    return solid


def exact_brain(volume: Volume) -> np.ndarray | None:
    """Return what differs from an even background, if it is no larger than a brain."""
    different = volume.data != np.median(_shell(volume.data))
    return different if different.sum() * volume.voxel_ml < LARGEST_BRAIN_ML else None


def centre_of_brain(volume: Volume, outline: np.ndarray, *, extracted: bool) -> np.ndarray:
    """Guess where the middle of the brain is, (3,) mm; in a head, from its top and sides."""
    places = np.argwhere(outline) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    if extracted:
        return places.mean(axis=0)
    top = np.percentile(places[:, 2], 99.9)
    upper = places[places[:, 2] > top - 110]  # mm: cranium, above neck and most of the face
    return np.array([*upper[:, :2].mean(axis=0), top - 80])


def fill_brain(brain: np.ndarray, volume: Volume) -> np.ndarray:
    """Add the fluid in and around a brain (bool) that was extracted already."""
    brain = _largest(brain)
    return ndimage.binary_fill_holes(brain | _closed(brain, volume))


def extract_brain(volume: Volume, distance: np.ndarray) -> np.ndarray:
    """Find the brain of a head.

    Parameters
    ----------
    volume
        The head.
    distance
        In the volume's shape: from the registered template's brain, mm, negative inside.

    Returns
    -------
    ndarray
        bool: what is as bright as tissue near the template's brain and hangs together with its
        core when thin bridges are cut, with the fluid enclosed by it.
    """
    near = distance < _REACH_MM
    tissue = near & (volume.data > _threshold(volume.data[near]))
    bridge = _ball(_BRIDGE_MM, volume)
    inside = distance < -_CORE_MM
    core = _largest(ndimage.binary_erosion(tissue, bridge), inside)
    brain = ndimage.binary_dilation(core, bridge) & tissue
    closed = _closed(brain, volume) & near
    return ndimage.binary_fill_holes(closed | inside)


def _threshold(values: np.ndarray, bins: int = 128) -> float:
    """Return Otsu's threshold between dark and bright (Otsu 1979)."""
    values = np.clip(values, *np.percentile(values, (0.5, 99.5)))
    counts, edges = np.histogram(values, bins)
    centres = (edges[1:] + edges[:-1]) / 2
    below, total = np.cumsum(counts), np.cumsum(counts * centres)
    above = below[-1] - below
    between = (total[-1] * below / below[-1] - total) ** 2 / np.maximum(below * above, 1)
    return float(centres[np.argmax(between)])


def _closed(mask: np.ndarray, volume: Volume) -> np.ndarray:
    """Close gaps; with air around, as what lies beyond the volume would count as brain."""
    padded = np.pad(mask, 8)
    return ndimage.binary_closing(padded, _ball(_SMOOTH_MM, volume))[8:-8, 8:-8, 8:-8]


def _shell(data: np.ndarray) -> np.ndarray:
    """Return the outermost voxels but those below, where neck or brain stem may leave the volume."""
    return np.concatenate([data[[0, -1]].ravel(), data[:, [0, -1]].ravel(), data[..., -1].ravel()])


def _ball(radius_mm: float, volume: Volume) -> np.ndarray:
    reach = np.maximum(np.floor(radius_mm / volume.voxel_mm), 1).astype(int)
    axes = [np.arange(-n, n + 1) * edge for n, edge in zip(reach, volume.voxel_mm, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    return x**2 + y**2 + z**2 <= max(radius_mm, volume.voxel_mm.max()) ** 2


def _largest(mask: np.ndarray, core: np.ndarray | None = None) -> np.ndarray:
    """Return the connected part of a mask (bool) with most voxels, of those in a core if given."""
    labels, count = ndimage.label(mask)
    inside = np.bincount(labels[mask if core is None else core], minlength=count + 1)[1:]
    return labels == np.argmax(inside) + 1 if count else mask
