"""The column of a table that names files of images, and how these are to be prepared."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.command.assumed.fields import Field
from armed_study.command.assumed.notes import Notes
from armed_study.messages import counted, named
from armed_study.studies.images.files import check_files, file_of
from armed_study.studies.images.pictures import read_picture

SIZES = (48, 32, 24, 16, 12, 8)
"""Pixels of a side that are chosen from: a laptop trains on the largest in minutes."""
_LOOKED_AT = 100


def image_column(features: Sequence[Field], asked: Sequence[str], path: Path) -> Field | None:
    """Return the column that names images; None if there is none, or only others are asked for.

    Raises
    ------
    DataError
        There are several.
    """
    found = [f for f in features if f.kind == "image" and (not asked or f.name in asked)]
    if len(found) > 1:
        raise DataError(
            f"{path}: columns {named([f.name for f in found])} name files of images, expected one; say which "
            "by --features"
        )
    return found[0] if found else None


def assume_images(
    column: Field, others: Sequence[Field], files: pd.Series, path: Path
) -> tuple[dict[str, Any], Notes]:
    """Look at some of the images; return what the block `data` says of them, and notes.

    Parameters
    ----------
    column
        That names them.
    others
        Columns that would be features.
    files
        Names of the files, relative to the folder of ``path``, the table.

    Raises
    ------
    DataError
        An image that is not there, cannot be read, or has two rows.
    """
    found = [file_of(str(name).strip(), path) for name in files.dropna()]
    check_files(found, f"{path}: column '{column.name}'")
    some = np.unique(np.linspace(0, len(found) - 1, _LOOKED_AT).astype(int))
    pictures = [read_picture(found[place].path) for place in some]
    longest = [max(picture.values.shape[:2]) for picture in pictures]
    size = next((side for side in SIZES if side <= np.median(longest)), SIZES[-1])
    colour = any(picture.colour for picture in pictures)
    depth = {picture.white for picture in pictures} == {255}
    images = {
        "size": size,
        "scale": "depth" if depth else "each",
        **({"colour": "luma"} if colour else {}),
    }
    shapes = sorted({picture.values.shape[:2] for picture in pictures})
    seen = counted(len(pictures), "file")
    low, high = (" x ".join(map(str, shapes[i][::-1])) for i in (0, -1))
    said = f"{column.name}: {column.levels} files; {seen} looked at, of {low}"
    notes = [
        ("images", (said if low == high else f"{said} to {high}") + " pixels"),
        ("images", f"brought to {size} x {size} pixels" + (", colour to its brightness" if colour else "")
         + ("; black is 0, white 1" if depth else "; the darkest pixel of each is 0, the brightest 1")),
        ("images", "training moves, turns and scales them a little, and changes brightness and contrast; see "
         "training.augmentation, also for mirrored ones"),
    ]  # fmt: skip
    if others:
        left = named([f.name for f in others])
        notes.append(("left out", f"{left}: a study of images has no other features"))
    return {"file": column.name, "images": images}, notes
