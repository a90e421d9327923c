"""Figure of the scores of attribution against the true map of the disease, by model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.statistics.intervals import NO_SPREAD, t_interval
from armed_study.vocabulary.formatting import interval_text, number_text
from armed_study.vocabulary.labels import model_colour, model_label, order_models, partition_label

COLUMNS = (
    "kind", "model", "partition", "effect", "metric", "fold", "value", "low", "high", "chance",
    "folds", "maps",
)  # fmt: skip
_KEYS = ["model", "partition", "effect"]
METRICS = {
    "auroc": "AUROC against the true map, in the brain",
    "inside": "Share of attribution inside the true map",
    "empty": "Share of maps without any attribution",
}
_OFFSETS = {"fixed": -0.17, "mixed": 0.17}


def table(scores: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of attribution over samples, seeds and folds, with t intervals over folds.

    Parameters
    ----------
    scores
        Table ``attribution_scores``.

    Returns
    -------
    pd.DataFrame
        `kind` is ``summary`` (with the interval, the number of `folds` and of `maps` behind it) or
        ``fold`` (mean over its samples and seeds). `chance` is the value of even attribution.
    """
    frame = scores.astype(dict.fromkeys(_KEYS, str)).assign(empty=scores["empty"].astype(float))
    means = frame.groupby([*_KEYS, "fold", "seed"])[[*METRICS, "uniform"]].mean()
    folds = means.groupby(level=[*_KEYS, "fold"]).mean()
    counts = frame.groupby(_KEYS).size()
    rows = []
    for key, part in folds.groupby(level=_KEYS):
        chances = {"auroc": 0.5, "inside": float(part["uniform"].mean()), "empty": np.nan}
        for metric, chance in chances.items():
            values = part[metric].dropna()
            same = {**dict(zip(_KEYS, key, strict=True)), "metric": metric, "chance": chance}
            low, high = t_interval(values.to_numpy()) if _vary(values) else (np.nan, np.nan)
            rows.append({**same, "kind": "summary", "value": values.mean(),
                         "low": max(low, 0.0) if low == low else low,
                         "high": min(high, 1.0) if high == high else high,
                         "folds": len(values), "maps": int(counts[key])})  # fmt: skip
            rows += [
                {**same, "kind": "fold", "fold": fold, "value": value}
                for fold, value in zip(values.index.get_level_values("fold"), values, strict=True)
            ]
    result = pd.DataFrame(rows, columns=list(COLUMNS))
    result[["fold", "folds", "maps"]] = result[["fold", "folds", "maps"]].astype("Int64")
    order = {name: place for place, name in enumerate(order_models(result["model"]))}
    return result.sort_values("model", key=lambda names: names.map(order), kind="stable",
                              ignore_index=True)  # fmt: skip


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with a row for each model and output, for the report's page."""
    summary = table[table["kind"] == "summary"]
    rows = []
    for (partition, model, effect), part in summary.groupby(
        ["partition", "model", "effect"], sort=False
    ):
        by = part.set_index("metric")
        cells = by.apply(lambda row: interval_text(row["value"], row["low"], row["high"]), axis=1)
        rows.append(
            {
                "partition": partition,
                "model": model,
                "output": effect,
                "AUROC (interval)": cells["auroc"],
                "share inside (interval)": cells["inside"],
                "share inside by chance": number_text(by.at["inside", "chance"]),
                "maps": int(by.at["auroc", "maps"]),
                "of these empty": number_text(by.at["empty", "value"]),
            }
        )
    return pd.DataFrame(rows).sort_values("partition", kind="stable", ignore_index=True)


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a row of panels for each score, seen beside unseen clusters, models down the side."""
    style.check(table, COLUMNS, "attribution")
    title = f"{title}: attribution against the true map of the disease"
    if table.empty:
        message = "No network was attributed."
        return style.note(message, title=title, origin=origin, generated=generated)
    models = order_models(table["model"])
    partitions = [name for name in ("test", "unseen") if (table["partition"] == name).any()]
    height = len(METRICS) * (0.22 * max(len(models), 4) + 0.55) + 0.45
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    axes = body.subplots(len(METRICS), len(partitions), sharey=True, sharex="row", squeeze=False)
    for (row, column), axis in np.ndenumerate(axes):
        metric = list(METRICS)[row]
        there = (table["metric"] == metric) & (table["partition"] == partitions[column])
        _draw_panel(axis, table[there], models)
        axis.set_xlabel(METRICS[metric])
        axis.set_title(partition_label(partitions[column]) if row == 0 else "")
        style.letter(axis, row * len(partitions) + column)
    style.legend(body, _handles())
    return figure


def _vary(values: pd.Series) -> bool:
    return len(values) > 1 and float(np.ptp(values)) > NO_SPREAD


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    chance = rows["chance"].mean()
    if chance == chance:
        axis.axvline(chance, color="black", lw=0.8, ls=(0, (4, 2)))
    for row in rows.itertuples():
        at = models.index(row.model) + _OFFSETS[row.effect]
        colour = model_colour(row.model)
        if row.kind == "fold":
            axis.plot([row.value], [at], "o", color=colour, alpha=0.45, ms=2.4, mew=0)
            continue
        axis.hlines(at, row.low, row.high, color=colour, lw=1.2)
        axis.plot([row.value], [at], **_look(row.effect, colour))
    axis.set_yticks(range(len(models)), [model_label(name) for name in models])
    axis.set_ylim(len(models) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x")
    axis.spines["left"].set_visible(False)
    axis.hlines(np.arange(len(models) - 1) + 0.5, 0, 1, transform=axis.get_yaxis_transform(),
                color="#EFEFEF", lw=0.6, zorder=0)  # fmt: skip


def _look(effect: str, colour: str) -> dict[str, object]:
    if effect == "mixed":
        return {"marker": "o", "color": colour, "ms": 4, "mec": "white", "mew": 0.4}
    return {"marker": "s", "mfc": "white", "mec": colour, "mew": 0.9, "ms": 3.4}


def _handles() -> list[Line2D]:
    line = {"lw": 1.2}
    grey = style.FAINT
    return [
        Line2D(
            [], [], label="fixed, 95 % interval", **{**_look("fixed", grey), "color": grey}, **line
        ),
        Line2D([], [], label="mixed, 95 % interval", **_look("mixed", grey), **line),
        Line2D([], [], ls="", marker="o", ms=2.4, alpha=0.5, color=grey, label="one fold"),
        Line2D([], [], color="black", lw=0.8, ls=(0, (4, 2)), label="even attribution"),
    ]
