"""Prepared batches of images, of which the data set of a study is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.data.dataset import ClusteredDataset
from armed_study.io.image_arrays import gather_images
from armed_study.io.tables import read_table


@dataclass(frozen=True)
class Batches:
    """What the `prepare` of a kind of images is given."""

    study: str  # its name, for messages
    settings: Mapping[str, Any]  # its `data` block
    tree: Path  # of images
    table: str  # name of the table that tells of each image
    parts: Sequence[tuple[Path, Path]]  # images and table of each batch, of `prepare_part`
    truth: Sequence[Path]  # of images and of clusters where the tree is generated, else nothing
    images: Path  # where those of the samples are to be written

    @cached_property
    def _read(self) -> pd.DataFrame:
        tables = [read_table(table, self.table) for _, table in self.parts]
        return pd.concat(tables, ignore_index=True).astype({"sample": str})

    def rows(self) -> pd.DataFrame:
        """Return the table of all images by sample, however they were dealt to batches."""
        return self._read.sort_values("sample", ignore_index=True)

    def join(self, samples: pd.DataFrame, *, generated: str, users: str) -> ClusteredDataset:
        """Write the images of the samples; return the data set, with its origin in words."""
        arrays = [array for array, _ in self.parts]
        gather_images(self.images, arrays, self._read["sample"], list(samples["sample"]))
        known = bool(self.truth)
        origin = f"generated: {generated}" if known else f"real data: {users} {self.tree.name}"
        return ClusteredDataset(self.study, samples, (), origin, known, self.images)
