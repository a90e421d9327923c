"""Which images a table lists, and what it says of each."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.shards import in_shard
from armed_study.studies.images import origin
from armed_study.studies.images.files import check_files, file_of
from armed_study.studies.table import prepare as table

OF_SAMPLES = ["sample", "cluster", "group", "outcome", "held_out"]


@dataclass(frozen=True)
class ImageList:
    """Samples of a table, without features, and where the image of each is.

    ``files``: ``sample``, ``file`` as the table has it, and ``path``; in the order of the samples.
    """

    dataset: ClusteredDataset
    files: pd.DataFrame

    def of_part(self, part: str) -> pd.DataFrame:
        """Files of the images that are dealt to a part, ``i-of-n``."""
        return self.files[[in_shard(name, part) for name in self.files["file"]]]


def list_images(study: str, data: Mapping[str, Any], path: str | Path | None = None) -> ImageList:
    """Read the table of a study.

    Parameters
    ----------
    study
        Name of the study, for messages.
    data
        Its `data` block.
    path
        Of the table; default: that of ``data``.

    Raises
    ------
    ConfigError, DataError
        A table of which no study can be made, an image that is not there or cannot be read, or one that two
        rows name.
    """
    source = Path(path or data["source"]["path"])
    column = data["file"]
    # A table whose only feature is the name of the file.
    of_table = {
        **{name: value for name, value in data.items() if name not in ("file", "images")},
        "features": [column], "categorical": [column], "missing": "error",
        "distinct_forms": [*(data.get("distinct_forms") or ()), column],
    }  # fmt: skip
    with warnings.catch_warnings():
        # Of a feature that would be worth a word.
        warnings.filterwarnings("ignore", ".*has a different level in each row", ArmedWarning)
        read = table.prepare(study, of_table, {"table": source}).dataset
    files = read.samples[["sample", column]].rename(columns={column: "file"}).astype(str)
    found = [file_of(name, source) for name in files["file"]]
    check_files(found, f"{source}: column '{column}'")
    files["path"] = pd.Series([file.path for file in found], files.index, dtype=object)
    dataset = replace(read, samples=read.samples[OF_SAMPLES], features=(), origin=origin(data))
    return ImageList(dataset, files)
