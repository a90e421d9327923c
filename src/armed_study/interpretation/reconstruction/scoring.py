"""Scores of reconstructions and latents, and these as readers get them, next to the published ones."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from armed_study.interpretation.image_summaries import summarise_auroc, summarise_errors
from armed_study.interpretation.latents.distances import space_sources
from armed_study.interpretation.latents.latents import score_latents
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_metrics, order_models
from armed_study.vocabulary.reported import reported, reported_assignment

KEYS = ("model", "partition", "assignment", "effect", "metric")


class Table(NamedTuple):
    """One table: its numbers, and what is shown of them on a page."""

    numbers: pd.DataFrame
    page: pd.DataFrame


class Scored(NamedTuple):
    """Tables of the workflow, and what readers get, by name.

    Tables are ``reconstruction_summary``, ``latent_scores`` and ``latent_distances``.
    """

    tables: dict[str, pd.DataFrame]
    pages: dict[str, Table]


def score_reconstruction(
    tables: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
) -> Scored:
    """Score reconstructions and latents, and set the published values next to them.

    Parameters
    ----------
    tables
        Tables ``samples``, ``frames``, ``reconstruction``, ``predictions`` and ``latents``, the last three
        of all networks that reconstruct.
    published
        See `armed_study.report.published.published_scores`.
    rows, seed
        See `summarise_errors` and `score_latents`.
    """
    frames = tables["frames"]
    sources = frames["pdx"].astype(str).set_axis(frames["sample"].astype(str))
    samples = tables["samples"]
    errors = summarise_errors(tables["reconstruction"], samples, rows=rows, seed=seed)
    auroc = summarise_auroc(tables["predictions"], samples, rows=rows, seed=seed)
    summary = pd.concat([errors, auroc], ignore_index=True)
    scores = score_latents(tables["latents"], samples, sources, seed=seed)
    distances = space_sources(tables["latents"], samples, sources)
    pages = {
        "reconstruction": _tabulate_errors(summary, published),
        "latents": _tabulate_latents(scores, published),
    }
    made = {"reconstruction_summary": summary, "latent_scores": scores}
    return Scored(made | {"latent_distances": distances}, pages)


def _tabulate_errors(summary: pd.DataFrame, published: pd.DataFrame) -> Table:
    """Set the published error next to ours of the output and assignment that a model is reported by.

    The page shows the fixed output, which is the same under every assignment, once.
    """
    ours = reported(summary).index
    text = summary.astype(dict.fromkeys(("model", "partition", "metric"), str))
    values = _beside(text, published, ["model", "partition", "metric"])
    numbers = text.assign(
        published=values.where(summary.index.isin(ours)),
        once=summary.index.isin(reported_assignment(summary).index),
    )
    numbers = _ordered(numbers.drop(columns="study"), ["partition", "metric", "model"])
    shown = numbers[(numbers["effect"] == "mixed") | numbers["once"]]
    return Table(numbers.drop(columns="once"), _page_of_errors(shown))


def _tabulate_latents(scores: pd.DataFrame, published: pd.DataFrame) -> Table:
    """Set the published indices by date, of seen test samples, next to ours."""
    text = scores.astype(dict.fromkeys(("model", "metric", "by"), str))
    values = _beside(text, published[published["partition"] == "test"], ["model", "metric"])
    numbers = text.assign(published=values.where(text["by"] == "cluster"))
    numbers = _ordered(numbers.drop(columns="study"), ["metric", "by", "model"])
    shown = {"cluster": "date", "outcome": "phenotype", "source": "PDX"}
    page = numbers.assign(by=numbers["by"].map(shown), published=_printed(numbers["published"]))
    return Table(numbers, page)


def _page_of_errors(numbers: pd.DataFrame) -> pd.DataFrame:
    """Errors are small: three digits that count, where other tables have three decimals."""
    kinds = [[f"{of}low", f"{of}high"] for of in ("", "split_", "frame_")]
    cells, splits, frames = (
        [interval_text(*row, precise=True) for row in numbers[["mean", *ends]].to_numpy()]
        for ends in kinds
    )
    shown = numbers.assign(published=_printed(numbers["published"]))
    shown = shown.drop(columns=["mean", "once", *(name for ends in kinds for name in ends)])
    shown.insert(len(KEYS), "mean (interval over cells)", cells)
    others = {"interval over splits and seeds": splits, "interval, frames independent": frames}
    for place, (name, texts) in enumerate(others.items(), start=len(KEYS) + 1):
        shown.insert(place, name, [text.partition(" ")[2] for text in texts])
    return shown


def _printed(values: pd.Series) -> pd.Series:
    """Published values with the digits that were printed."""
    return values.map("{:g}".format, na_action="ignore").astype(object).where(values.notna(), None)


def _beside(table: pd.DataFrame, published: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Published value of each row of a table; missing where there is none."""
    names = published[keys].itertuples(index=False, name=None)
    paper = dict(zip(names, published["value"], strict=True))
    rows = table[keys].itertuples(index=False, name=None)
    return pd.Series([paper.get(row) for row in rows], table.index, dtype=float)


def _ordered(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sort rows, models and metrics as all tables do; what ``by`` does not name stays in its order."""
    known = {"model": order_models(frame["model"]), "metric": order_metrics(frame["metric"])}
    ranks = {
        name: pd.Categorical(frame[name], known.get(name, sorted(set(frame[name])))).codes
        for name in by
    }
    order = pd.DataFrame(ranks).sort_values(by, kind="stable").index
    return frame.iloc[order].reset_index(drop=True)
