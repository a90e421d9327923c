"""Intervals of the scores of single samples."""

from typing import Any

import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.methods.base import Method
from armed.prediction.averages import VALUES, blocks, scores_of
from armed.prediction.intervals import DRAWS
from armed.prediction.new_clusters import predicted_new
from armed.tasks.base import one_predictor


def score_intervals(method: Method, x: Any, z: Any = None, *, level: float = 0.9) -> Tensor:
    r"""Interval of the score of each sample, (samples, 2), over what is not known of its clusters' effects.

    Quantiles of ``link(f(x) + phi . (b + u))`` over ``u``, in quasi-random draws: of a cluster that was
    trained on over its posterior, of a new one over the prior, which counts as estimated
    (`armed.prediction.estimated_variances`). The network is taken as it is. For the parameters see
    `armed.prediction.new_clusters.predict_new`.
    """
    one_predictor(method.task, "score_intervals")
    if not 0 < level < 1:
        raise ConfigError(f"level is {level}; expected a probability between 0 and 1, such as 0.9")
    found = predicted_new(method, x, z, estimated=True)
    # All samples have the same draws: intervals are a smooth function of the features.
    at, parts = found.known.drawn(DRAWS).T, []
    tails = at.new_tensor([(1 - level) / 2, (1 + level) / 2])
    for some in blocks(len(found.eta), VALUES // DRAWS):
        scores = scores_of(method.task, found.eta[some, None] + found.spread[some] @ at)
        parts.append(torch.quantile(scores, tails, dim=1).T)
    return torch.cat(parts).to(torch.float32)
