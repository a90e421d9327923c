"""The simulated MRI as files: a BIDS tree of NIfTI images with sidecars and tables of participants.

One scan is formed, written and let go at a time, so memory does not grow with their number, and the
bytes of a file depend on settings, seed and name alone.
"""

import gzip
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import nibabel as nib
from nibabel.orientations import axcodes2ornt, ornt_transform

from armed_study.simulation.mri import names as mri_names
from armed_study.simulation.mri.anatomy import brain
from armed_study.simulation.mri.disease import changes
from armed_study.simulation.mri.names import MriSettings
from armed_study.simulation.mri.participants import participants
from armed_study.simulation.mri.scan import form_scan, image_grid
from armed_study.simulation.raw_files import write_each

BIDS_VERSION = "1.10.0"
# NIfTI's code for what an affine means (1: the scanner's space, 4: MNI's), and the sidecar's own.
_ABOUT_HEAD: tuple[int, dict[str, object]] = (1, {"Description": "Generated head"})
_ABOUT_BRAIN: tuple[int, dict[str, object]] = (4, {
    "SkullStripped": True,
    "Description": "Generated brain; its anatomy is that of the symmetric MNI152 2009a template, "
    "deformed",
})  # fmt: skip
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
    wanted = mri_names.scan_names(settings) if names is None else list(names)
    for name in wanted:
        mri_names.split_scan(settings, name)
    _write_tables(root, settings, seed)
    # Where processes are forked, they share the templates.
    changes(), brain(image_grid(settings).voxel), participants(settings, seed)
    write = partial(_write_scan, Path(root), settings, seed)
    write_each(write, wanted, workers=workers, doing="forming", unit="scan")


def _write_tables(root: Path, settings: MriSettings, seed: int) -> None:
    """Write all that is not an image or its sidecar.

    Derivatives lie in a study that holds nothing else: participants are listed next to their images.
    """
    images = Path(root) / mri_names.dataset_folder(settings)
    for folder in dict.fromkeys((Path(root), images)):
        folder.mkdir(parents=True, exist_ok=True)
        kind = "study" if folder != images else "derivative" if settings.derivatives else "raw"
        _write_json(folder / "dataset_description.json", _description(kind))
        _write(folder / "README", _README.format(settings=settings, seed=seed))
    _write_json(images / "participants.json", _COLUMNS)
    table = participants(settings, seed)
    _write(images / "participants.tsv", table.to_csv(sep="\t", index=False, lineterminator="\n"))


def _write_scan(root: Path, settings: MriSettings, seed: int, name: str) -> None:
    scan = form_scan(settings, seed, name)
    image = nib.Nifti1Image(scan.values, scan.affine)
    turn = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(scan.stored))
    image = image.as_reoriented(turn)
    image.header.set_xyzt_units("mm", "sec")
    code, about = _ABOUT_BRAIN if settings.derivatives else _ABOUT_HEAD
    image.set_sform(image.affine, code)
    image.set_qform(image.affine, code)
    path = root / mri_names.image_path(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(image.to_bytes(), compresslevel=3, mtime=0))  # without the time
    _write_json(root / mri_names.sidecar_path(settings, name), scan.header | about)


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
    _write(path, json.dumps(content, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
