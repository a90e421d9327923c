"""The simulated MRI as files: a BIDS tree of NIfTI images with sidecars and tables of participants.

One scan is formed, written and let go at a time, so memory does not grow with their number, and the
bytes of a file depend on settings, seed and name alone.
"""

import gzip
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import nibabel as nib
from nibabel.orientations import axcodes2ornt, ornt_transform
from tqdm import tqdm

from armed_study.job import end_with_parent
from armed_study.simulation.mri.anatomy import brain
from armed_study.simulation.mri.disease import changes
from armed_study.simulation.mri.names import (
    MriSettings,
    dataset_folder,
    image_path,
    scan_names,
    sidecar_path,
    split_scan,
)
from armed_study.simulation.mri.participants import participants
from armed_study.simulation.mri.scan import Scan, form_scan, image_grid

BIDS_VERSION = "1.10.0"
CHUNK = 8  # scans that a process takes at a time
_SCANNER_SPACE, _MNI_SPACE = 1, 4  # NIfTI's codes for the meaning of an affine
_COLUMNS = {
    "participant_id": {"Description": "Generated participant"},
    "site": {"Description": "Generated site; S01 and on are the seen ones"},
    "diagnosis": {
        "Description": "Diagnosis, the same at all sessions",
        "Levels": {"AD": "Alzheimer's disease", "CN": "cognitively normal"},
    },
    "age": {"Description": "Age at the first session", "Units": "year"},
    "sex": {"Description": "Sex", "Levels": {"F": "female", "M": "male"}},
}
_README = """\
Generated T1-weighted images of the brain

These are no images of persons. They were generated from the MNI152 2009a templates, deformed at
random, with an atrophy of known place and size and the effects of invented scanners. Participants,
sites, diagnoses and ages are generated too. Settings and seed:

    {settings}
    seed {seed}
"""


def write_tree(
    root: Path,
    settings: MriSettings,
    seed: int,
    *,
    names: Iterable[str] | None = None,
    workers: int = 1,
) -> None:
    """Write the tables of the tree and all of its scans, or those named.

    Parameters
    ----------
    names
        Of scans, as by `scan_names`.
    workers
        Processes, each forming one scan at a time; no byte depends on their number.
    """
    write_tables(root, settings, seed)
    write_scans(root, settings, seed, names=names, workers=workers)


def write_tables(root: Path, settings: MriSettings, seed: int) -> None:
    """Write all that is not an image or its sidecar.

    Derivatives lie in a study that holds nothing else: participants are listed next to their images.
    """
    images = Path(root) / dataset_folder(settings)
    for folder in dict.fromkeys((Path(root), images)):
        folder.mkdir(parents=True, exist_ok=True)
        kind = "study" if folder != images else "derivative" if settings.derivatives else "raw"
        _write_json(folder / "dataset_description.json", _description(kind))
        readme = _README.format(settings=settings, seed=seed)
        (folder / "README").write_text(readme, encoding="utf-8", newline="\n")
    _write_json(images / "participants.json", _COLUMNS)
    text = participants(settings, seed).to_csv(sep="\t", index=False, lineterminator="\n")
    (images / "participants.tsv").write_text(text, encoding="utf-8", newline="\n")


def write_scans(
    root: Path,
    settings: MriSettings,
    seed: int,
    *,
    names: Iterable[str] | None = None,
    workers: int = 1,
) -> None:
    """Write images and sidecars of all scans, or of those named."""
    wanted = scan_names(settings) if names is None else list(names)
    for name in wanted:
        split_scan(settings, name)
    write = partial(_write_scan, Path(root), settings, seed)
    show = partial(tqdm, total=len(wanted), desc="forming", unit="scan")
    if workers <= 1:
        for name in show(wanted):
            write(name)
        return
    # Where processes are forked, they share the templates.
    changes(), brain(image_grid(settings).voxel), participants(settings, seed)
    with ProcessPoolExecutor(workers, initializer=end_with_parent) as pool:
        for _ in show(pool.map(write, wanted, chunksize=CHUNK)):
            pass


def image_bytes(scan: Scan, *, in_mni: bool) -> bytes:
    """Return a scan as the bytes of a ``.nii.gz``, without a time of writing."""
    image = nib.Nifti1Image(scan.values, scan.affine)
    turn = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(scan.stored))
    image = image.as_reoriented(turn)
    image.header.set_xyzt_units("mm", "sec")
    code = _MNI_SPACE if in_mni else _SCANNER_SPACE
    image.set_sform(image.affine, code)
    image.set_qform(image.affine, code)
    return gzip.compress(image.to_bytes(), compresslevel=3, mtime=0)


def _write_scan(root: Path, settings: MriSettings, seed: int, name: str) -> None:
    scan = form_scan(settings, seed, name)
    path = root / image_path(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image_bytes(scan, in_mni=settings.derivatives))
    _write_json(root / sidecar_path(settings, name), scan.header | _about_image(settings))


def _about_image(settings: MriSettings) -> dict[str, object]:
    if not settings.derivatives:
        return {"Description": "Generated head"}
    about = "Generated brain; its anatomy is that of the symmetric MNI152 2009a template, deformed"
    return {"SkullStripped": True, "Description": about}


def _description(kind: str) -> dict[str, Any]:
    derived = kind == "derivative"
    what = "Generated in MNI space; nothing was registered" if derived else "Generated"
    return {
        "Name": "Generated T1-weighted images" + (", brains in MNI space" if derived else ""),
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": kind,
        "License": "CC0",
        "Authors": ["armed-study", "generated data"],
        "GeneratedBy": [{"Name": "armed_study.simulation.mri", "Description": what}],
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
