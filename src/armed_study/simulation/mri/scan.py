"""One simulated scan, formed in memory; where the disease shows in it."""

from dataclasses import dataclass, replace

import numpy as np

from armed_study.simulation.mri import anatomy, scanners
from armed_study.simulation.mri.disease import changes
from armed_study.simulation.mri.lattice import Grid, box_of
from armed_study.simulation.mri.names import MriSettings, number_of, split_scan
from armed_study.simulation.mri.participants import SEPARATION, people, stream
from armed_study.simulation.mri.subject import Subject, moved, pose, subject

_PART = 4
_EDGE = 0.06  # of an intensity inside the brain; below it, outside
_BRAIN = 0.2  # in a raw head: from there on brain rather than what surrounds it
_DARKENING = (-0.05, 0.7)  # least and most
# Voxel axes of the raw images, as orientation codes, which the affine tells.
_STORED = {"GE": "LAS", "Philips": "RAS", "Siemens": "PIR"}
_RAW_ORIGIN, _RAW_EXTENT = (-104.0, -138.0, -108.0), (208, 246, 222)


@dataclass(frozen=True)
class Scan:
    """A volume and what is known of it.

    Parameters
    ----------
    values : ndarray of int16, shape (nx, ny, nz)
    affine : ndarray, shape (4, 4)
        From voxel index to mm: MNI's, or the scanner's for a raw head.
    stored
        Orientation in which the file keeps it (`values` and `affine` are RAS).
    header
        For the sidecar.
    """

    values: np.ndarray
    affine: np.ndarray
    stored: str
    header: dict[str, object]


def image_grid(settings: MriSettings) -> Grid:
    """Return the voxel grid of all scans of a tree."""
    voxel = float(settings.voxel_mm)
    origin, extent = _RAW_ORIGIN, _RAW_EXTENT
    if settings.derivatives:
        origin, extent = anatomy.TEMPLATE.origin, anatomy.TEMPLATE.shape
    x, y, z = (-(-count // settings.voxel_mm) for count in extent)
    return Grid(origin, (x, y, z), voxel)


def form_scan(settings: MriSettings, seed: int, name: str) -> Scan:
    """Form the image of one scan; the same whichever others are formed."""
    participant, session = split_scan(settings, name)
    site = str(people(settings, seed).at[participant, "site"])
    grid = image_grid(settings)
    rng = stream(seed, _PART, number_of(participant), number_of(session))
    scanner = scanners.vary(rng, scanners.site_scanner(settings, seed, site), scanners.SESSION_SD)
    ideal = ideal_image(settings, subject(settings, seed, name), pose(settings, seed, name))
    box = box_of(ideal > 0, margin=6) if settings.derivatives else (slice(None),) * 3
    shown = np.zeros(grid.shape, dtype=np.float32)
    field_seed = scanners.bias_seed(seed, site)
    shown[box] = scanners.scanned(rng, ideal[box], scanner, voxel=grid.voxel, bias_seed=field_seed)
    if settings.derivatives:
        shown[ideal <= _EDGE] = 0
    header = scanners.site_header(settings, seed, site)
    stored = "RAS" if settings.derivatives else _STORED[str(header["Manufacturer"])]
    values = np.clip(np.rint(shown), 0, 32767).astype(np.int16)
    return Scan(values, grid.affine, stored, header)


def ideal_image(settings: MriSettings, person: Subject, matrix: np.ndarray) -> np.ndarray:
    """Return the noise-free image on the template's scale, 0 in air, shape of `image_grid`."""
    where, on_template = _brain_or_head(settings, person, matrix)
    image = np.zeros(where.shape, dtype=np.float32)
    image[where] = _intensity(settings, person, on_template)
    return image


def _brain_or_head(
    settings: MriSettings, person: Subject, matrix: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which voxels may hold anything, and where they lie on the template."""
    grid = image_grid(settings)
    if settings.derivatives:
        return anatomy.near_brain(grid), person.near_brain_on_template(grid)
    points = moved(np.linalg.inv(matrix), grid.points()).astype(np.float32)
    where = (anatomy.head_region().nearest(points) > 0).reshape(grid.shape)
    return where, person.on_template(points[:, where.ravel()])


@dataclass(frozen=True)
class DiseaseMap:
    """Where the disease of one subject shows, on `image_grid` in MNI space (or the scan's).

    Parameters
    ----------
    change : ndarray, shape (nx, ny, nz), float32
        0 to 1: absolute difference between the subject's noise-free images at the severity of an
        average case and of an average control, over its 99.9th percentile within the region.
    region : ndarray, same shape
        0 to 1: how freely the disease acts; 0 where it cannot.
    affine : ndarray, shape (4, 4)
        From voxel index to mm, as of `Scan`.
    """

    change: np.ndarray
    region: np.ndarray
    affine: np.ndarray


def disease_map(settings: MriSettings, seed: int, name: str) -> DiseaseMap:
    """Return where disease shows in a scan; computed again from the seed, in the scan's voxels."""
    person = subject(settings, seed, name)
    matrix = pose(settings, seed, name)
    where, on_template = _brain_or_head(settings, person, matrix)
    grid = image_grid(settings)
    region = np.zeros(grid.shape, dtype=np.float32)
    region[where] = changes().region.at(on_template)[0]
    inside = region > 0
    on_template = on_template[:, inside[where]]
    ill, well = (
        _intensity(settings, replace(person, disease=size), on_template)
        for size in (SEPARATION, 0.0)
    )
    change = np.zeros(grid.shape, dtype=np.float32)
    change[inside] = np.abs(ill - well)
    change = np.clip(change / np.percentile(change[inside], 99.9), 0, 1)
    return DiseaseMap(change, region, grid.affine)


def _intensity(settings: MriSettings, person: Subject, on_template: np.ndarray) -> np.ndarray:
    """Return the intensity of a brain, or of a head, where points lie on the template."""
    near = anatomy.near_brain(anatomy.COARSE, 7.0)  # further than anything is moved
    inner = np.flatnonzero(anatomy.COARSE.lattice(near[None]).nearest(on_template))
    within = on_template.take(inner, axis=1)
    change = changes().lattice(person.disease, person.age).at(within)
    tissue = anatomy.brain(image_grid(settings).voxel).at(within + change[:3])[0]
    shown = np.zeros(on_template.shape[1], dtype=np.float32)
    shown[inner] = tissue * (1 - np.clip(change[3], *_DARKENING))
    if settings.derivatives:
        return shown
    return np.where(shown > _BRAIN, shown, np.maximum(shown, anatomy.head().at(on_template)[0]))
