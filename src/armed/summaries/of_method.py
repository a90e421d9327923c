"""The estimated effects of a trained method as a fitted mixed model, its network as the fixed part."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, cast

import torch

from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.terms import hard_clusters
from armed.inference.mixed_model import MixedModel
from armed.inference.update import odds_change
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod
from armed.prediction.known_effects import estimated_effects, linear_part
from armed.summaries.fitted import FittedModel


def fitted_method(
    method: Method,
    samples: Samples,
    *,
    class_weights: bool = False,
    columns: Sequence[str] | None = None,
    clusters: Sequence[Any] | None = None,
    classes: Sequence[str] | None = None,
) -> FittedModel:
    """Return the estimated effects of a trained method as a `FittedModel` of its training samples.

    Parameters
    ----------
    method : Method
        With estimated effects (`armed.effects.linear_effects.LinearEffects`).
    samples : Samples
        That it was trained on.
    class_weights : bool
        Whether training weighted classes, which changes the odds that the network predicts.
    columns : sequence of str, optional
        Names of the columns of the input, for those of slopes on it.
    clusters : sequence, optional
        Names of the clusters; default: their categories, or numbers.
    classes : sequence of str, optional
        Names of the classes of a categorical outcome, each of which has effects; default: numbers.

    Raises
    ------
    ConfigError
        If the method has no estimated effects.
    """
    effects = estimated_effects(method)
    # What class weights add to the log odds is the training's, and no part of the outcome.
    weight = samples.class_weights() if class_weights else torch.ones(len(samples))
    change = odds_change(method.task, samples.y, weight)
    model = mixed_model(method, samples)
    kind, labels = model.offset.dtype, samples.names if clusters is None else clusters
    root = effects.prior_root.detach().to("cpu", kind)
    return FittedModel(
        replace(model, offset=model.offset - change.to(kind)),
        [root @ root.T],
        [effects.mean.detach().to("cpu", kind)],
        [effects.covariance.detach().to("cpu", kind)],
        model.offset.new_zeros(0),
        effects.noise.detach().to("cpu", kind)[0],
        [effect_names(effects, columns, classes)],
        [tuple(range(method.clusters) if labels is None else labels)],
        converged=False,
    )


def mixed_model(method: Method, samples: Samples) -> MixedModel:
    """Return samples as a mixed model whose offset is a method's linear predictor with effects of 0."""
    part = linear_part(method, samples.x)
    design, offset = part.design.cpu(), part.offset.cpu()
    index, share = hard_clusters(samples.z)
    term = cast(MixedMethod, method).term(design, index)
    y = method.task.outcome(samples.y).to(design.dtype)
    return MixedModel(method.task, y, offset, share.to(design.dtype), [term])


def effect_names(
    effects: LinearEffects,
    columns: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Names of estimated effects: ``intercept``, ``linear_slope[COLUMN]`` of the input, ``slope[0]`` ...

    Of a categorical outcome they name the class, too: ``intercept[CLASS]``, ``slope[0, CLASS]``.
    """
    found: list[str] = []
    of: Sequence[Any] = [""] if effects.outputs == 1 else classes or range(effects.outputs)
    for name, width in effects.widths.items():
        kind = {"intercept": "intercept", "input": "linear_slope"}.get(name, "slope")
        labels: Sequence[Any] = columns if name == "input" and columns else range(width)
        for each in product([""] if name == "intercept" else labels, of):
            inside = ", ".join(text for text in map(str, each) if text)
            found.append(f"{kind}[{inside}]" if inside else kind)
    return tuple(found)
