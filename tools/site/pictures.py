"""Pictures of the documentation: ``make pictures`` draws them from what the tutorials compute.

Generated data; a run takes about half a minute.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from tools.site.pages import DOCS, run

PICTURES = DOCS / "pictures"
INK, FIXED, MIXED, ADVERSARY = "#332e3c", "#4477aa", "#228833", "#aa3377"
ORANGE, BLUE = "#ee7733", "#0077bb"

mpl.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})


def idea() -> Figure:
    """Draw the network of ARMED with its adversary and its random effects."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 16), ylim=(0, 7))
    axes.axis("off")
    boxes = {
        "features $x$": (1.5, 3.5, INK), "network $f$\nhidden features $h$": (5.4, 3.5, FIXED),
        "adversary $a$:\nwhich cluster?": (5.4, 6.2, ADVERSARY), "cluster $z$": (1.5, 0.8, INK),
        "random effects\n$u_z \\sim N(0, D)$": (5.4, 0.8, MIXED),
        "without the cluster\n$y_F = g(f(x))$": (12.6, 3.5, FIXED),
        "with the cluster\n$y_M = g(f(x) + \\phi \\cdot u_z)$": (12.6, 0.8, MIXED),
    }  # fmt: skip
    for text, (x, y, colour) in boxes.items():
        box = {
            "boxstyle": "round,pad=0.6",
            "facecolor": "white",
            "edgecolor": colour,
            "linewidth": 1.6,
        }
        axes.text(x, y, text, ha="center", va="center", color=INK, bbox=box)
    for start, end, colour in (
        ((2.7, 3.5), (3.6, 3.5), INK), ((7.3, 3.5), (10.6, 3.5), FIXED), ((5.4, 4.4), (5.4, 5.3), ADVERSARY),
        ((2.5, 0.8), (3.8, 0.8), INK), ((7.1, 0.8), (9.9, 0.8), MIXED), ((7.3, 3.0), (9.9, 1.2), FIXED),
    ):  # fmt: skip
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.6}
        axes.annotate("", end, start, arrowprops=arrow)
    axes.text(7.6, 6.2, "the network is trained to make it fail,\nso that $h$ holds in every cluster",
              va="center", color=ADVERSARY)  # fmt: skip
    return figure


def spirals(names: dict[str, Any]) -> Figure:
    """Draw the scores of the tutorial's model over the plane, without and with two sites' effects."""
    model, x, y, site = (names[name] for name in ("model", "x", "y", "site"))
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    shown = ("fixed", None, 2.2), ("mixed", 0, 0.42), ("mixed", 9, 2.2)
    for axes, (output, number, reach) in zip(figure.subplots(1, 3), shown, strict=True):
        at = torch.linspace(-reach, reach, 200)
        plane = torch.cartesian_prod(at, at).flip(1)
        z = torch.full((len(plane),), number or 0)
        with torch.no_grad():
            score = model.predict(plane, z)[output].reshape(200, 200)
        axes.contourf(at, at, score, np.linspace(0, 1, 11), cmap="PuOr_r", alpha=0.7)
        axes.contour(at, at, score, [0.5], colors=INK, linewidths=1)
        left_out = (torch.arange(len(x)) >= 2000) & (
            (site == number) if number is not None else True
        )
        for value, colour in ((0, BLUE), (1, ORANGE)):
            points = x[left_out & (y == value)][:400]
            axes.plot(*points.T, ".", markersize=2.5, color=colour)
        title = "without effects of a site" if number is None else f"with those of site {number}"
        axes.set(title=title, xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set(xlabel="$x_1$", ylabel="$x_2$")
    return figure


def caterpillar(names: dict[str, Any]) -> Figure:
    """Draw the intercepts of the tutorial's centres, sorted, with their intervals."""
    effects: pd.DataFrame = names["effects"]
    figure = Figure(figsize=(6, 5.4), layout="constrained")
    axes = figure.subplots()
    row = np.arange(len(effects))
    axes.hlines(row, effects["conf.low"], effects["conf.high"], color=MIXED, linewidth=1.4)
    axes.plot(effects["estimate"], row, "o", color=MIXED, markersize=4)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(row, effects.index, fontsize=8)
    axes.set(xlabel="intercept of the centre (logit), 95 % interval", ylim=(-1, len(effects)))
    return figure


def main() -> None:
    """Draw all pictures."""
    torch.set_num_threads(1)
    drawn = {"idea": idea()}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        drawn["spirals"] = spirals(run(DOCS / "tutorials" / "spirals.md").names)
        drawn["caterpillar"] = caterpillar(run(DOCS / "tutorials" / "multi_centre.md").names)
    PICTURES.mkdir(exist_ok=True)
    for name, figure in drawn.items():
        path = PICTURES / f"{name}.png"
        figure.savefig(path, dpi=130, metadata={"Software": None})
        print(os.path.relpath(path, here))


if __name__ == "__main__":
    main()
