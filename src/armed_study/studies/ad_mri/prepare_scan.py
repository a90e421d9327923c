"""One scan: from its file to an image, a row of the QC table and a picture; never an exception."""

import logging
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import (
    BrainSlice,
    slice_in_subject_space,
    slice_in_template_space,
)
from armed_study.studies.ad_mri.preprocessing.slicing import make_image
from armed_study.studies.ad_mri.qc.pictures import draw_check
from armed_study.studies.ad_mri.qc.quality import doubts, measure_image
from armed_study.studies.ad_mri.scans.bids import Scan
from armed_study.studies.ad_mri.scans.sidecars import read_sidecars
from armed_study.studies.ad_mri.scans.volumes import load_volume

OK, FLAGGED, FAILED = "ok", "flagged", "failed"

_SCANNER = {
    "manufacturer": ("Manufacturer", str),
    "scanner": ("ManufacturersModelName", str),
    "field_strength": ("MagneticFieldStrength", float),
    "repetition_time": ("RepetitionTime", float),
    "echo_time": ("EchoTime", float),
    "flip_angle": ("FlipAngle", float),
}


class PreparedScan(NamedTuple):
    """What comes of a scan.

    Parameters
    ----------
    image
        (size, size) float32 from 0 to 1; None if the scan failed.
    row
        Of table `qc`; measures that were not reached are absent.
    picture
        (height, width, 3) uint8.
    """

    image: np.ndarray | None
    row: dict[str, Any]
    picture: np.ndarray


def prepare_scan(scan: Scan, settings: MriSettings) -> PreparedScan:
    """Prepare one scan.

    A scan without a usable image is `failed`, one whose image or description raises a doubt is
    `flagged`; `usable` says whether the image itself is beyond doubt, so that a scan without a
    sidecar, though flagged, can be used. The reasons are in the row.
    """
    findings = _Findings(scan)
    image = None
    try:
        image = _image(scan, settings, findings)
    except DataError as error:
        findings.failure = str(error)
    except Exception as error:  # whatever a strange file makes a library do: the others go on
        logging.exception("%s: could not be prepared", scan.path)
        findings.failure = f"{type(error).__name__}: {error}".splitlines()[0]
    return PreparedScan(image, findings.row(), draw_check(findings.brain_slice, image))


@dataclass
class _Findings:
    """What has been found out about a scan so far."""

    scan: Scan
    brain_slice: BrainSlice | None = None
    measures: dict[str, float] = field(default_factory=dict)
    failure: str = ""
    doubts: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # which do not concern the image

    def row(self) -> dict[str, Any]:
        reasons = [self.failure] if self.failure else self.doubts + self.remarks
        status = FAILED if self.failure else FLAGGED if reasons else OK
        return {
            "sample": self.scan.sample,
            "participant": self.scan.participant,
            "session": self.scan.session,
            "status": status,
            "usable": not self.failure and not self.doubts,
            "reason": "; ".join(reasons),
            "space": "mni" if self.scan.derivatives else "subject",
            "brain": self.brain_slice.source if self.brain_slice else "",
            **self.measures,
        }


def _image(scan: Scan, settings: MriSettings, findings: _Findings) -> np.ndarray:
    _describe(scan, findings)
    volume, missing, ambiguous = load_volume(scan.path)
    edge, nonfinite = float(volume.voxel_mm.max()), int(missing.sum())
    findings.measures |= {"voxel_mm": edge, "nonfinite": nonfinite}
    if ambiguous:
        findings.doubts.append(f"qform and sform disagree on {ambiguous}; sform taken")
    extract_slice = slice_in_template_space if scan.derivatives else slice_in_subject_space
    findings.brain_slice = found = extract_slice(volume, settings)
    findings.measures |= found.measures
    places = np.argwhere(missing) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    # Elsewhere it is air.
    if len(places) and (lacking := int((found.solid().at(places) > 0.5).sum())):
        findings.doubts.append(f"{counted(lacking, 'voxel')} of the brain without a number")
    image = make_image(found.plane, found.brain, settings)
    findings.measures |= measure_image(image, found, settings)
    findings.doubts += doubts(findings.measures)
    return image


def _describe(scan: Scan, findings: _Findings) -> None:
    """Note what the sidecar says, and what is odd about it."""
    if scan.others:
        further = counted(len(scan.others), "further image")
        findings.remarks.append(f"{further} of the session not used")
    try:
        sidecar = read_sidecars(scan.sidecars)
    except DataError:
        findings.remarks.append("sidecar is not JSON")
        return
    if not scan.sidecars:
        findings.remarks.append("no sidecar")
    for column, (key, kind) in _SCANNER.items():
        try:
            findings.measures[column] = kind(sidecar[key])
        except KeyError:
            continue
        except (TypeError, ValueError):
            findings.remarks.append(f"sidecar has no usable {key}")
