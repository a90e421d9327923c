"""The tables of a study that readers get: performance, tests between models, learned random effects."""

from collections.abc import Collection

import pandas as pd

from armed_study.interpretation.effects.clusters import summarise_effects
from armed_study.interpretation.effects.variances import summarise_variances
from armed_study.report.tables import performance_table
from armed_study.splits.null import caption


def collect(
    summary: pd.DataFrame,
    comparisons: pd.DataFrame,
    random_effects: pd.DataFrame,
    variance_components: pd.DataFrame,
    split_null: pd.DataFrame | None,
    *,
    metrics: Collection[str],
    published: pd.DataFrame,
) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return each table by name, with the text that explains it (may be empty).

    Parameters
    ----------
    summary, comparisons, random_effects, variance_components, split_null
        The study's tables; the last is None where folds balance clusters only.
    metrics
        Metrics of the table of performance.
    published
        See `armed_study.report.published.published_scores`.
    """
    shown = summary[summary["metric"].isin(metrics)]
    said = caption(split_null) if split_null is not None else ""
    made = {
        "performance": (performance_table(shown, published), said),
        "comparisons": (comparisons, ""),
        "random_effects": (summarise_effects(random_effects), ""),
    }
    variances = summarise_variances(variance_components)
    none = "" if len(variance_components) else "No model of this study estimates a variance."
    return made | {name: (frame, none) for name, frame in variances.items()}
