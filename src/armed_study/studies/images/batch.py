"""A batch of images, one at a time, so that memory does not grow with them."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.io.image_arrays import write_images
from armed_study.io.schemas import TABLES
from armed_study.io.tables import write_table
from armed_study.messages import counted
from armed_study.studies.images.listing import list_images
from armed_study.studies.images.measures import measured
from armed_study.studies.images.pictures import prepared

IMAGES, TABLE = "images.npy", "pictures.parquet"


def prepare_part(data: Mapping[str, Any], tree: Path, part: str, out_dir: Path) -> None:
    """Prepare one part of the images that the table ``tree`` lists, ``i-of-n``.

    Writes into `out_dir`, each whole or not at all: `images.npy`, (images, 1, size, size) float32 from 0 to
    1; and `pictures.parquet`, table `pictures`, in the same order.

    Raises
    ------
    ConfigError, DataError
        See `listing` and `pictures`; or the files cannot be written.
    """
    files, settings = list_images("", data, tree).of_part(part), data["images"]
    size, rows = settings["size"], []

    def images() -> Iterator[np.ndarray]:
        every = zip(files["sample"], files["file"], files["path"], strict=True)
        for sample, file, path in tqdm(
            every, desc="reading", unit="image", total=len(files), file=sys.stderr
        ):
            image, picture = prepared(path, settings)
            height, width = picture.values.shape[:2]
            rows.append(
                {
                    "sample": sample,
                    "file": file,
                    "width": width,
                    "height": height,
                    **measured(image),
                }
            )
            yield image[None]

    try:
        write_images(
            out_dir / IMAGES, images(), count=len(files), shape=(1, size, size), dtype="float32"
        )
        write_table(
            pd.DataFrame(rows, columns=TABLES["pictures"].names), out_dir / TABLE, "pictures"
        )
    except OSError as error:
        raise DataError(
            f"{out_dir}: {counted(len(files), 'image')} cannot be written ({error.strerror or error}), "
            f"expected about {len(files) * size**2 * 4 / 1e6:.0f} MB to be free there; make room and run the "
            "workflow again"
        ) from error
