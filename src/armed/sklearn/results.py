"""What an estimator tells of its clusters, found once when it is fitted."""

from dataclasses import replace
from typing import Any

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.summaries.components import effects_by_cluster, variance_components
from armed.summaries.fitted import FittedModel
from armed.summaries.of_method import fitted_method
from armed.summaries.shares import variance_shares
from armed.summaries.text import summary
from armed.tasks.base import Task


def of(estimator: Any, samples: Samples) -> dict[str, Any]:
    """Summary and, of clusters, tables of effects and variances in the outcome's unit."""
    task, method = estimator._task(), estimator.method_
    head = _head(estimator, task)
    if method.effects is None:
        return {"summary": f"{head}\nNumber of samples: {len(samples)}, no clusters"}
    names, classes = estimator._feature_names(), estimator._class_names()
    fitted = fitted_method(method, samples, columns=names, classes=classes)
    # Variances are squares of the unit, effects multiples of it.
    fitted = in_units(fitted, estimator._unit())
    found = {
        "summary": f"{head}\n{summary(fitted)}",
        "random_effects_": effects_by_cluster(fitted),
        "variance_components_": variance_components(fitted),
    }
    try:
        return {**found, "icc_": variance_shares(fitted)["ICC_adjusted"]}
    except ConfigError:  # of several classes there is none
        return found


def in_units(fitted: FittedModel, unit: float) -> FittedModel:
    """Return a model of an outcome that was divided by ``unit`` as one of the outcome itself."""
    model = replace(fitted.model, y=fitted.model.y * unit, offset=fitted.model.offset * unit)
    square = unit**2
    return replace(
        fitted,
        model=model,
        covariances=[each * square for each in fitted.covariances],
        effects=[each * unit for each in fitted.effects],
        effect_covariances=[each * square for each in fitted.effect_covariances],
        noise=fitted.noise * square,
    )


def _head(estimator: Any, task: Task) -> str:
    """First lines, as lme4 has them."""
    network = estimator.method_.whole()
    # The adversary is no part of the fixed effects.
    count = sum(value.numel() for value in network.parameters())
    family = {"BinaryTask": "binomial ( logit )", "CategoricalTask": "multinomial ( softmax )"}
    return "\n".join(
        [
            f"Mixed effects network ['{type(estimator).__name__}']",
            f" Family: {family.get(type(task).__name__, 'gaussian ( identity )')}",
            f"Fixed effects: {type(network).__name__} of {count} parameters, "
            f"{estimator.n_features_in_} features",
        ]
    )
