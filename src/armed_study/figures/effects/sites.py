"""Figure of the clusters as a map: outcome share of each, learned and true random intercepts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.figures.data import clusters as data_clusters
from armed_study.figures.effects import intercepts
from armed_study.vocabulary.labels import model_colour, model_label, order_models
from armed_study.vocabulary.reported import true_values

COLUMNS = ("cluster", "block", "quantity", "model", "value", "low", "high", "samples", "positives")
TRUTH = "truth"
_MOST_NAMED = 75
_COLOURS = {"seen": "#332288", "unseen": "#D55E00"}


def table(
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    random_effects: pd.DataFrame,
    cluster_truth: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect what is known of each cluster, sorted by its share of outcome 1.

    Parameters
    ----------
    samples, splits, random_effects, cluster_truth
        The study's tables; the true intercept is the quantity ``intercept`` of the last.

    Returns
    -------
    pd.DataFrame
        `block` is ``seen`` (trained on in some fold) or ``unseen``. `quantity` is ``share`` (with
        Wilson's 95 % interval) or ``intercept``: of a `model`, mean over replicas with one s.d. to
        each side, or of ``truth``. Clusters in no fold are left out.
    """
    shares = data_clusters.table(samples)
    home = splits.astype({"sample": str, "partition": str})
    known = samples[["sample", "cluster"]].astype(str)
    home = home[["sample", "partition"]].drop_duplicates().merge(known, on="sample")
    seen = set(home.loc[home["partition"] == "train", "cluster"])
    shares = shares[shares["cluster"].isin(home["cluster"])]
    shares = shares.assign(
        block=np.where(shares["cluster"].isin(seen), "seen", "unseen"),
        quantity="share", model="", value=shares["share"],
    )  # fmt: skip
    effects = pd.concat(
        [_learned(random_effects, samples, splits), _true(cluster_truth)], ignore_index=True
    )
    counts = shares[["cluster", "block", "samples", "positives"]]
    effects = effects.merge(counts, on="cluster").assign(quantity="intercept")
    return pd.concat([shares[list(COLUMNS)], effects[list(COLUMNS)]], ignore_index=True)


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a row for each seen cluster, share beside intercepts; and the unseen ones at the right."""
    style.check(table, COLUMNS, "sites")
    title = f"{title}: clusters, their outcome and learned intercepts"
    if table.empty:
        return style.note("No cluster is in any fold.", title=title, origin=origin,
                          generated=generated)  # fmt: skip
    shares = table[table["quantity"] == "share"]
    blocks = {name: shares[shares["block"] == name] for name in _COLOURS}
    effects = table[(table["quantity"] == "intercept") & (table["block"] == "seen")]
    tall = max(0.19 * len(blocks["seen"]), 0.115 * min(len(blocks["unseen"]), _MOST_NAMED))
    figure, body = style.canvas(
        max(tall, 1.2) + 1.25, title=title, origin=origin, generated=generated
    )
    shown = [name for name, there in (("seen", len(blocks["seen"])), ("effects", len(effects)),
                                      ("unseen", len(blocks["unseen"]))) if there]  # fmt: skip
    axes = np.atleast_1d(body.subplots(1, len(shown)))
    for index, (axis, name) in enumerate(zip(axes, shown, strict=True)):
        if name == "effects":
            _draw_intercepts(axis, effects, blocks["seen"]["cluster"].astype(str).tolist())
        else:
            _draw_shares(axis, blocks[name], name, most=float(shares["samples"].max()))
        style.letter(axis, index)
    style.legend(body, _handles(effects, shares["samples"]), columns=4)
    return figure


def _learned(
    random_effects: pd.DataFrame, samples: pd.DataFrame, splits: pd.DataFrame
) -> pd.DataFrame:
    found = intercepts.table(random_effects, samples, splits)
    low, high = found["intercept"] - found["sd"], found["intercept"] + found["sd"]
    ends = pd.DataFrame({"value": found["intercept"], "low": low, "high": high}, dtype=float)
    return found[["model", "cluster"]].join(ends)


def _true(cluster_truth: pd.DataFrame | None) -> pd.DataFrame:
    values = true_values(cluster_truth, "intercept")
    frame = pd.DataFrame({"cluster": list(values), "value": list(values.values())})
    return frame.assign(model=TRUTH, low=np.nan, high=np.nan)


def _draw_shares(axis: Axes, rows: pd.DataFrame, block: str, *, most: float) -> None:
    place, colour = np.arange(len(rows)), _COLOURS[block]
    axis.hlines(place, rows["low"], rows["high"], color=colour, lw=0.8, alpha=0.45)
    axis.scatter(rows["value"], place, s=_area(rows["samples"], most), color=colour, lw=0.3,
                 ec="white", zorder=3)  # fmt: skip
    overall = rows["positives"].sum() / rows["samples"].sum()
    axis.axvline(overall, color="black", lw=0.8, ls=(0, (4, 2)))
    axis.set_title(f"{len(rows)} {block} clusters, {int(rows['samples'].sum()):,} samples\n"
                   f"dashed: {overall:.1%} overall".replace("%", " %"), size=7.5)  # fmt: skip
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
        middle, scale = _centre(rows)
        if rows.empty or not scale > 0:
            continue
        place = rows["cluster"].astype(str).map(clusters.index).to_numpy()
        value, low, high = ((rows[name] - middle) / scale for name in ("value", "low", "high"))
        if model == main:
            axis.hlines(place, low, high, color=model_colour(main), lw=1)
        axis.plot(value, place, ls="", **_look(model, main))
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


def _centre(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["value"].mean()), float(rows["value"].std())


def _area(samples: pd.Series | np.ndarray, most: float) -> np.ndarray:
    return 4 + 36 * np.asarray(samples, dtype=float) / most


def _look(model: str, main: str) -> dict[str, object]:
    if model == TRUTH:
        return {"marker": "D", "mfc": "none", "mec": "black", "mew": 0.8, "ms": 4.4, "zorder": 5}
    if model == main:
        return {"marker": "o", "color": model_colour(model), "ms": 4, "zorder": 4}
    return {"marker": "o", "color": model_colour(model), "ms": 3.2, "alpha": 0.5, "mew": 0}


def _handles(effects: pd.DataFrame, samples: pd.Series) -> list[Line2D]:
    handles = []
    main = _main(effects)
    for model in [*_models(effects), TRUTH]:
        rows = effects[effects["model"] == model]
        if len(rows):
            name = "true intercept" if model == TRUTH else model_label(model)
            spread = " ± s.d. over replicas" if model == main else ""
            label = f"{name}{spread} (s.d. {_centre(rows)[1]:.2g})"
            line = {"lw": 1 if model == main else 0}
            handles.append(Line2D([], [], **_look(model, main), **line, label=label))
    most = float(samples.max())
    for count in sorted({int(samples.min()), int(samples.median()), int(most)}):
        handles.append(Line2D([], [], ls="", marker="o", mfc="#777777", mec="white", mew=0.3,
                              ms=float(np.sqrt(_area(np.array(count), most))),
                              label=f"{count:,} sample{'s' if count > 1 else ''}"))  # fmt: skip
    return handles
