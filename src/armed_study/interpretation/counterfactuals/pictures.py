"""Which frames, reconstructions and renderings pictures show, and how far they are from each other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed_study.data.pictures import Pictures, known_frames, picture
from armed_study.interpretation.counterfactuals.scoring import squared_error
from armed_study.io.schemas import TABLES
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.terms import EVERY

_TRUE = "true"
_KEYS = ["model", "fold", "seed", "sample"]


def list_reconstructions(
    counterfactuals: pd.DataFrame, chosen: pd.DataFrame, samples: pd.DataFrame, pictures: Pictures
) -> pd.DataFrame:
    """List a cell of each efficiency of seen and of unseen dates, with its reconstructions by model.

    Parameters
    ----------
    counterfactuals, chosen, samples
        Tables ``counterfactuals``, ``selected_frames`` and ``samples``; the first fold and seed are shown.
    pictures
        Arrays of images.

    Returns
    -------
    pd.DataFrame
        One row for each cell and model. The mixed reconstruction is that under the frame's own date, or
        under the inferred membership. Errors are mean squared ones against the frame; `change` is
        the root mean square of mixed less fixed; rows are places in arrays, `change_row` in that of
        `changes`.
    """
    known = known_frames(samples).rename(columns={"row": "frame_row"})
    shown = chosen[chosen["shown"]].drop(columns="shown").astype({"sample": str, "partition": str})
    shown = shown.merge(known, on="sample", validate="1:1")
    shown = shown.drop_duplicates(["partition", "phenotype"])
    own = counterfactuals[counterfactuals["seed"] == counterfactuals["seed"].min()]
    fixed = own[own["effect"] == "fixed"].rename(columns={"row": "fixed_row"})
    mixed = own[own["effect"] == "mixed"].rename(columns={"row": "mixed_row", "cluster": "used"})
    both = mixed.drop(columns=["partition", "effect"])
    both = both.merge(fixed[[*_KEYS, "fixed_row"]], on=_KEYS, validate="many_to_one")
    result = shown.merge(both, on=["fold", "sample"])
    result = result[(result["assignment"] != EVERY) | (result["used"] == result["cluster"])]
    result["place"] = result["model"].map(order_models(result["model"]).index)
    result = result.sort_values(["partition", "phenotype", "place"], ignore_index=True)
    result[["fixed_error", "mixed_error", "change"]] = _measures(result, pictures)
    result["change_row"] = np.arange(len(result))
    return result[TABLES["shown_reconstructions"].names]


def changes(table: pd.DataFrame, pictures: Pictures) -> np.ndarray:
    """Return mixed less fixed of each row of `list_reconstructions`: (rows, 1, size, size)."""
    shape = (len(table), 1, *pictures["frames"].shape[2:])
    mixed, fixed = (
        [picture(pictures, "counterfactuals", row) for row in table[name]]
        for name in ("mixed_row", "fixed_row")
    )
    return np.subtract(mixed, fixed, dtype=np.float32).reshape(shape)


def list_dates(
    tables: Mapping[str, pd.DataFrame],
    chosen: pd.DataFrame,
    samples: pd.DataFrame,
    pictures: Pictures,
) -> pd.DataFrame:
    """List the pictures of one cell: the first one shown of a seen date and of high efficiency.

    Parameters
    ----------
    tables
        ``counterfactuals`` and, where the truth is known, ``rendered``; the first fold and seed are shown.
    chosen, samples
        Tables ``selected_frames`` and ``samples``.
    pictures
        Arrays of images.

    Returns
    -------
    pd.DataFrame
        One row a picture; `line` is ``true`` or the model; `cluster` is the date it is as on, empty
        for the frame itself and for the fixed reconstruction; `error` is the mean squared error
        against the rendering on that date, `brightness` the mean of the picture; `row` is the place
        of the picture in an `array`.
    """
    counterfactuals, rendered = tables["counterfactuals"], tables.get("rendered")
    known = known_frames(samples)
    shown = chosen[chosen["shown"] & (chosen["partition"] == "test")][["fold", "sample"]]
    shown = shown.astype({"sample": str}).merge(known, on="sample", how="left", validate="1:1")
    if shown.empty:
        return pd.DataFrame(columns=TABLES["shown_dates"].names)
    cell = shown.sort_values("phenotype", kind="stable").iloc[0]
    own = counterfactuals[
        (counterfactuals["sample"] == cell["sample"]) & (counterfactuals["fold"] == cell["fold"])
    ]
    own = own[own["seed"] == own["seed"].min()]
    rows = own[["model", "effect", "cluster", "row"]].assign(
        line=own["model"], array="counterfactuals"
    )
    place = order_models(own["model"]).index
    first = pd.DataFrame([{"line": _TRUE, "cluster": "", "array": "frames", "row": cell["row"]}])
    parts = [first, rows.sort_values("model", key=lambda names: names.map(place), kind="stable")]
    if rendered is not None:
        truth = rendered[rendered["sample"] == cell["sample"]][["cluster", "row"]]
        parts.insert(1, truth.assign(line=_TRUE, array="rendered"))
    result = pd.concat(parts, ignore_index=True)
    result["row"] = result["row"].astype(int)
    true = result[result["array"] == "rendered"].set_index("cluster")["row"]
    images = [picture(pictures, one.array, one.row) for one in result.itertuples()]
    result["brightness"] = [float(np.mean(image, dtype=np.float64)) for image in images]
    result["error"] = [
        float(squared_error(image[None], picture(pictures, "rendered", true[date])[None])[0])
        if date in true.index
        else np.nan
        for image, date in zip(images, result["cluster"], strict=True)
    ]
    same = {"own_cluster": cell["cluster"], **cell[["sample", "phenotype", "pdx"]]}
    return result.assign(**same)[TABLES["shown_dates"].names]


def _measures(table: pd.DataFrame, pictures: Pictures) -> np.ndarray:
    """Errors of the fixed and of the mixed reconstruction, and their difference: (rows, 3)."""
    found = []
    one: Any
    for one in table.itertuples():
        frame = picture(pictures, "frames", one.frame_row)[None]
        fixed, mixed = (
            picture(pictures, "counterfactuals", row)[None]
            for row in (one.fixed_row, one.mixed_row)
        )
        errors = [squared_error(fixed, frame)[0], squared_error(mixed, frame)[0]]
        found.append([*errors, np.sqrt(squared_error(mixed, fixed)[0])])
    return np.array(found, dtype=float).reshape(-1, 3)
