"""What each figure reads, of invented tables; where no case is named, of the tables' declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import study_tables as tables
from armed_study.evaluation import performance
from armed_study.evaluation.descriptive import samples, site_differences
from armed_study.figures import catalogue
from armed_study.figures.heading import Heading
from armed_study.interpretation import boundaries
from armed_study.interpretation.attribution import scoring as attribution
from armed_study.interpretation.counterfactuals import pictures
from armed_study.interpretation.counterfactuals import scoring as counterfactuals
from armed_study.interpretation.effects import clusters as cluster_effects
from armed_study.interpretation.effects import importance, univariate, validation
from armed_study.interpretation.reconstruction import appearance_by_date
from armed_study.io.schemas import TABLES, kind_of
from armed_study.report.published import published_scores, published_univariate

Given = dict[str, Any]


def given(figure: str) -> Given:
    """What a figure reads, by name."""
    return _CASES[figure]() if figure in _CASES else _invented(figure)


def drawn(figure: str, **changed: Any) -> Figure:
    """A figure of what it reads, some of it changed."""
    return catalogue.make(figure, given(figure) | changed, Heading("A study"))[1]


def _invented(figure: str) -> Given:
    """Tables of a few rows with the columns that their specs declare."""
    reads = catalogue.load(figure).FIGURE["reads"]
    return {name: _rows(name) for name in reads}


def _rows(table: str, count: int = 12) -> pd.DataFrame:
    number = np.arange(count)
    made = {}
    for field in TABLES[table]:
        text = [f"{field.name} {n % 3}" for n in number]
        values = number / count if kind_of(field).startswith("float") else number % 2
        made[field.name] = text if kind_of(field) == "str" else values
    return pd.DataFrame(made)


def _clusters() -> Given:
    known = tables.spirals()
    return {"cluster_shares": samples.share_by_cluster(known.samples, known.splits)}


def _flow() -> Given:
    known = tables.mci()
    table = samples.participant_flow(known.flow, known.samples, known.splits)
    return {"participant_flow": table}


def _descriptives() -> Given:
    known = tables.mci()
    compared = samples.compare_descriptives(known.descriptives, known.published)
    return {"compared_descriptives": compared}


def _univariate() -> Given:
    own = tables.mci().univariate
    return {"compared_univariate": univariate.compare_univariate(own, published_univariate())}


def _points() -> Given:
    known = tables.spirals()
    return {"samples": known.samples, "cluster_truth": known.cluster_truth}


def _boundaries() -> Given:
    known = tables.spirals()
    table = boundaries.average_boundaries(
        known.display, known.display_predictions, known.truth, known.cluster_truth, clusters=3
    )
    return {"boundaries": table}


def _performance() -> Given:
    known = tables.spirals()
    table = performance.collect_performance(
        known.scores, known.summary, published_scores("spirals_plain"), metrics=("accuracy",)
    )
    return {"performance": table}


def _roc() -> Given:
    known, invented = tables.mci(), tables.mci().invented
    table = performance.collect_curves(
        invented.predictions, known.samples, invented.truth, known.summary, rows=tables.ROWS
    )
    return {"roc": table}


def _importance() -> Given:
    return {"feature_importance": importance.collect_importance(tables.spirals().importance)}


def _ranked_importance() -> Given:
    known = tables.mci()
    ranked = importance.rank_features(known.importance, known.random_effects, top=5)
    return {"ranked_importance": ranked, "probe_ranks": importance.rank_probes(known.importance)}


def _intercepts() -> Given:
    known = tables.spirals()
    table = cluster_effects.learned_intercepts(known.random_effects, known.samples, known.splits)
    return {"learned_intercepts": table}


def _validation() -> Given:
    compared = validation.order_comparisons(tables.mci().effect_validation)
    return {"effect_validation": compared, "effect_recovery": validation.recovery(compared)}


def _sites() -> Given:
    known = tables.mci()
    table = cluster_effects.collect_clusters(
        known.samples, known.splits, known.random_effects, known.cluster_truth
    )
    return {"cluster_effects": table}


def _slices() -> Given:
    known = tables.scans()
    return {"samples": known.samples, "qc": known.qc, "images": known.images}


def _site_differences() -> Given:
    known = tables.scans()
    table = site_differences.compare_sites(known.samples, known.qc, known.metrics)
    return {"site_differences": table}


def _gradcam() -> Given:
    known = vars(tables.attribution())
    names = ("attribution", "attributed", "samples", "images", "disease_maps")
    return {name: known[name] for name in names} | {"threshold": 0.5}


def _latent_maps() -> Given:
    known = tables.cells(14)
    return {"latent_maps": tables.latent_maps(known), "samples": known}


def _distances() -> Given:
    distances, scores = tables.latent_distances()
    return {"latent_distances": distances, "latent_scores": scores, "samples": tables.cells(3)}


def _reconstructions() -> Given:
    known = tables.imagined()
    shown = pictures.list_reconstructions(
        known.tables["imagined"], known.chosen, known.samples, known.arrays
    )
    arrays = {"images": known.arrays["frames"], "imagined": known.arrays["imagined"]}
    return {"shown_reconstructions": shown, **arrays}


def _dates() -> Given:
    known = tables.imagined()
    shown = pictures.list_dates(known.tables, known.chosen, known.samples, known.arrays)
    arrays = {name: known.arrays[name] for name in ("imagined", "rendered")}
    return {"shown_dates": shown, "images": known.arrays["frames"], **arrays}


_CASES: dict[str, Callable[[], Given]] = {
    "clusters": _clusters, "flow": _flow, "descriptives": _descriptives, "points": _points,
    "slices": _slices, "site_differences": _site_differences, "univariate": _univariate,
    "boundaries": _boundaries, "performance": _performance, "roc": _roc,
    "calibration": lambda: {"calibration": tables.spirals().calibration},
    "importance": _importance, "ranked_importance": _ranked_importance, "intercepts": _intercepts,
    "validation": _validation, "sites": _sites, "gradcam": _gradcam, "gradcam_sites": _gradcam,
    "attribution": lambda: {
        "attribution_summary": attribution.summarise(tables.attribution().scores)
    },
    "latent_maps": _latent_maps, "distances": _distances,
    "looks": lambda: {"looks_by_date": appearance_by_date.compare_looks(*tables.looks())},
    "counterfactuals": lambda: {
        "counterfactual_summary": counterfactuals.summarise(
            tables.counterfactual_scores(), seed=1
        )
    },
    "reconstructions": _reconstructions, "dates": _dates,
}  # fmt: skip
