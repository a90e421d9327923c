"""One scan: from its file to an image, a row of the QC table and a picture; never an exception."""

import logging
from typing import Any, NamedTuple

import numpy as np

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.studies.ad_mri.preprocessing.imaging import make_image, window_of
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import (
    Cut,
    cut_in_subject_space,
    cut_in_template_space,
)
from armed_study.studies.ad_mri.qc.pictures import draw_check
from armed_study.studies.ad_mri.qc.quality import doubts, measure_image
from armed_study.studies.ad_mri.scans.bids import Scan, read_sidecar
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
    found = _Findings(scan)
    image = None
    try:
        image = _image(scan, settings, found)
    except DataError as error:
        found.failure = str(error)
    except Exception as error:  # whatever a strange file makes a library do: the others go on
        logging.exception("%s: could not be prepared", scan.path)
        found.failure = f"{type(error).__name__}: {error}".splitlines()[0]
    return PreparedScan(image, found.row(), draw_check(found.cut, image))


class _Findings:
    """What has been found out about a scan so far."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.cut: Cut | None = None
        self.measures: dict[str, float] = {}
        self.failure = ""
        self.doubts: list[str] = []
        self.remarks: list[str] = []  # which do not concern the image

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
            "brain": self.cut.source if self.cut else "",
            **self.measures,
        }


def _image(scan: Scan, settings: MriSettings, found: _Findings) -> np.ndarray:
    _describe(scan, found)
    loaded = load_volume(scan.path)
    volume = loaded.volume
    found.measures["voxel_mm"] = float(volume.voxel_mm.max())
    found.measures["nonfinite"] = loaded.nonfinite
    if loaded.nonfinite:
        found.doubts.append(f"{counted(loaded.nonfinite, 'voxel')} without a number, taken as 0")
    if loaded.ambiguous:
        found.doubts.append("qform and sform disagree on the order of axes; sform taken")
    cut_volume = cut_in_template_space if scan.derivatives else cut_in_subject_space
    found.cut = cut = cut_volume(volume, settings)
    found.measures |= cut.measures
    image = make_image(cut, settings)
    found.measures |= window_of(cut, settings).measures() | measure_image(image, cut, settings)
    found.doubts += doubts(found.measures)
    return image


def _describe(scan: Scan, found: _Findings) -> None:
    """Note what the sidecar says, and what is odd about it."""
    if scan.others:
        found.remarks.append(
            f"{counted(len(scan.others), 'further image')} of the session not used"
        )
    try:
        sidecar = read_sidecar(scan)
    except DataError:
        found.remarks.append("sidecar is not JSON")
        return
    if scan.sidecar is None:
        found.remarks.append("no sidecar")
    for column, (key, kind) in _SCANNER.items():
        try:
            found.measures[column] = kind(sidecar[key])
        except KeyError:
            continue
        except (TypeError, ValueError):
            found.remarks.append(f"sidecar has no usable {key}")
