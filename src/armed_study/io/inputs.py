"""Reading the files of a job by their names: tables, and arrays of images."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from armed_study.io.image_arrays import open_images
from armed_study.io.tables import read_table

Paths = str | Path | Iterable[str | Path]


def read_inputs(files: Mapping[str, Paths]) -> dict[str, Any]:
    """Read tables (Parquet, of the name that they are given here) and arrays of images (NumPy).

    Several files of a name become one; of a name without files, such as the truth of real data, there
    is None.
    """
    return {name: _read(name, paths) for name, paths in files.items()}


def _read(name: str, paths: Paths) -> Any:
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    if not several:
        return None
    if all(str(path).endswith(".npy") for path in several):
        arrays = [open_images(path) for path in several]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    return read_table(paths if isinstance(paths, str | Path) else several, name)
