"""A batch of scans, one at a time, so that memory does not grow with their number."""

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from armed.errors import DataError
from armed_study.io.atomic import replacing_folder
from armed_study.io.image_arrays import writing_images
from armed_study.io.schemas import TABLES
from armed_study.io.tables import write_table
from armed_study.messages import counted
from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.scans.bids import Scan, scans_of_part

IMAGES, TABLE, PICTURES = "images.npy", "qc.parquet", "qc"


def prepare_part(data: Mapping[str, Any], tree: Path, part: str, out_dir: Path) -> None:
    """Prepare one part of the scans of a tree, ``i-of-n``; see `prepare_batch`."""
    scans = scans_of_part(tree, data["space"], part)
    prepare_batch(scans, MriSettings(**data["images"]), out_dir)


def prepare_batch(scans: Sequence[Scan], settings: MriSettings, out_dir: str | Path) -> None:
    """Prepare scans and write what comes of them.

    Writes into `out_dir`, each whole or not at all: `images.npy`, float32 (scans, 1, size, size),
    in the order given, zero where a scan failed; `qc.parquet`, table `qc`, a row for each in the
    same order; and `qc/SAMPLE.png`, a picture for each.

    Raises
    ------
    DataError
        The files cannot be written, for example as the disk is full; then there are none.
    """
    out = Path(out_dir)
    done = 0
    try:
        shape = (1, settings.size, settings.size)
        with (
            replacing_folder(out / PICTURES) as pictures,
            writing_images(out / IMAGES, count=len(scans), shape=shape, dtype="float32") as add,
        ):
            rows = []
            for scan in tqdm(scans, desc="preparing", unit="scan", file=sys.stderr):
                rows.append(_prepare_one(scan, settings, add, pictures))
                done += 1
            write_table(pd.DataFrame(rows, columns=TABLES["qc"].names), out / TABLE, "qc")
    except OSError as error:
        for name in (IMAGES, TABLE):
            with suppress(OSError):
                (out / name).unlink(missing_ok=True)
        shutil.rmtree(out / PICTURES, ignore_errors=True)
        size = len(scans) * (settings.size**2 * 4 + 60_000) / 1e6
        raise DataError(
            f"{out}: cannot be written ({error.strerror or error}) after {done} of "
            f"{counted(len(scans), 'scan')}, expected about {size:.0f} MB to be free there; make "
            "room and run the workflow again"
        ) from error


def _prepare_one(
    scan: Scan, settings: MriSettings, add: Callable[[np.ndarray], None], pictures: Path
) -> dict[str, Any]:
    image, row, picture = prepare_scan(scan, settings)
    if image is None:
        image = np.zeros((settings.size, settings.size), dtype=np.float32)
    add(image)
    with (pictures / f"{scan.sample}.png").open("wb") as drawn:
        Image.fromarray(picture).save(drawn, format="PNG")
    return row
