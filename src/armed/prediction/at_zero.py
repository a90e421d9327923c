"""What clusters would have told of a variance that came out as 0."""

from typing import cast

import torch

from armed.data.factors import first_factor
from armed.data.samples import Samples
from armed.inference.blocks.terms import hard_clusters
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod
from armed.prediction.estimated_variances import estimated_from, over_clusters
from armed.prediction.linear_parts import linear_part


@torch.no_grad()
def measure_at_zero(method: Method, samples: Samples) -> None:
    """Find `LinearEffects.at_zero` of a trained method: intervals of new clusters have no width without it.

    The information that a cluster has of an effect whose variance is 0, one over the variance of its own
    estimate, is ``G_k = sum_i w_i phi_i^2``, with the curvature ``w_i`` of the log-likelihood as weight. No
    posterior tells it: all are the prior.

    Parameters
    ----------
    method : Method
        One without such effects, or of several linear predictors, stays as it is.
    samples : Samples
        Those that it was trained on.
    """
    effects = method.effects
    if effects is None or effects.outputs > 1:
        return
    none = estimated_from(effects).reliability == 0
    if not bool(none.any()):
        return
    part = linear_part(method, samples.x)
    design, offset = part.designs[0], part.offset
    z = first_factor(samples.z, len(cast(MixedMethod, method).further))
    index, share = (each.to(offset.device) for each in hard_clusters(z))
    eta = offset + (design * effects.mean[index]).sum(1)
    _, curvature = method.task.derivatives(eta, method.task.outcome(samples.y).to(eta))
    each = design.square() * (curvature * share / effects.noise)[:, None]
    told = each.new_zeros(effects.clusters, each.shape[1]).index_add(0, index, each)
    count, squares = over_clusters(effects, told)
    # As of clusters that all have the root mean square of their information.
    sd = torch.where(squares > 0, (count / squares) ** 0.25, 0)
    effects.at_zero.copy_(torch.stack([sd, count]) * none)
