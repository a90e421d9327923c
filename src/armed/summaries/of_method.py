"""The estimated effects of a trained method as a fitted mixed model, its network as the fixed part."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from armed.data.factors import fitting
from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.inference.factor_terms import factor_terms
from armed.inference.mixed_model import MixedModel
from armed.inference.update import odds_change
from armed.methods.base import Method
from armed.prediction.linear_parts import estimated_effects, linear_part
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
        Names of the clusters of the first factor; default: their categories, or numbers.
    classes : sequence of str, optional
        Names of the classes of a categorical outcome, each of which has effects; default: numbers.

    Raises
    ------
    ConfigError
        If the method has no estimated effects.
    """
    effects = estimated_effects(method)
    # What class weights add to the log odds is the training's, and no part of the outcome.
    change = odds_change(method.task, samples.y, samples.loss_weights(class_weights))
    model = mixed_model(method, samples)
    kind = model.offset.dtype
    names = [samples.names if clusters is None else clusters, *samples.further.values()]
    roots = [own.prior_root.detach().to("cpu", kind) for own in effects]
    return FittedModel(
        replace(model, offset=model.offset - change.to(kind)),
        [root @ root.T for root in roots],
        [own.mean.detach().to("cpu", kind) for own in effects],
        [own.covariance.detach().to("cpu", kind) for own in effects],
        model.offset.new_zeros(0),
        effects[0].noise.detach().to("cpu", kind)[0],
        [effect_names(own, columns, classes) for own in effects],
        [
            tuple(range(own.clusters) if of is None else of)
            for own, of in zip(effects, names, strict=True)
        ],
        converged=False,
    )


def mixed_model(method: Method, samples: Samples) -> MixedModel:
    """Return samples as a mixed model whose offset is a method's linear predictor with effects of 0."""
    part, effects = linear_part(method, samples.x), estimated_effects(method)
    samples.check_factors(method.further)
    # Samples without cluster, too, as training has them.
    z = fitting(samples.z, method.clusters, method.further)
    terms, share = factor_terms(effects, [design.cpu() for design in part.designs], z)
    offset = part.offset
    y = method.task.outcome(samples.y).to(offset.dtype)
    return MixedModel(method.task, y, offset.cpu(), share.to(offset.dtype), terms)


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
        labels: Sequence[Any] = range(width)
        if name == "input" and columns:
            labels = columns if effects.columns is None else [columns[j] for j in effects.columns]
        for each in product([""] if name == "intercept" else labels, of):
            inside = ", ".join(text for text in map(str, each) if text)
            found.append(f"{kind}[{inside}]" if inside else kind)
    return tuple(found)
