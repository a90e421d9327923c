"""What each figure reads, of invented tables; where no study has them, of the tables' declarations."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import study_tables as tables
from armed_study.evaluation import performance
from armed_study.evaluation.descriptive import samples, site_differences, slices
from armed_study.figures import catalogue
from armed_study.figures.heading import Heading
from armed_study.interpretation import boundaries
from armed_study.interpretation.attribution import pictures as maps
from armed_study.interpretation.attribution import summary as attribution
from armed_study.interpretation.counterfactuals import pictures
from armed_study.interpretation.counterfactuals import scoring as counterfactual_scoring
from armed_study.interpretation.effects import clusters as cluster_effects
from armed_study.interpretation.effects import importance, ranked, univariate, validation
from armed_study.interpretation.reconstruction import appearance_by_date
from armed_study.io.schemas import TABLES, kind_of
from armed_study.mixed_models import grid_summary
from armed_study.report.published import published_scores, published_univariate
from study_tables import frames, mci, scans, spirals

# What jobs make of the tables of a study, by name.
_MADE = {
    "cluster_shares": lambda: samples.share_by_cluster(spirals().samples, spirals().splits),
    "participant_flow": lambda: samples.participant_flow(
        mci().flow, mci().samples, mci().splits),
    "compared_descriptives": lambda: samples.compare_descriptives(
        mci().descriptives, mci().published),
    "compared_univariate": lambda: univariate.compare_univariate(
        mci().univariate, published_univariate()),
    "boundaries": lambda: boundaries.average_boundaries(
        spirals().display, spirals().display_predictions, spirals().truth,
        spirals().cluster_truth, clusters=3),
    "performance": lambda: performance.collect_performance(
        spirals().scores, spirals().summary, published_scores("spirals_plain"),
        metrics=("accuracy",)),
    "few_shot": tables.few_shot,
    "decomposition": tables.decomposition,
    "limit": tables.limit,
    "learning_curves": tables.learning_curves,
    "roc": lambda: performance.collect_curves(
        mci().invented.predictions, mci().samples, mci().invented.truth, mci().summary,
        rows=tables.ROWS),
    "feature_importance": lambda: importance.collect_importance(spirals().importance),
    "ranked_importance": lambda: importance.rank_features(
        mci().importance, mci().random_effects, top=5),
    "probe_ranks": lambda: importance.rank_probes(mci().importance),
    "learned_intercepts": lambda: cluster_effects.learned_intercepts(
        spirals().random_effects, spirals().samples, spirals().splits),
    "ranked_effects": lambda: ranked.rank_intercepts(mci().random_effects),
    "effect_validation": lambda: validation.order_comparisons(mci().effect_validation),
    "effect_recovery": lambda: validation.recovery(_MADE["effect_validation"]()),
    "cluster_effects": lambda: cluster_effects.collect_clusters(
        mci().samples, mci().splits, mci().random_effects, mci().cluster_truth),
    "documented_effects": tables.documented_effects,
    "grid_summary": lambda: grid_summary.summarise_grid(tables.grid_effects()),
    "site_differences": lambda: site_differences.compare_sites(
        scans().samples, scans().qc, scans().metrics),
    "shown_slices": lambda: slices.shown_slices(scans().samples, scans().qc),
    "shown_attribution": lambda: maps.shown_attribution(
        tables.attribution().attribution, tables.attribution().attributed,
        tables.attribution().samples),
    "site_attribution": lambda: maps.site_attribution(
        tables.attribution().attribution, tables.attribution().samples),
    "attribution_summary": lambda: attribution.summarise(tables.attribution().scores),
    "latent_maps": lambda: tables.latent_maps(tables.cells(14)),
    "latent_distances": lambda: tables.latent_distances()[0],
    "latent_scores": lambda: tables.latent_distances()[1],
    "appearance_by_date": lambda: appearance_by_date.compare_appearance(*tables.appearance()),
    "counterfactual_summary": lambda: counterfactual_scoring.summarise(
        tables.counterfactual_scores(), seed=1),
    "shown_reconstructions": lambda: pictures.list_reconstructions(
        frames().tables["counterfactuals"], frames().chosen, frames().samples, frames().arrays),
    "reconstruction_changes": lambda: pictures.changes(
        _MADE["shown_reconstructions"](), frames().arrays),
    "shown_dates": lambda: pictures.list_dates(
        frames().tables, frames().chosen, frames().samples, frames().arrays),
}  # fmt: skip


def _pictures() -> SimpleNamespace:
    return SimpleNamespace(images=frames().arrays["frames"], **frames().arrays)


# Where figures take what is not made so: from a study as it is.
_STUDIES = {
    "points": spirals, "calibration": spirals, "calibration_new": spirals, "slices": scans,
    "dates": _pictures, "reconstructions": _pictures, "gradcam": tables.attribution,
    "gradcam_sites": tables.attribution, "attribution_methods": tables.attribution,
    "latent_maps": lambda: SimpleNamespace(samples=tables.cells(14)),
    "distances": lambda: SimpleNamespace(samples=tables.cells(3)),
}  # fmt: skip


def given(figure: str) -> dict[str, Any]:
    """What a figure reads, by name, and the settings that it takes."""
    reads = [Path(file).stem for file in catalogue.load(figure).FIGURE["reads"]]
    return {name: _read(figure, name) for name in reads} | {"threshold": 0.5, "outcome": "binary"}


@cache
def _read(figure: str, name: str) -> Any:
    if name in _MADE:
        return _MADE[name]()
    return getattr(_STUDIES[figure](), name) if figure in _STUDIES else _rows(name)


def drawn(figure: str, **changed: Any) -> Figure:
    """A figure of what it reads, some of it changed."""
    return catalogue.make(figure, given(figure) | changed, Heading("A study"))[1]


def _rows(table: str, count: int = 12) -> pd.DataFrame:
    """Rows with the columns that the table's spec declares."""
    number = np.arange(count)
    made = {}
    for field in TABLES[table]:
        text = [f"{field.name} {n % 3}" for n in number]
        values = number / count if kind_of(field).startswith("float") else number % 2
        made[field.name] = text if kind_of(field) == "str" else values
    return pd.DataFrame(made)
