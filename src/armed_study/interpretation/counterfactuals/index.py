"""Tables that tell of arrays of images, and the images of their rows."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.io.image_arrays import open_images
from armed_study.io.tables import empty_table, read_table
from armed_study.messages import counted

Paths = str | Path | Iterable[str | Path]


def read_indexed(tables: Paths, arrays: Paths, table: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Read tables whose ``row`` is a place in the array next to each, joined to one of either.

    Returns
    -------
    The table, text as text, with ``row`` a place in the images (rows, 1, size, size); both empty
    where there are none.

    Raises
    ------
    DataError
        When a table and its array differ in length.
    """
    if not tables:
        return empty_table(table), np.empty((0, 1, 0, 0), dtype=np.float32)
    parts, images, start = [], [], 0
    for about, path in zip(_list(tables), _list(arrays), strict=True):
        part, array = read_table(about, table), open_images(path)
        if len(array) != len(part):
            raise DataError(
                f"{path}: holds {counted(len(array), 'image')}, expected {len(part)} as {about} says; "
                "delete both and run the workflow again"
            )
        parts.append(part.assign(row=part["row"] + start))
        images.append(array)
        start += len(array)
    joined = pd.concat(parts, ignore_index=True)
    text = joined.select_dtypes(exclude=["number", "bool"]).columns
    return joined.astype(dict.fromkeys(text, str)), np.concatenate(images)


def read_arrays(files: Mapping[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, pd.DataFrame]]:
    """Read the images that pictures are made of, and the tables that tell of them.

    Parameters
    ----------
    files
        Paths of ``frames``, ``counterfactuals``, ``counterfactuals_tables``, ``rendered`` and
        ``rendered_tables``; of what a study lacks an empty list.

    Returns
    -------
    Arrays of images by name, ``frames`` among them, and tables by name; there are none where no
    model does.
    """
    arrays: dict[str, np.ndarray] = {"frames": open_images(files["frames"])}
    tables = {}
    for name in ("counterfactuals", "rendered"):
        several = f"{name}_tables"
        if files[several]:  # a name that is not there is an error, here as anywhere
            tables[name], arrays[name] = read_indexed(files[several], files[name], name)
    tables.setdefault("counterfactuals", empty_table("counterfactuals"))
    return arrays, tables


def _list(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)
