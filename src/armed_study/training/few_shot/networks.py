"""Random effects of known variance on unseen clusters, by the library's predictions for new ones."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from armed.data.lazy_rows import pick
from armed.effects.linear_effects import LinearEffects
from armed.methods.base import Method
from armed.prediction.averages import score_over
from armed.prediction.linear_parts import LinearPart, estimated_effects, linear_part
from armed.prediction.new_clusters import Clustered, predicted
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
    further factors: their effects are known as far as training tells them.
    """
    part, given = linear_part(method, pick(x, unseen)), [index[unseen] for index in further]
    return linear_score(method.task, estimated_effects(method), part, y, unseen, further=given)


def linear_score(
    task: Task,
    effects: Sequence[LinearEffects],
    whole: LinearPart,
    y: np.ndarray,
    unseen: np.ndarray,
    *,
    further: Sequence[np.ndarray] = (),
) -> Score:
    """Return how effects of known variance score the rows ``unseen``, whose linear part is ``whole``.

    ``further``, clusters (n,) of further factors, is of these rows.
    """

    def on_device(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(whole.offset.device)

    def samples(rows: np.ndarray, cluster: np.ndarray) -> Clustered:
        at = np.searchsorted(unseen, rows)
        clusters = [effects[0].clusters + cluster, *(index[at] for index in further)]
        own = [*map(on_device, clusters)]
        return Clustered(whole.rows(on_device(at)), own, on_device(y[rows]))

    def score(
        rows: np.ndarray, cluster: np.ndarray, labelled: np.ndarray, theirs: np.ndarray
    ) -> np.ndarray:
        given = samples(labelled, theirs) if len(labelled) else None
        found = predicted(task, effects, samples(rows, cluster), given)
        return score_over(task, found.eta, found.spread).cpu().numpy()

    return score
