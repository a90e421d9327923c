"""A batch of cells: every n-th frame of each, one at a time, so that memory does not grow with them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import ConfigError, DataError
from armed_study.io.image_arrays import write_images
from armed_study.io.schemas import TABLES
from armed_study.io.tables import write_table
from armed_study.messages import counted
from armed_study.studies.livecell.frames import Form, check_form, form_of, read_frame, shrink
from armed_study.studies.livecell.tree import (
    CellFolder,
    cells_of_part,
    find_cells,
    find_frames,
    seen_dates,
)

IMAGES, TABLE = "images.npy", "frames.parquet"


def prepare_part(data: Mapping[str, Any], tree: Path, part: str, out_dir: Path) -> None:
    """Prepare one part of the cells of a tree, ``i-of-n``.

    Writes into `out_dir`, each whole or not at all: `images.npy`, (frames, 1, size, size), uint8
    if frames have 8 bits, float32 from 0 to 1 if they have 16; and `frames.parquet`, table `frames`, in
    the same order. Of each cell every n-th frame is taken, the first one first, as `data.frame_stride`
    says for seen and for unseen dates.

    Raises
    ------
    ConfigError, DataError
        See `livecell.tree` and `livecell.frames`; or the files cannot be written.
    """
    cells = find_cells(tree, data["cell_names"])
    seen = seen_dates(cells, data["seen_dates"], tree)
    reference = find_frames(cells[0])[0][1]  # of the whole tree: all parts expect the same
    form, size = form_of(reference), data["images"]["size"]
    check_form(form, size, reference)
    white = _white(form, data["images"].get("white_level"), reference)
    frames = _list_frames(cells_of_part(cells, part), seen, data["frame_stride"], tree)
    images = (
        _scaled(shrink(read_frame(tree / file, form, reference), size), white)
        for file in tqdm(frames["file"], desc="reading", unit="frame", file=sys.stderr)
    )
    try:
        write_images(
            out_dir / IMAGES,
            images,
            count=len(frames),
            shape=(1, size, size),
            dtype="uint8" if form.bits == 8 else "float32",
        )
        write_table(frames, out_dir / TABLE, "frames")
    except OSError as error:
        raise DataError(
            f"{out_dir}: {counted(len(frames), 'frame')} cannot be written ({error.strerror or error}), "
            f"expected about {len(frames) * size**2 * form.bits / 4e6:.0f} MB to be free there; make room "
            "and run the workflow again"
        ) from error


def _list_frames(
    cells: Sequence[CellFolder], seen: set[str], frame_stride: Mapping[str, int], tree: Path
) -> pd.DataFrame:
    """Return table `frames`: those that are taken, by cell."""
    rows = []
    for cell in cells:
        found = find_frames(cell)
        for number, path in found[:: frame_stride["seen" if cell.date in seen else "unseen"]]:
            row = {
                "sample": f"{cell.pdx}/{cell.date}/{cell.name}/{number:05d}",
                "cluster": cell.date,
                "phenotype": cell.phenotype,
                "pdx": cell.pdx,
                "cell": cell.key,
                "frame": number,
                "found": len(found),
                "file": path.relative_to(tree).as_posix(),
            }
            rows.append(row)
    return pd.DataFrame(rows, columns=TABLES["frames"].names)


def _white(form: Form, wanted: int | None, reference: Path) -> int:
    if wanted is not None and not 0 < wanted < 2**form.bits:
        raise ConfigError(
            f"data.images.white_level is {wanted}, expected 1 to {2**form.bits - 1} as {reference} has "
            f"{form.bits} bits; correct it"
        )
    if wanted is not None and form.inverted:
        raise ConfigError(
            f"data.images.white_level is {wanted}, but in {reference} 0 is white, expected one of the two; "
            "convert the frames so that 0 is black, or leave white_level out"
        )
    return wanted or 2**form.bits - 1


def _scaled(grey: np.ndarray, white: int) -> np.ndarray:
    """Return (1, size, size); 8 bits stay as they are where white is the highest value."""
    if grey.dtype == np.uint8:
        scaled = grey if white == 255 else np.rint(np.minimum(grey / white, 1) * 255)
        return scaled.astype(np.uint8)[None]
    return np.minimum(grey.astype(np.float32) / np.float32(white), 1)[None]
