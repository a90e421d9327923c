"""Raw files of a study whose images are simulated: a tree of images, and the truth in tables."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.io.atomic import replacing_folder
from armed_study.io.tables import write_csv
from armed_study.job import end_with_parent
from armed_study.messages import REGENERATE, counted, listing

CHUNK = 8  # items that a process takes at a time


def write_raw_files(
    folder: Path, names: Iterable[str], generator: Any, settings: Any, seed: int, workers: int
) -> None:
    """Write a generator's tree, whole or not at all, and its tables of the truth by their names."""
    with replacing_folder(folder / "tree") as tree:
        generator.write_tree(tree, settings, seed, workers=workers)
    for name, table in zip(names, generator.truth(settings, seed), strict=True):
        write_csv(table, folder / name, digits=None)


def write_each(
    write: Callable[[Any], None], items: Sequence[Any], *, workers: int, doing: str, unit: str
) -> None:
    """Write items of a tree one at a time, in some processes, and show how far that is."""
    pool = ProcessPoolExecutor(workers, initializer=end_with_parent) if workers > 1 else None
    with pool or nullcontext():
        written = pool.map(write, items, chunksize=CHUNK) if pool else map(write, items)
        for _ in tqdm(written, total=len(items), desc=doing, unit=unit):
            pass


def truth_of(table: pd.DataFrame, key: str, wanted: Collection[str], path: Path) -> pd.DataFrame:
    """Return the rows of a table of the truth whose key is among those wanted.

    Raises
    ------
    DataError
        One of them is not in the table, which was read from `path`.
    """
    if absent := sorted(set(wanted) - set(table[key])):
        raise DataError(
            f"{path}: lacks {counted(len(absent), key)} of the study, {listing(absent, 3)}, "
            f"expected all; {REGENERATE}"
        )
    return table[table[key].isin(set(wanted))].reset_index(drop=True)
