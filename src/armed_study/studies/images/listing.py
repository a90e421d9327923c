"""Which images a table lists, and what it says of each."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.shards import in_shard
from armed_study.messages import counted, listing
from armed_study.source_files import same_place, why_unreadable
from armed_study.studies.images import origin
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
        return self.files[[in_shard(sample, part) for sample in self.files["sample"]]]


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
    files = files.assign(path=[source.parent / file for file in files["file"]])
    check_files(files, f"{source}: column '{column}'")
    dataset = replace(read, samples=read.samples[OF_SAMPLES], features=(), origin=origin(data))
    return ImageList(dataset, files)


def check_files(files: pd.DataFrame, where: str) -> None:
    """Raise `DataError` for a `file` that is not at its `path` or cannot be read, or is there twice."""
    lacking = [
        str(f) for f, path in zip(files["file"], files["path"], strict=True) if not _is(path)
    ]
    if lacking:
        raise DataError(
            f"{where} names {counted(len(lacking), 'file')} of {len(files)} where nothing is "
            f"({listing(lacking, 3)}), expected each, relative to the table or from the root; correct the "
            "names or copy the files there"
        )
    for path in files["path"]:
        if why := why_unreadable(path):
            raise DataError(f"{path}: {why}")
    if twice := same_place(files["path"]):
        first, second = (path.name for path in twice)
        raise DataError(
            f"{where} names one image twice ({listing([first, second])}), expected a row for each image: a "
            "copy in training would tell of the other; leave one of the rows out"
        )


def _is(path: Path) -> bool:
    return path.exists() or path.is_symlink()
