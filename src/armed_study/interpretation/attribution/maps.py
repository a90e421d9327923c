"""Maps of attribution as a table and as arrays; made as large as the images that they are of."""

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.messages import counted

KEYS = [
    "study", "model", "fold", "seed", "partition", "assignment", "by", "effect", "cluster",
    "sample",
]  # fmt: skip


def to_table(keys: pd.DataFrame, maps: np.ndarray) -> pd.DataFrame:
    """Return table ``attribution`` of maps (maps, rows, columns), each with a row of ``keys``."""
    count, height, width = maps.shape
    row, column = np.indices((height, width)).reshape(2, -1)
    table = keys[KEYS].loc[keys.index.repeat(height * width)].reset_index(drop=True)
    return table.assign(row=np.tile(row, count), column=np.tile(column, count), value=maps.ravel())


def to_maps(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the keys of the maps in a table ``attribution`` and the maps (maps, rows, columns).

    Raises
    ------
    DataError
        When a map lacks places, or maps differ in size, as those by several methods do.
    """
    if table.empty:
        return table[KEYS], np.empty((0, 1, 1), dtype=np.float32)
    row, column = table["row"].to_numpy(), table["column"].to_numpy()
    height, width = int(row.max()) + 1, int(column.max()) + 1
    number = table.groupby(KEYS, sort=False, observed=True).ngroup().to_numpy()
    keys = table[KEYS].assign(number=number).drop_duplicates("number").sort_values("number")
    places = np.unique((number * height + row) * width + column)
    if len(places) != len(keys) * height * width or len(places) != len(table):
        raise DataError(
            f"attribution: {counted(len(table), 'place')} of {counted(len(keys), 'map')}, expected "
            f"{height} x {width} of each; delete the file and run the workflow again"
        )
    maps = np.empty((len(keys), height, width), dtype=np.float32)
    maps[number, row, column] = table["value"].to_numpy()
    return keys[KEYS].reset_index(drop=True), maps
