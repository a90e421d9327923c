"""What any model with random effects is scored with on samples of unseen clusters, a few of them labelled."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from armed_study.training.few_shot.samples import FewShot
from armed_study.vocabulary.terms import FEW_SHOT

Score = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Scores (n, ...) of unseen rows (n,) of clusters (n,), given labelled rows (m,) of clusters (m,).

Scores have a column for each class, where the outcome has any. Rows are those of the dataset, clusters are
numbered from 0; without labelled rows scores are marginal.
"""


class Scored(NamedTuple):
    """Scores (n, ...) of `FewShot.rows`: under which assignment, given how many samples, which choice."""

    assignment: str
    shots: int
    draw: int
    scores: np.ndarray


def marginal_scores(score: Score, rows: np.ndarray) -> np.ndarray:
    """Scores (n, ...) of unseen rows with nothing known of their clusters."""
    none = np.empty(0, dtype=np.int64)
    return score(rows, np.zeros_like(rows), none, none)


def few_shot_scores(score: Score, few: FewShot) -> Iterator[Scored]:
    """Score the samples of a fold by each choice of labelled ones; the model is not trained further."""
    clusters = len(few.labelled)
    for given in few.given():
        # Every draw has clusters of its own, so that one call serves them all.
        draws = np.arange(len(given.rows))
        theirs = np.repeat(np.arange(clusters * len(draws)), given.shots)
        cluster = (draws[:, None] * clusters + few.cluster).ravel()
        scores = score(np.tile(few.rows, len(draws)), cluster, given.rows.ravel(), theirs)
        for draw, part in enumerate(np.split(scores, len(draws))):
            yield Scored(FEW_SHOT, given.shots, draw, part)
