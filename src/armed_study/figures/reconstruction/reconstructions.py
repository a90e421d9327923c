"""Figure of reconstructions: frames, fixed and mixed reconstructions, and what differs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.reconstruction import frames
from armed_study.interpretation.counterfactuals.scoring import squared_error
from armed_study.vocabulary.labels import model_label, order_models
from armed_study.vocabulary.terms import EVERY

COLUMNS = (
    "partition", "sample", "cluster", "phenotype", "pdx", "frame_row", "model", "assignment",
    "fixed_row", "mixed_row", "fixed_error", "mixed_error", "change",
)  # fmt: skip
_SIDES = {"test": "seen", "unseen": "unseen"}
_KEYS = ["model", "fold", "seed", "sample"]


def table(
    imagined: pd.DataFrame,
    chosen: pd.DataFrame,
    samples: pd.DataFrame,
    pictures: frames.Pictures,
) -> pd.DataFrame:
    """List a cell of each efficiency of seen and of unseen dates, with its reconstructions by model.

    Parameters
    ----------
    imagined, chosen, samples
        Tables ``imagined``, ``chosen_frames`` and ``samples``; the first fold and seed are shown.
    pictures
        Arrays of images.

    Returns
    -------
    pd.DataFrame
        One row for each cell and model. The mixed reconstruction is that under the frame's own date, or
        under the inferred membership. Errors are mean squared ones against the frame; `change` is
        the root mean square of mixed less fixed; rows are places in arrays.
    """
    known = frames.known_frames(samples).rename(columns={"row": "frame_row"})
    shown = chosen[chosen["shown"]].drop(columns="shown").astype({"sample": str, "partition": str})
    shown = shown.merge(known, on="sample", validate="1:1")
    shown = shown.drop_duplicates(["partition", "phenotype"])
    own = imagined[imagined["seed"] == imagined["seed"].min()]
    fixed = own[own["effect"] == "fixed"].rename(columns={"row": "fixed_row"})
    mixed = own[own["effect"] == "mixed"].rename(columns={"row": "mixed_row", "cluster": "used"})
    both = mixed.drop(columns=["partition", "effect"])
    both = both.merge(fixed[[*_KEYS, "fixed_row"]], on=_KEYS, validate="many_to_one")
    result = shown.merge(both, on=["fold", "sample"])
    result = result[(result["assignment"] != EVERY) | (result["used"] == result["cluster"])]
    places = {name: place for place, name in enumerate(order_models(result["model"]))}
    result["place"] = result["model"].map(places)
    result = result.sort_values(["partition", "phenotype", "place"], ignore_index=True)
    for name, rows in _measures(result, pictures).items():
        result[name] = rows
    return result[list(COLUMNS)]


@style.styled
def draw(
    table: pd.DataFrame,
    pictures: frames.Pictures,
    *,
    title: str,
    origin: str = "",
    generated: bool = False,
) -> Figure:
    """Draw a row for each cell: the frame, and three pictures for each model."""
    style.check(table, COLUMNS, "reconstructions")
    title = f"{title}: reconstructions"
    if table.empty:
        message = "No model of this study has a reconstruction of its own for each date."
        return style.note(message, title=title, origin=origin, generated=generated)
    models, cells = order_models(table["model"]), table.drop_duplicates("sample")
    columns = 1 + 3 * len(models)
    side = min((style.WIDTH - 1.1) / columns, 1.1)
    figure, body = style.canvas(
        (side + 0.02) * len(cells) + 0.95, title=title, origin=origin, generated=generated,
        width=max(side * columns + 1.1, 4.5),
    )  # fmt: skip
    axes = frames.lay_out(body, len(cells), columns)
    most = max(_largest(table, pictures), 1e-6)
    drawn = None
    for row, cell in enumerate(cells.itertuples()):
        frames.draw_frame(axes[row, 0], frames.picture(pictures, "frames", cell.frame_row))
        what = f"{_SIDES[cell.partition]} {cell.cluster}\nPDX {cell.pdx}\n{cell.phenotype}"
        frames.name_row(axes[row, 0], what)
        for one in table[table["sample"] == cell.sample].itertuples():
            start = 1 + 3 * models.index(one.model)
            fixed, mixed = _pair(one, pictures)
            frames.draw_frame(axes[row, start], fixed)
            frames.draw_frame(axes[row, start + 1], mixed)
            drawn = frames.draw_difference(axes[row, start + 2], mixed - fixed, most)
    _name_columns(axes[0], models)
    bar = body.colorbar(drawn, ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01)
    bar.set_label("Mixed less fixed reconstruction; white of a frame is 1", size=7.5)
    return figure


def _pair(one: tuple, pictures: frames.Pictures) -> tuple[np.ndarray, np.ndarray]:
    fixed = frames.picture(pictures, "imagined", one.fixed_row)  # type: ignore[attr-defined]
    return fixed, frames.picture(pictures, "imagined", one.mixed_row)  # type: ignore[attr-defined]


def _measures(table: pd.DataFrame, pictures: frames.Pictures) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"fixed_error": [], "mixed_error": [], "change": []}
    for one in table.itertuples():
        frame = frames.picture(pictures, "frames", one.frame_row)[None]
        fixed, mixed = (image[None] for image in _pair(one, pictures))
        found["fixed_error"].append(float(squared_error(fixed, frame)[0]))
        found["mixed_error"].append(float(squared_error(mixed, frame)[0]))
        found["change"].append(float(np.sqrt(squared_error(mixed, fixed)[0])))
    return found


def _largest(table: pd.DataFrame, pictures: frames.Pictures) -> float:
    pairs = (_pair(one, pictures) for one in table.itertuples())
    return max(float(np.abs(mixed - fixed).max()) for fixed, mixed in pairs)


def _name_columns(axes: np.ndarray, models: list[str]) -> None:
    def name(axis: Axes, text: str) -> None:
        axis.set_title(text, size=7, pad=2, loc="left")

    name(axes[0], "\nframe")  # with room above for the models' names
    for place, model in enumerate(models):
        start = 1 + 3 * place
        name(axes[start], "fixed")
        label = axes[start].annotate(
            model_label(model), (0, 1), xycoords="axes fraction", xytext=(0, 11), size=7,
            textcoords="offset points", weight="bold", annotation_clip=False,
        )  # fmt: skip
        label.set_in_layout(False)  # else it would widen its column
        name(axes[start + 1], "mixed")
        name(axes[start + 2], "mixed − fixed")
