"""Small T1-weighted volumes made from the MNI152 template, in known poses, and trees of them."""

import functools
import json
from dataclasses import dataclass

import nibabel as nib
import numpy as np
from nilearn.datasets import load_mni152_template
from scipy import ndimage
from scipy.spatial.transform import Rotation

POINT = np.array([32.0, -6.0, -26.0])  # right hippocampus, mm in MNI space
SIDECAR = {
    "Manufacturer": "GE", "ManufacturersModelName": "Invented 3T", "MagneticFieldStrength": 3.0,
    "RepetitionTime": 2.3, "EchoTime": 0.003, "FlipAngle": 9,
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A volume (RAS), its affine, where the hippocampus point is, and the true brain."""

    data: np.ndarray
    affine: np.ndarray
    point: np.ndarray
    brain: np.ndarray


@functools.cache
def template(edge=4):
    image = load_mni152_template(resolution=edge)
    data = np.asarray(image.dataobj, dtype=np.float32)
    return np.where(data > 0.1, data, 0) * 800, image.affine


@functools.cache
def _head(skull):
    """Template at 4 mm with air around it; skull, scalp, neck and face are made up."""
    data, affine = template()
    pad = 8
    data = np.pad(data, pad)
    affine = affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ np.full(3, pad)
    brain = ndimage.binary_fill_holes(ndimage.binary_closing(data > 0))
    if skull:
        far = ndimage.distance_transform_edt(~brain, sampling=4)
        x, y, z = np.moveaxis(nib.affines.apply_affine(affine, _voxels(data.shape)), -1, 0)
        data = np.select(
            [brain, far <= 4, far <= 11, far <= 17], [data, 80.0, 40.0, 760.0], default=0.0
        )
        neck = ((x / 55) ** 2 + ((y + 30) / 60) ** 2 < 1) & (z < -40)
        face = (x / 60) ** 2 + ((y - 55) / 35) ** 2 + ((z + 60) / 45) ** 2 < 1
        data = np.where((neck | face) & (far > 11), 450 + 100 * np.sin(x / 9) * np.cos(z / 7), data)
    return data.astype(np.float32), affine, brain.astype(np.float32)


def make(seed, *, skull=False, edge=4.0, degrees=12, deform_mm=0.0, noise=0.02):
    """A volume of cubes with a rigid pose and a size of its own, deformed by about `deform_mm`."""
    rng = np.random.default_rng(seed)
    source, affine, brain = _head(skull)
    turn = Rotation.from_euler("xyz", rng.uniform(-degrees, degrees, 3), degrees=True).as_matrix()
    matrix = turn * (1 + rng.uniform(-0.06, 0.06, 3))  # columns: sizes along the template's axes
    shift = rng.uniform(-12, 12, 3)
    shape = np.ceil(np.array([200, 248, 240]) / edge).astype(int)
    grid = np.diag([edge, edge, edge, 1.0])
    grid[:3, 3] = (-100, -142, -130)
    places = nib.affines.apply_affine(grid, _voxels(shape))
    bend = _smooth_field(rng, shape, edge) * deform_mm
    there = (places - shift) @ np.linalg.inv(matrix).T + bend
    voxels = np.moveaxis(nib.affines.apply_affine(np.linalg.inv(affine), there), -1, 0)
    data = ndimage.map_coordinates(source, voxels, order=1)
    if noise:
        data = np.abs(data + 800 * noise * rng.normal(size=data.shape))
    true = ndimage.map_coordinates(brain, voxels, order=1) > 0.5
    nearest = np.unravel_index(np.argmin(((there - POINT) ** 2).sum(axis=-1)), shape)
    point = matrix @ (POINT - bend[nearest]) + shift
    return Made(data.astype(np.float32), grid, point, true)


def _voxels(shape):
    return np.moveaxis(np.indices(shape), 0, -1)


def _smooth_field(rng, shape, edge):
    """Displacements (..., 3) smooth over 25 mm, of root mean square 1."""
    field = [ndimage.gaussian_filter(rng.normal(size=shape), 25 / edge) for _ in range(3)]
    field = np.stack(field, axis=-1)
    return field / np.sqrt((field**2).sum(axis=-1).mean())


def write(path, data, affine, *, sidecar=SIDECAR, codes=(1, 1)):
    """Write NIfTI (and a sidecar, unless None) under a name, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(data, affine)
    image.set_sform(affine, codes[0])
    image.set_qform(affine, codes[1])
    nib.save(image, path)
    if sidecar is not None:
        path.with_name(path.name.replace(".nii.gz", ".json")).write_text(json.dumps(sidecar))
    return path


def raw_path(root, number, session=1):
    name = f"sub-{number:04d}"
    return root / name / f"ses-{session:02d}" / "anat" / f"{name}_ses-{session:02d}_T1w.nii.gz"


def mni_path(root, number):
    raw = raw_path(root / "derivatives" / "mni", number)
    return raw.with_name(raw.name.replace("_T1w", "_space-MNI152NLin2009cAsym_desc-brain_T1w"))


def write_mni(root, number, *, data=None, sidecar=SIDECAR):
    """Write the template, or other data on its grid, as a scan in MNI space."""
    known, affine = template()
    data = known if data is None else data
    return write(mni_path(root, number), data, affine, sidecar=sidecar)


def write_participants(root, rows, columns=("participant_id", "site", "diagnosis", "age", "sex")):
    root.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(columns), *("\t".join(map(str, row)) for row in rows)]
    (root / "participants.tsv").write_text("\n".join(lines) + "\n")
