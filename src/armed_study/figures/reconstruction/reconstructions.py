"""Figure of reconstructions: frames, fixed and mixed reconstructions, and what differs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.data.pictures import picture
from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.figures.reconstruction import frames
from armed_study.vocabulary.labels import model_label, order_models

FIGURE = {
    "label": "Reconstructions",
    "title": "reconstructions",
    "nothing": "No model of this study has a reconstruction of its own for each date.",
    "kinds": ("livecell",),
    "reads": {
        "shown_reconstructions": "study",
        "images.npy": "study",
        "counterfactuals.npy": "counterfactual",
        "reconstruction_changes.npy": "study",
    },
    "finding": """
{% for partition in ('test', 'unseen') %}{% if look.has('reconstruction', model=look.reference,
partition=partition, metric='mse') %}The squared error of {{ label(look.reference) }} on {{ 'seen'
if partition == 'test' else 'unseen' }} dates is {{ look.interval('reconstruction', 'mean',
model=look.reference, partition=partition, metric='mse') }}.{% endif %} {% endfor %}
""",
    "caption": """
**Reconstructions of {name}**: a frame of a cell of high and of one of low metastatic
efficiency, from a seen date (test part of the first fold) and from an unseen one; then, for
each model with effects of the date on its reconstruction, the *fixed* reconstruction, which
knows no date, the *mixed* one, under the random effects of the frame's own date or, on an
unseen date, under the inferred membership, and the second less the first, all on one scale:
red, the date's effects make the place brighter. Frames and reconstructions are drawn from 0,
black, to 1, white. The cells were drawn at random before any model was looked at; the table holds
the mean squared error of each reconstruction against its frame.
""",
}
_SIDES = {"test": "seen", "unseen": "unseen"}


@drawing(FIGURE)
def draw(
    table: pd.DataFrame,
    heading: Heading,
    *,
    images: np.ndarray,
    counterfactuals: np.ndarray | None,
    reconstruction_changes: np.ndarray,
) -> Figure:
    """Draw a row for each cell: the frame, and three pictures for each model."""
    pictures = {"frames": images, "counterfactuals": counterfactuals}
    changes = reconstruction_changes[:, 0]
    models, cells = order_models(table["model"]), table.drop_duplicates("sample")
    columns = 1 + 3 * len(models)
    side = min((style.WIDTH - 1.1) / columns, 1.1)
    width = max(side * columns + 1.1, 4.5)
    figure, body = heading.canvas((side + 0.02) * len(cells) + 0.95, width=width)
    axes = frames.lay_out(body, len(cells), columns)
    most = max(1e-6, float(np.abs(changes).max()))
    drawn = None
    for row, cell in enumerate(cells.itertuples()):
        frames.draw_frame(axes[row, 0], picture(pictures, "frames", cell.frame_row))
        what = f"{_SIDES[cell.partition]} {cell.cluster}\nPDX {cell.pdx}\n{cell.phenotype}"
        style.name_row(axes[row, 0], what, size=7)
        for one in table[table["sample"] == cell.sample].itertuples():
            start = 1 + 3 * models.index(one.model)
            for axis, place in zip(axes[row, start:], (one.fixed_row, one.mixed_row), strict=False):
                frames.draw_frame(axis, picture(pictures, "counterfactuals", place))
            drawn = frames.draw_difference(axes[row, start + 2], changes[one.change_row], most)
    _name_columns(axes[0], models)
    bar = body.colorbar(drawn, ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01)
    bar.set_label("Mixed less fixed reconstruction; white of a frame is 1", size=7.5)
    return figure


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
