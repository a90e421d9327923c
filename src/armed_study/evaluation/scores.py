"""Scores of every model in every fold, seed, partition and assignment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import ConfigError, DataError
from armed_study.data.sample_index import SampleIndex, codes_of
from armed_study.evaluation.predictions import replicas
from armed_study.evaluation.scoring import Output, Scorer
from armed_study.messages import listing
from armed_study.statistics.measures.unit_counts import UnitCounts
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import REPORTED
from armed_study.vocabulary.terms import ORACLES

#: What identifies a score, with the metric.
KEY = ["model", "fold", "seed", "partition", "assignment", "effect"]


@dataclass(frozen=True)
class Scored:
    """Scores of a study, and what their intervals need beyond them.

    An output is identified by partition, model, assignment and effect.

    Parameters
    ----------
    table : the scores table.
    unseen : output -> fold -> sums per unseen cluster.
    delong : output, fold, seed -> standard error of the AUROC.
    groups : output -> fold -> sums per group, on test and unseen samples, where groups have several
        samples.
    """

    table: pd.DataFrame
    unseen: dict[Output, dict[int, UnitCounts]]
    delong: dict[tuple[str, str, str, str, int, int], float]
    groups: dict[Output, dict[int, UnitCounts]] = field(default_factory=dict)


def score_predictions(
    predictions: pd.DataFrame | Iterable[pd.DataFrame],
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    study: str,
    outcome: Outcome = BINARY,
) -> Scored:
    """Score every model on all partitions but `train`, under all assignments and effects.

    Parameters
    ----------
    predictions : the predictions table, whole or in parts (a replica in one part).
    samples : samples table; only sample, cluster and outcome are read.
    truth : truth table; if it has rows, the models `oracle` and `oracle_no_cluster` (fixed effect,
        seed 0, threshold 0.5) are scored on each fold's test and unseen samples.
    rows : displayed name -> {alias_of, assignment}: another name for the scores, on test and
        unseen, of a model under one assignment.
    outcome : of which kind it is; a truth table there is of binary ones only.

    Returns
    -------
    Scored
        With the metrics of the outcome's kind. Of a binary one: auroc; auroc_within (pairs of one
        cluster only, weighted by their number); auprc (average precision); accuracy at 0.5;
        balanced_accuracy, sensitivity, specificity, ppv, npv and f1 at `threshold`, the Youden
        point of the same replica's training samples; brier; ece (15 equal-width bins); log_loss;
        with a truth table bayes_agreement, the share of samples that 0.5 puts in the same class as
        the oracle. A metric that is undefined, for want of a class or of a positive decision, is
        NaN. Of a continuous one: r2 (1 less the squared errors over the squares around the mean of
        the scored samples); r2_within, the same of outcomes and predictions less their means in
        each cluster; correlation_within, of these; rmse; mae. Of counts: d2, r2 with Poisson
        deviances for squares; d2_within, the same with the predictions of each cluster brought to
        the sum of its counts; poisson_deviance, the mean over samples; rmse. Of a categorical one:
        auroc and auroc_within, means over classes of those of the class against the rest; accuracy
        and balanced_accuracy (mean over classes of the share decided rightly) of the likeliest
        class; brier, half the squared distance of the probabilities from the outcome; log_loss.

    Raises
    ------
    DataError, LeakageError
        See `armed_study.evaluation.predictions.replicas`; also where models were not given the same samples.
    ConfigError
        A row evaluates a model or an assignment that is not there.
    """
    sample_index = SampleIndex.of(samples, outcome)
    scorer = Scorer(sample_index, _oracle_scores(truth, sample_index))
    for replica in tqdm(replicas(predictions, sample_index), desc="scoring", unit="replica"):
        scorer.score(replica)
    scorer.score_oracles()
    if not scorer.lines:
        raise DataError(
            f"study '{study}': no predictions outside the training samples, at least "
            "one test, validation or unseen sample is needed; check the splits"
        )
    table = pd.DataFrame(scorer.lines, columns=[*KEY, "metric", "value"])
    scored = Scored(table, scorer.unseen, scorer.delong, scorer.groups)
    for name, row in rows.items():
        scored = _with_row(scored, name, row["alias_of"], row["assignment"])
    return replace(scored, table=_tidy(scored.table, study, outcome.about.metrics))


def _with_row(scored: Scored, name: str, model: str, assignment: str) -> Scored:
    """Show the scores of a model under one assignment under another name as well."""
    table = scored.table
    if (table["model"] == name).any():
        raise ConfigError(f"row '{name}' has the name of a model; give it a name of its own")
    taken = (
        (table["model"] == model)
        & (table["assignment"] == assignment)
        & table["partition"].isin(REPORTED)
    )
    if not taken.any():
        raise ConfigError(
            f"row '{name}' evaluates model '{model}' with z {assignment}, for which "
            "there are no predictions on test or unseen samples; take one of "
            f"{listing(sorted(table['model'].unique()))}"
        )

    def shown(known: dict[tuple, Any]) -> dict[tuple, Any]:
        own = {key: value for key, value in known.items() if key[1:3] == (model, assignment)}
        return known | {(key[0], name, *key[2:]): value for key, value in own.items()}

    return Scored(
        pd.concat([table, table[taken].assign(model=name)]),
        *(shown(known) for known in (scored.unseen, scored.delong, scored.groups)),
    )


def _tidy(table: pd.DataFrame, study: str, metrics: tuple[str, ...]) -> pd.DataFrame:
    """Order scores by their keys, metrics as they are given."""
    place = table["metric"].map({metric: i for i, metric in enumerate(metrics)})
    table = table.assign(place=place).sort_values([*KEY, "place"], ignore_index=True)
    table.insert(0, "study", study)
    return table.drop(columns="place").astype({"fold": "int16", "seed": "int16"})


def _oracle_scores(truth: pd.DataFrame, sample_index: SampleIndex) -> dict[str, np.ndarray]:
    """Give oracle -> (samples,) probability, none where there is no truth table."""
    if not len(truth):
        return {}
    # It covers display points too.
    truth = truth[codes_of(truth["sample"], sample_index.names) >= 0]
    position = sample_index.positions(truth["sample"], "truth table")
    scores = {}
    for name in ORACLES:
        score = scores[name] = np.full(len(sample_index.names), np.nan)
        score[position] = truth[name].to_numpy(dtype=np.float64)
        wrong = ~((score >= 0) & (score <= 1))
        if wrong.any():
            sample = sample_index.names[int(np.argmax(wrong))]
            raise DataError(
                f"truth table: '{name}' of sample '{sample}' is missing or no "
                "probability, one is needed for every sample; prepare the study again"
            )
    return scores
