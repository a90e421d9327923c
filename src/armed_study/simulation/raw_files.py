"""Raw files of a study whose images are simulated: a tree of images, and the truth in tables."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pandas as pd

from armed.errors import DataError
from armed_study.io.atomic import replacing_folder
from armed_study.io.tables import write_csv
from armed_study.messages import REGENERATE, counted, listing


def write_raw_files(
    folder: Path,
    write_tree: Callable[[Path], None],
    names: Iterable[str],
    truth: Iterable[pd.DataFrame],
) -> None:
    """Write a tree of images, whole or not at all, and tables of the truth by their names."""
    with replacing_folder(folder / "tree") as tree:
        write_tree(tree)
    for name, table in zip(names, truth, strict=True):
        write_csv(table, folder / name, digits=None)


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
