"""Soft cluster membership of samples whose cluster was not in training."""

import torch
from torch import Tensor

from armed.errors import DataError
from armed.methods.base import ModelComponents
from armed.methods.conventional import Conventional, ConventionalSettings
from armed.tasks.outcomes import CategoricalTask


class Membership(Conventional):
    r"""``z_hat(x)``: a classifier of the cluster from the input, for clusters never seen.

    Trained on the seen clusters by cross-entropy, apart from any model of the outcome. Its softmax,
    restricted to the clusters of the training samples, takes the place of the one-hot ``z``.
    """

    def __init__(self, components: ModelComponents, settings: ConventionalSettings) -> None:
        super().__init__(components, settings)
        if (
            not isinstance(components.task, CategoricalTask)
            or components.task.outputs != components.clusters
        ):
            raise DataError(
                f"a membership network for {components.clusters} clusters has {components.task.outputs} "
                "outputs; expected one output a cluster; give it CategoricalTask(clusters)"
            )


def restrict(probability: Tensor, seen: Tensor) -> Tensor:
    """Set clusters that were not in training to 0 and let each row sum to 1.

    A row without any probability on them becomes zeros: no cluster.

    Parameters
    ----------
    probability : Tensor, shape (..., clusters)
    seen : Tensor, shape (clusters,)
        Whether a cluster has training samples.
    """
    # A cluster without training samples has random effects that are nothing but their prior.
    kept = probability * seen
    return kept / kept.sum(-1, keepdim=True).clamp_min(torch.finfo(kept.dtype).tiny)
