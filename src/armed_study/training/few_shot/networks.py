"""Random effects of known variance on unseen clusters, by the library's predictions for new ones."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from armed.data.lazy_rows import pick
from armed.effects.linear_effects import LinearEffects
from armed.methods.base import Method
from armed.prediction.averages import score_over
from armed.prediction.known_effects import (
    LinearPart,
    estimated_effects,
    linear_part,
    posterior_effects,
    prior_effects,
)
from armed.tasks.base import Task
from armed_study.training.few_shot.scores import Score


def network_score(
    method: Method,
    x: np.ndarray,
    y: np.ndarray,
    unseen: np.ndarray,
    *,
    further: Sequence[np.ndarray] = (),
) -> Score:
    """Return how a trained method scores the rows ``unseen`` (n,) of all samples ``x``, outcomes ``y``.

    The network is run on them once, whatever is asked for then. ``further`` are clusters (samples,) of
    further factors, whose effects are those of training.
    """
    given = [torch.from_numpy(index[unseen]) for index in further]
    part = linear_part(method, pick(x, unseen), given)
    return linear_score(method.task, estimated_effects(method), part, y, unseen)


def linear_score(
    task: Task, effects: LinearEffects, whole: LinearPart, y: np.ndarray, unseen: np.ndarray
) -> Score:
    """Return how effects of known variance score the rows ``unseen``, whose linear part is ``whole``."""

    def on_device(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(whole.offset.device)

    def part_of(rows: np.ndarray) -> LinearPart:
        at = on_device(np.searchsorted(unseen, rows))
        return LinearPart(whole.offset[at], whole.design[at])

    def score(
        rows: np.ndarray, cluster: np.ndarray, labelled: np.ndarray, theirs: np.ndarray
    ) -> np.ndarray:
        known = prior_effects(effects, int(cluster.max()) + 1)
        if len(labelled):
            own = part_of(labelled), on_device(y[labelled]), on_device(theirs)
            known = posterior_effects(task, effects, *own, len(known.mean))
        eta, spread = known.predictor(part_of(rows), on_device(cluster))
        return score_over(task, eta, spread).cpu().numpy()

    return score
