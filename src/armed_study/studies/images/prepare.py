"""Study kind `images`: images in files of the user, which a table lists."""

import warnings
from dataclasses import replace

import pandas as pd

from armed.errors import ArmedWarning
from armed_study.data.batches import Batches
from armed_study.data.dataset import Prepared
from armed_study.io.tables import cast_table
from armed_study.messages import counted, listing
from armed_study.studies.images.listing import list_images


def prepare(batches: Batches) -> tuple[Prepared, pd.DataFrame]:
    """Join the prepared batches of images to a data set; writes its images.

    Returns
    -------
    The data set, and the table `pictures` in the order of its samples.

    Raises
    ------
    ConfigError, DataError
        A table of which no study can be made.
    """
    listed = list_images(batches.study, batches.settings, batches.tree).dataset
    pictures = batches.rows().set_index("sample").reindex(list(listed.samples["sample"]))
    joined = batches.join(listed.samples, generated="", users="the user's images of")
    _warn_of_shapes(pictures, f"study '{batches.study}'")
    dataset = replace(joined, outcome=listed.outcome)
    dataset.validate()
    return Prepared(dataset), cast_table(pictures.reset_index(), "pictures")


def _warn_of_shapes(pictures: pd.DataFrame, what: str) -> None:
    shapes = pictures["width"].astype(str) + " x " + pictures["height"].astype(str)
    if len(counts := shapes.value_counts()) > 1:
        warnings.warn(
            f"{what}: images have {counted(len(counts), 'shape')} ({listing(counts.index, 3)} pixels), "
            "expected one; each is fitted into a square, whose empty rim may tell the cluster",
            ArmedWarning,
            stacklevel=3,
        )
