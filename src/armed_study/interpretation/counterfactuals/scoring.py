"""Are imagined frames like the true ones? Mean squared errors against the renderings."""

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.io.tables import empty_table
from armed_study.messages import listing
from armed_study.vocabulary.terms import EVERY

KEYS = ["study", "model", "fold", "seed", "sample", "cell", "own_cluster", "cluster"]


def squared_error(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean squared error (n,) over the pixels of images (n, ...), of which 1 is white."""
    difference = np.asarray(images, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return (difference**2).reshape(len(difference), -1).mean(axis=1)


def score_counterfactuals(
    imagined: tuple[pd.DataFrame, np.ndarray],
    rendered: tuple[pd.DataFrame, np.ndarray],
    samples: pd.DataFrame,
    images: np.ndarray,
) -> pd.DataFrame:
    """Score reconstructions of frames of seen dates against what is true for every seen date.

    Parameters
    ----------
    imagined, rendered
        Tables ``imagined`` and ``rendered`` with the images of their rows, (rows, 1, size, size).
    samples, images
        The study's samples, and their images in the same order, uint8 or 0 to 1.

    Returns
    -------
    DataFrame
        Table ``counterfactual_scores``: a row for each model, fold, seed, sample and date; none where
        no model imagines any.

    Raises
    ------
    DataError
        When an imagined frame has no rendering, or images differ in size.
    """
    (about, pictures), (truth, true) = imagined, rendered
    if about.empty:
        return empty_table("counterfactual_scores")
    if len({array.shape[1:] for array in (pictures, true, images)}) > 1:
        raise DataError(
            f"imagined frames have shape {pictures.shape[1:]}, renderings {true.shape[1:]} and images "
            f"{images.shape[1:]}, expected one shape; delete them and run the workflow again"
        )
    replica = ["study", "model", "fold", "seed", "sample"]
    every = about[about["assignment"] == EVERY].rename(columns={"row": "mixed_row"})
    fixed = about[(about["effect"] == "fixed") & (about["partition"] == "test")]
    fixed = fixed.rename(columns={"row": "fixed_row"})[[*replica, "fixed_row"]]
    both = every.merge(fixed, on=replica, validate="many_to_one")
    where = truth[["sample", "cluster", "row"]].astype({"sample": str, "cluster": str})
    both = both.merge(where, on=["sample", "cluster"], how="left", validate="many_to_one")
    if absent := sorted(set(both.loc[both["row"].isna(), "cluster"])):
        raise DataError(
            f"frames were imagined on {listing(absent, 3)} and not rendered, expected both; delete the "
            "renderings and run the workflow again"
        )
    known = samples.assign(image=np.arange(len(samples)), cell=samples["group"])
    known = known.rename(columns={"cluster": "own_cluster"})
    known = known[["sample", "own_cluster", "cell", "image"]]
    known = known.astype({"sample": str, "own_cluster": str, "cell": str})
    both = both.merge(known, on="sample", validate="many_to_one")
    real = np.asarray(true[both["row"].astype(int)])
    return both[KEYS].assign(
        fixed=squared_error(pictures[both["fixed_row"]], real),
        mixed=squared_error(pictures[both["mixed_row"]], real),
        unchanged=squared_error(scaled(images[both["image"]]), real),
    )


def scaled(images: np.ndarray) -> np.ndarray:
    """Return images as 0 to 1, whether they are bytes or already so."""
    return images.astype(np.float64) / 255 if images.dtype == np.uint8 else np.asarray(images)
