"""The truth that counterfactual frames are held to: generated cells as they look on every seen date."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.io.image_arrays import write_images
from armed_study.messages import listing
from armed_study.simulation.livecell import LivecellSettings, render
from armed_study.studies.livecell.frames import box_means

_HIGHEST = 255  # grey value of white in a generated frame


def plan_renderings(
    chosen: pd.DataFrame, samples: pd.DataFrame, frames: pd.DataFrame
) -> pd.DataFrame:
    """List which frames are rendered on which dates.

    Parameters
    ----------
    chosen, samples, frames
        Tables ``selected_frames`` (those of unseen dates are left out), ``samples`` and ``frames``.

    Returns
    -------
    DataFrame
        Table ``rendered`` with the ``cell`` and ``frame`` that `write_renderings` reads.
    """
    wanted = chosen.loc[chosen["partition"] == "test", "sample"].astype(str)
    known = frames[["sample", "cell", "frame"]].astype({"sample": str, "cell": str})
    known = known.drop_duplicates("sample").set_index("sample")
    names = sorted(set(wanted))
    if absent := [name for name in names if name not in known.index]:
        raise DataError(
            f"table frames lacks sample {listing(absent, 3)}, expected all that were chosen; delete "
            "the table and run the workflow again"
        )
    dates = sorted(samples.loc[~samples["held_out"], "cluster"].astype(str).unique())
    table = pd.MultiIndex.from_product([names, dates], names=["sample", "cluster"]).to_frame(
        index=False
    )
    table["row"] = np.arange(len(table))
    return table.join(known, on="sample")


def write_renderings(
    path: str | Path, plan: pd.DataFrame, *, data: Mapping[str, Any], seed: int
) -> None:
    """Render generated frames as they look on some dates, without noise of the camera.

    A model cannot know the noise, and its reconstruction that is best by mean squared error has
    none, so it is held to the noise-free frame. That is brought to the size of the study's images
    by the same means over boxes and scaled by the same white, but not rounded.

    Parameters
    ----------
    path
        Written: float32 (rows, 1, size, size) from 0 to 1, in the order of the plan.
    plan
        Result of `plan_renderings`.
    data
        The study's ``data`` block.
    seed
        That of the configuration, by which the frames were generated.
    """
    settings = LivecellSettings.from_config(data["generated"], where="data.generated")
    size, white = data["images"]["size"], data["images"].get("white_level") or _HIGHEST

    def rows() -> Iterator[np.ndarray]:
        for one in tqdm(plan.itertuples(), total=len(plan), desc="rendering", unit="frame"):
            grey = render(settings, seed, one.cell, one.frame, date=one.cluster, noise=False)
            yield np.minimum(box_means(grey, size) * (_HIGHEST / white), 1)[None]

    write_images(path, rows(), count=len(plan), shape=(1, size, size), dtype="float32")
