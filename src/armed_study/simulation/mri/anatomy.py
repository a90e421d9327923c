"""Anatomy of the simulated MRI: the MNI152 2009a templates that nilearn ships, and a head around.

The template is an average of 152 brains, skull-stripped, symmetric, at 1 mm; its tissue maps give
grey and white matter. Skull and scalp are shells of the brain's mask and the face a few balls: they
are added so that they have to be removed.

Source: Fonov et al., NeuroImage 2011, 54(1):313-327 (MNI152 nonlinear symmetric 2009a).
"""

from functools import lru_cache

import numpy as np
from nilearn import datasets
from scipy import ndimage

from armed_study.simulation.mri.lattice import Grid, Lattice

# Intensities of the template (white matter about 0.88, grey 0.66, fluid 0.27 through averaging).
CSF, GREY, WHITE = 0.27, 0.66, 0.88
TEMPLATE = Grid(origin=(-98.0, -134.0, -72.0), shape=(197, 233, 189), voxel=1.0)
COARSE = Grid(origin=(-98.0, -134.0, -72.0), shape=(99, 117, 95), voxel=2.0)
HEAD = Grid(origin=(-106.0, -142.0, -112.0), shape=(107, 125, 115), voxel=2.0)
_SKULL_MM, _SCALP_MM, _END_MM = 2.5, 8.5, 14.5
_AIR, _BONE, _MARROW, _SKIN, _FLESH = 0.0, 0.08, 0.28, 0.95, 0.5
# Balls (centre, radii, intensity), later ones over earlier ones; mirrored in x.
_FACE = (
    ((0, 48, -52), (62, 48, 62), _FLESH),
    ((30, 62, -52), (26, 30, 24), _SKIN),
    ((0, -38, -88), (58, 58, 60), _FLESH),
    ((0, -66, -84), (50, 26, 50), _SKIN),
    ((0, 58, -44), (12, 30, 26), 0.05),
    ((26, 44, -52), (14, 16, 16), 0.05),
    ((0, 14, -92), (16, 22, 50), 0.06),
    ((0, -36, -100), (9, 9, 60), 0.75),
    ((32, 62, -32), (16, 15, 14), 0.85),
    ((32, 66, -32), (12, 12, 12), 0.22),
)


@lru_cache(maxsize=1)
def template() -> np.ndarray:
    """Return the T1 template on `TEMPLATE`, 0 outside the brain, float32."""
    return np.asarray(datasets.load_mni152_template(resolution=1).dataobj, dtype=np.float32)


@lru_cache(maxsize=3)
def brain(voxel: float) -> Lattice:
    """Return the template as images of this voxel size see it: averaged over about a voxel."""
    sigma = 0.35 * voxel if voxel > 1 else 0.0
    smooth = ndimage.gaussian_filter(template(), sigma) if sigma else template()
    return TEMPLATE.lattice(smooth[None])


@lru_cache(maxsize=1)
def tissues() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return fluid, grey and white matter (0 to 1) on `COARSE`."""
    grey, white = (
        np.asarray(load(resolution=1).dataobj, dtype=np.float32)
        for load in (datasets.load_mni152_gm_template, datasets.load_mni152_wm_template)
    )
    inside = (template() > 0).astype(np.float32)
    fluid = np.clip(inside - grey - white, 0, 1)
    dark = np.clip((GREY - template()) / (GREY - CSF), 0, 1) * inside
    return _halved(np.maximum(fluid, dark)), _halved(grey), _halved(white)


@lru_cache(maxsize=3)
def near_brain(grid: Grid, margin_mm: float = 12.0) -> np.ndarray:
    """Return which voxels of a grid in MNI space lie within `margin_mm` of the template's brain."""
    distance = ndimage.distance_transform_edt(template()[::2, ::2, ::2] == 0) * 2
    near = COARSE.lattice((distance <= margin_mm).astype(np.float32)[None]).at(grid.points())
    return (near[0] > 0.5).reshape(grid.shape)


@lru_cache(maxsize=3)
def points_near_brain(grid: Grid) -> np.ndarray:
    """Return the centres of these voxels, shape (3, voxels)."""
    return grid.points(near_brain(grid))


@lru_cache(maxsize=1)
def head() -> Lattice:
    """Return what surrounds the brain, on `HEAD`; fluid where the brain is."""
    mask = np.zeros(HEAD.shape, dtype=bool)
    offset = ((np.array(COARSE.origin) - HEAD.origin) / HEAD.voxel).astype(int)
    place = tuple(slice(o, o + n) for o, n in zip(offset, COARSE.shape, strict=True))
    mask[place] = template()[::2, ::2, ::2] > 0
    mask = ndimage.binary_closing(mask, iterations=6) | mask
    distance = ndimage.distance_transform_edt(~mask) * HEAD.voxel
    distance = ndimage.gaussian_filter(distance.astype(np.float32), 1.0)
    values = _face()
    shell = np.interp(
        distance,
        [0, _SKULL_MM, 3.5, 5.5, 7.5, _SCALP_MM, 9.5, 13, _END_MM, 16],
        [0.7 * CSF, 0.7 * CSF, _BONE, _MARROW, _BONE, _BONE, _SKIN, _FLESH, _FLESH, _AIR],
    )
    z = HEAD.origin[2] + HEAD.voxel * np.arange(HEAD.shape[2])
    y = (HEAD.origin[1] + HEAD.voxel * np.arange(HEAD.shape[1]))[None, :, None]
    covered = z[None, None] > np.where(y > 40, -34, -34 - 0.5 * (40 - y).clip(0, 60))
    shelled = (distance < 3) | ((distance < _END_MM + 1.5) & covered)
    values = np.where(shelled, shell, values).astype(np.float32)
    return HEAD.lattice(ndimage.gaussian_filter(values, 0.4)[None])


@lru_cache(maxsize=1)
def head_region() -> Lattice:
    """Return which voxels of `HEAD` hold anything but air."""
    filled = ndimage.binary_dilation(head().values[0] > 0.02, iterations=6)
    return HEAD.lattice(filled[None])


def _face() -> np.ndarray:
    x, y, z = HEAD.points().reshape(3, *HEAD.shape)
    rng = np.random.default_rng(0)  # the same texture in everybody
    texture = 1 + 0.12 * ndimage.gaussian_filter(rng.standard_normal(HEAD.shape), 2.0) * 8
    values = np.zeros(HEAD.shape, dtype=np.float32)
    for centre, radii, level in _FACE:
        reach = sum(
            ((axis - c) / r) ** 2
            for axis, c, r in zip((np.abs(x), y, z), centre, radii, strict=True)
        )
        values[reach < 1] = level
    return values * texture


def _halved(values: np.ndarray) -> np.ndarray:
    return ndimage.gaussian_filter(values, 0.7)[::2, ::2, ::2]
