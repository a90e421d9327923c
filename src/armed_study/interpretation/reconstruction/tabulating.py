"""Scores of reconstructions and latents as readers get them, beside the published ones."""

from dataclasses import dataclass

import pandas as pd

from armed_study.vocabulary.labels import order_metrics, order_models
from armed_study.vocabulary.reported import reported, reported_assignment

KEYS = ("model", "partition", "assignment", "effect", "metric")


@dataclass(frozen=True, eq=False)
class Table:
    """One table: its numbers, and what is shown of them on a page."""

    numbers: pd.DataFrame
    page: pd.DataFrame


def tabulate_errors(summary: pd.DataFrame, published: pd.DataFrame) -> Table:
    """Set the published error beside ours of the output and assignment that a model is reported by.

    The page shows the fixed output, which is the same under every assignment, once.

    Parameters
    ----------
    summary
        Table ``reconstruction_summary``.
    published
        See `armed_study.report.published.published_scores`.
    """
    ours = reported(summary).index
    paper = _published(published, ["model", "partition", "metric"])
    text = summary.astype(dict.fromkeys(("model", "partition", "metric"), str))
    keys = text[["model", "partition", "metric"]].itertuples(index=False, name=None)
    values = pd.Series([paper.get(key) for key in keys], summary.index, dtype=float)
    numbers = text.assign(published=values.where(summary.index.isin(ours)))
    numbers = numbers.assign(once=numbers.index.isin(reported_assignment(summary).index))
    numbers = _ordered(numbers.drop(columns="study"), ["partition", "metric", "model"])
    shown = numbers[(numbers["effect"] == "mixed") | numbers["once"]]
    return Table(numbers.drop(columns="once"), _page_of_errors(shown))


def tabulate_latents(scores: pd.DataFrame, published: pd.DataFrame) -> Table:
    """Set the published indices by date, of seen test samples, beside ours.

    Parameters
    ----------
    scores
        Table ``latent_scores``.
    published
        See `armed_study.report.published.published_scores`.
    """
    paper = _published(published[published["partition"] == "test"], ["model", "metric"])
    text = scores.astype(dict.fromkeys(("model", "metric", "by"), str))
    keys = text[["model", "metric"]].itertuples(index=False, name=None)
    values = pd.Series([paper.get(key) for key in keys], scores.index, dtype=float)
    numbers = text.assign(published=values.where(text["by"] == "cluster"))
    numbers = _ordered(numbers.drop(columns="study"), ["metric", "by", "model"])
    shown = {"cluster": "date", "outcome": "phenotype", "source": "PDX"}
    page = numbers.assign(by=numbers["by"].map(shown), published=_printed(numbers["published"]))
    return Table(numbers, page)


def _page_of_errors(numbers: pd.DataFrame) -> pd.DataFrame:
    """Errors are small: three digits that count, where other tables have three decimals."""
    parts = [numbers[["mean", *ends]] for ends in (["low", "high"], ["frame_low", "frame_high"])]
    cells, frames = ([_interval(*row) for row in part.to_numpy()] for part in parts)
    shown = numbers.assign(published=_printed(numbers["published"]))
    shown = shown.drop(columns=["mean", "low", "high", "frame_low", "frame_high", "once"])
    shown.insert(len(KEYS), "mean (interval over cells)", cells)
    shown.insert(
        len(KEYS) + 1, "interval, frames independent", [t.partition(" ")[2] for t in frames]
    )
    return shown


def _interval(value: float, low: float, high: float) -> str:
    value_text, low_text, high_text = (f"{v:#.3g}".replace("-", "−") for v in (value, low, high))
    return value_text if pd.isna(low) else f"{value_text} ({low_text} to {high_text})"


def _printed(values: pd.Series) -> pd.Series:
    """Published values with the digits that were printed."""
    return values.map("{:g}".format, na_action="ignore").astype(object).where(values.notna(), None)


def _published(published: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], float]:
    names = published[keys].itertuples(index=False, name=None)
    return dict(zip(names, published["value"], strict=True))


def _ordered(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sort rows, models and metrics as all tables do; what ``by`` does not name stays in its order."""
    known = {"model": order_models(frame["model"]), "metric": order_metrics(frame["metric"])}
    ranks = {
        name: pd.Categorical(frame[name], known.get(name, sorted(set(frame[name])))).codes
        for name in by
    }
    order = pd.DataFrame(ranks).sort_values(by, kind="stable").index
    return frame.iloc[order].reset_index(drop=True)
