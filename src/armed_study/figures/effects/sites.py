"""Figure of the clusters as a map: outcome share of each, learned and true random intercepts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.messages import counted
from armed_study.vocabulary.labels import model_colour, model_label, order_models

FIGURE = {
    "label": "Clusters: share and intercepts",
    "title": "clusters, their outcome and learned intercepts",
    "nothing": "No cluster is in any fold.",
    "kinds": ("mci", "ad_mri", "livecell"),
    "reads": {"cluster_effects": "study"},
    "finding": """
{% if look.has('sites', quantity='share', block='seen') %}The share of outcome one is {{
look.span('sites', 'value', quantity='share', block='seen') }} over {{ look.count('sites',
quantity='share', block='seen') }} seen clusters{% if look.has('sites', quantity='intercept',
model=look.reference) %}, where the s.d. over clusters of the random intercepts of {{
label(look.reference) }} is {{ look.span('sites', 'sd', quantity='intercept', block='seen',
model=look.reference) }}{% if look.has('sites', quantity='intercept', block='seen', model='truth')
%}, of the true ones {{ look.span('sites', 'sd', quantity='intercept', block='seen', model='truth')
}}{% endif %}{% endif %}.{% endif %}
""",
    "caption": """
**Clusters of {name}**, sorted by their share of outcome 1. (a) Seen clusters: share with
Wilson's 95 % interval, which treats samples of a cluster as independent; the size of a dot is
the number of samples, the dashed line the share over all of them. (b) In the same rows, learned
random intercepts: the model with bars is shown with one s.d. over folds and seeds to each side
(how stable it is, not a confidence interval), other models pale, and the true intercept where
it is known. Each is centred and divided by its own s.d. over clusters, which the legend gives,
since priors shrink them to different sizes. (c) Unseen clusters: share only. Much of the spread
of small clusters is chance.
""",
}
TRUTH = "truth"
_MOST_NAMED = 75
_COLOURS = {"seen": "#332288", "unseen": "#D55E00"}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row for each seen cluster, share next to intercepts; and the unseen ones at the right."""
    shares = table[table["quantity"] == "share"]
    blocks = {name: shares[shares["block"] == name] for name in _COLOURS}
    effects = table[(table["quantity"] == "intercept") & (table["block"] == "seen")]
    tall = max(0.19 * len(blocks["seen"]), 0.115 * min(len(blocks["unseen"]), _MOST_NAMED))
    figure, body = heading.canvas(max(tall, 1.2) + 1.25)
    rows = {"seen": blocks["seen"], "effects": effects, "unseen": blocks["unseen"]}
    shown = [name for name, own in rows.items() if len(own)]
    axes = np.atleast_1d(body.subplots(1, len(shown)))
    for index, (axis, name) in enumerate(zip(axes, shown, strict=True)):
        if name == "effects":
            _draw_intercepts(axis, effects, blocks["seen"]["cluster"].astype(str).tolist())
        else:
            _draw_shares(axis, blocks[name], name, most=float(shares["samples"].max()))
        style.letter(axis, index)
    style.legend(body, _entries(effects, shares["samples"]), columns=4)
    return figure


def _draw_shares(axis: Axes, rows: pd.DataFrame, block: str, *, most: float) -> None:
    place, colour = np.arange(len(rows)), _COLOURS[block]
    axis.hlines(place, rows["low"], rows["high"], color=colour, lw=0.8, alpha=0.45)
    axis.scatter(rows["value"], place, s=_area(rows["samples"], most), color=colour, lw=0.3,
                 ec="white", zorder=3)  # fmt: skip
    whole = rows.iloc[0]
    axis.axvline(whole["overall"], **style.DASHED)
    axis.set_title(f"{counted(len(rows), f'{block} cluster')}, {whole['all_samples']:,} samples\n"
                   f"dashed: {whole['overall']:.1%} overall".replace("%", " %"), size=7.5)  # fmt: skip
    axis.set_xlabel("Share of outcome 1, 95 % interval", size=7.5)
    axis.set_xlim(-0.03, 1.03)
    named = len(rows) <= _MOST_NAMED
    axis.set_yticks(place if named else [], rows["cluster"].astype(str) if named else [])
    axis.set_ylabel("Cluster, by share of outcome 1", size=7.5)
    _rows(axis, len(rows), 5.5 if len(rows) > 35 else 6.5)


def _draw_intercepts(axis: Axes, effects: pd.DataFrame, clusters: list[str]) -> None:
    axis.axvline(0, color="#999999", lw=0.6)
    main = _main(effects)
    for model in [*(name for name in _models(effects) if name != main), TRUTH, main]:
        rows = effects[effects["model"] == model]
        if rows["standardised"].isna().all():
            continue
        place = rows["cluster"].astype(str).map(clusters.index).to_numpy()
        if model == main:
            ends = rows["standardised_low"], rows["standardised_high"]
            axis.hlines(place, *ends, color=model_colour(main), lw=1)
        axis.plot(rows["standardised"], place, ls="", **_line_style(model, main))
    axis.set_title("Random intercepts of the seen clusters\nas in a, each model on its own scale",
                   size=7.5)  # fmt: skip
    axis.set_xlabel("Intercept, standardised over clusters", size=7.5)
    axis.set_yticks(range(len(clusters)), [""] * len(clusters))
    _rows(axis, len(clusters), 6.5)


def _rows(axis: Axes, count: int, size: float) -> None:
    axis.set_ylim(-0.7, count - 0.3)
    axis.tick_params(axis="y", length=0, labelsize=size)
    axis.grid(axis="both")


def _models(effects: pd.DataFrame) -> list[str]:
    return [name for name in order_models(effects["model"]) if name != TRUTH]


def _main(effects: pd.DataFrame) -> str:
    models = _models(effects)
    return "armed" if "armed" in models else (models or [""])[0]


def _area(samples: pd.Series | int, most: float) -> np.ndarray:
    return 4 + 36 * np.asarray(samples, dtype=float) / most


def _line_style(model: str, main: str) -> style.LineStyle:
    if model == TRUTH:
        return {"marker": "D", "mfc": "none", "mec": "black", "mew": 0.8, "ms": 4.4, "zorder": 5}
    if model == main:
        return {"marker": "o", "color": model_colour(model), "ms": 4, "zorder": 4}
    return {"marker": "o", "color": model_colour(model), "ms": 3.2, "alpha": 0.5, "mew": 0}


def _entries(effects: pd.DataFrame, samples: pd.Series) -> style.Entries:
    entries = []
    main = _main(effects)
    for model in [*_models(effects), TRUTH]:
        rows = effects[effects["model"] == model]
        if len(rows):
            name = "true intercept" if model == TRUTH else model_label(model)
            spread = " ± s.d. over replicas" if model == main else ""
            label = f"{name}{spread} (s.d. {rows['sd'].iloc[0]:.2g})"
            entries.append(style.entry(label, **_line_style(model, main), lw=int(model == main)))
    most = int(samples.max())
    dot = {"ls": "", "marker": "o", "mfc": "#777777", "mec": "white", "mew": 0.3}
    for count in sorted({int(samples.min()), int(samples.median()), most}):
        entries.append(
            style.entry(counted(count, "sample"), ms=float(np.sqrt(_area(count, most))), **dot)
        )
    return entries
