"""Everything that is computed of the predictions of a study's models."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation import calibration, performance, scores, summaries
from armed_study.evaluation.models.best import best_models
from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.decomposition import Ablation, decompose
from armed_study.evaluation.models.limit import share_of_oracle
from armed_study.evaluation.models.pairs import Pairs
from armed_study.io.tables import empty_table
from armed_study.vocabulary.outcomes import BINARY


def evaluate(
    parts: Sequence[pd.DataFrame],
    dataset: ClusteredDataset,
    tables: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    *,
    study: str,
    rows: Mapping[str, Mapping[str, str]],
    reference: str,
    networks: Collection[str],
    ablations: Sequence[Ablation],
    metrics: Sequence[str],
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Compute the tables of scores, summaries, tests, calibration and curves, by their names.

    Parameters
    ----------
    parts
        Tables `predictions`, of the parts of each model.
    dataset
        The samples of the study.
    tables
        The study's tables `truth` and `splits`.
    published
        Published scores, to be shown with those of the study.
    study, rows
        Name of the study, and rows that show a model under another name: see `scores.score_predictions`.
    reference
        Model that the others are compared with, and whose gain is taken apart.
    networks
        Models that are networks.
    ablations
        Pairs of models that differ in one thing.
    metrics
        Metrics of the study, the first two of which are shown.
    seed
        Of all resampling.
    """
    samples, truth, outcome = dataset.samples, tables["truth"], dataset.outcome
    scored = scores.score_predictions(
        parts, samples, truth, rows=rows, study=study, outcome=outcome
    )
    summary = summaries.summarise(scored, seed=seed)
    pairs = Pairs(scored, tables["splits"], seed=seed, outcome=outcome)
    return {
        "scores": scored.table,
        "summary": summary,
        "comparisons": compare(pairs, reference=reference),
        "best": best_models(
            scored, tables["splits"], networks, metric=metrics[0], seed=seed, outcome=outcome
        ),
        "decomposition": decompose(pairs, ablations, reference=reference, metrics=metrics[:2]),
        "limit": share_of_oracle(pairs),
        "calibration": calibration.calibration_table(
            parts, samples, study=study, seed=seed, outcome=outcome
        ),
        "performance": performance.collect_performance(
            scored.table, summary, published, metrics=metrics[:2]
        ),
        # Of several classes there are as many curves, and of numbers none.
        "roc": performance.collect_curves(parts, samples, truth, summary, rows=rows, seed=seed)
        if outcome == BINARY
        else empty_table("roc"),
    }
