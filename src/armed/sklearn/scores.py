"""Scores of samples of known clusters and of such as nothing is known of."""

import numpy as np
import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.methods.base import Method
from armed.prediction.averages import blocks, score_over
from armed.prediction.new_clusters import predicted_new
from armed.sklearn.clusters import ClusterColumn, Columns

ROWS = 1024
"""Samples of several factors that are predicted at a time: units have the effects of all their clusters."""


def scores(method: Method, x: Tensor, columns: Columns, unseen: str) -> Tensor:
    """Scores of the task, (samples,) or (samples, classes); see `ARMEDClassifier.predict_proba`.

    Without ``columns`` they are those of the network alone.
    """
    if unseen not in ("marginal", "zero"):
        raise ConfigError(
            f"unseen is {unseen!r}; expected 'marginal' (effects of clusters that are not known are "
            "integrated over) or 'zero' (they are 0); choose one of them"
        )
    if not columns:
        fixed: Tensor = method.predict(x, torch.zeros(len(x), dtype=torch.int64))["fixed"]
        return fixed.detach().double()
    # One factor: a unit has the effects of one cluster, whatever their number.
    size = len(x) if len(columns) == 1 else ROWS
    return torch.cat(
        [
            _of_rows(method, x[rows], {n: c.rows(rows) for n, c in columns.items()}, unseen)
            for rows in blocks(len(x), size)
        ]
    )


def _of_rows(method: Method, x: Tensor, columns: Columns, unseen: str) -> Tensor:
    found = predicted_new(method, x, columns)
    # Effects of known clusters have their posterior, others their prior.
    spread = found.spread
    if unseen == "zero":
        trained = [method.names, *method.further_names.values()]
        known = [
            _known(column, {*(of or ())})
            for column, of in zip(columns.values(), trained, strict=True)
        ]
        rows = torch.from_numpy(np.logical_and.reduce(known)).to(spread)
        spread = spread * rows.view(-1, *[1] * (spread.ndim - 1))
    return score_over(method.task, found.eta, spread)


def _known(column: ClusterColumn, trained: set[object]) -> np.ndarray:
    """Whether each sample's cluster was trained on."""
    # The last place is that of the code -1.
    known = np.array([name in trained for name in column.categories] + [False])
    found: np.ndarray = known[column.codes]
    return found
