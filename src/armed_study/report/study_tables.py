"""The tables of a study that readers get: performance, tests between models, learned random effects."""

from collections.abc import Collection, Sequence

import pandas as pd

from armed_study.interpretation.effects.clusters import summarise_effects
from armed_study.interpretation.effects.variances import summarise_variances
from armed_study.report.tables import performance_table
from armed_study.splits.null import caption
from armed_study.vocabulary.formatting import number_text
from armed_study.vocabulary.labels import metric_label, model_label, order_models, partition_label
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import REGRESSIONS

MARGIN = 0.01
"""By how much more a network may score below the linear model before the table says so."""


def collect(
    summary: pd.DataFrame,
    comparisons: pd.DataFrame,
    decomposition: pd.DataFrame,
    random_effects: pd.DataFrame,
    variance_components: pd.DataFrame,
    split_null: pd.DataFrame | None,
    *,
    metrics: Sequence[str],
    networks: Collection[str],
    published: pd.DataFrame,
) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return each table by name, with the text that explains it (may be empty).

    Parameters
    ----------
    summary, comparisons, decomposition, random_effects, variance_components, split_null
        The study's tables; the last is None where folds balance clusters only.
    metrics
        Metrics of the table of performance, the first one first; those of published values are in it, too.
    networks
        Models that are networks.
    published
        See `armed_study.report.published.published_scores`.
    """
    shown = summary[summary["metric"].isin({*metrics, *published["metric"]})]
    said = [caption(split_null)] if split_null is not None else []
    said += behind(summary, networks, metrics[0])
    made = {
        "performance": (performance_table(shown, published), " ".join(said)),
        "comparisons": (comparisons, ""),
        "decomposition": (decomposition, ""),
        "random_effects": (summarise_effects(random_effects), ""),
    }
    variances = summarise_variances(variance_components)
    none = "" if len(variance_components) else "No model of this study estimates a variance."
    return made | {name: (frame, none) for name, frame in variances.items()}


def behind(summary: pd.DataFrame, networks: Collection[str], metric: str) -> list[str]:
    """Say which networks predict worse than the first of `REGRESSIONS` there is: a sentence a partition.

    Such a network has learnt less of its input than is linear in it, whatever else it is compared for.
    """
    rows = reported(summary[summary["metric"] == metric])
    rows = rows.assign(model=rows["model"].astype(str), partition=rows["partition"].astype(str))
    said = []
    for partition in ("test", "unseen"):
        means = rows[rows["partition"] == partition].set_index("model")["mean"]
        linear = next((name for name in REGRESSIONS if name in means), None)
        if linear is None:
            continue
        least = float(means[linear]) - MARGIN
        names = [name for name in order_models(networks) if means.get(name, least) < least]
        if names:
            told = ", ".join(f"{model_label(name)} ({number_text(means[name])})" for name in names)
            said.append(
                f"{partition_label(partition)}: less {metric_label(metric)} than {model_label(linear)} "
                f"({number_text(means[linear])}) by more than {MARGIN} have the networks {told}."
            )
    return said
