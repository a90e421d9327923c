"""ARMED: adversarially-regularised mixed effects deep learning around any PyTorch network.

The names below are imported on first use, so that ``import armed`` costs nothing.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "adversaries.dense": "Adversary",
    "adversaries.mirrored": "MirroredAdversary",
    "data.augmentation": "AugmentationSettings",
    "data.samples": "Samples",
    "data.several_inputs": "SeveralInputs",
    "effects.classes": "ClassEffects",
    "effects.intercept_slope": "RandomIntercept RandomSlope",
    "effects.linear_effects": "LinearEffects",
    "effects.mixed_effects": "MixedEffects",
    "effects.scale_shift": "RandomScaleShift",
    "errors": "ArmedError",
    "methods.armed": "Armed",
    "methods.base": "ModelComponents",
    "methods.cluster_input": "ClusterInput",
    "methods.conventional": "Conventional",
    "methods.generalisation.coral": "Coral",
    "methods.generalisation.domain_adversarial": "DomainAdversarial",
    "methods.generalisation.group_dro": "GroupDro",
    "methods.generalisation.mldg": "Mldg",
    "methods.lmmnn": "Lmmnn",
    "methods.menet": "Menet",
    "own.fit": "fit",
    "own.loop": "OwnLoop",
    "own.network": "around",
    "prediction.intervals": "rate_intervals sample_intervals",
    "prediction.new_clusters": "predict_new",
    "prediction.score_intervals": "score_intervals",
    "summaries.components": "effects_by_cluster singular_effects variance_components",
    "summaries.fitted": "FittedModel fitted_estimate",
    "summaries.of_method": "fitted_method",
    "summaries.predictions": "augmented simulated",
    "summaries.shares": "shares_by_factor variance_shares",
    "summaries.text": "summary",
    "tasks.outcomes": "BinaryTask CategoricalTask ContinuousTask",
    "training.fit": "FitSettings",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'armed' has no attribute {name!r}")
    return getattr(import_module(f"armed.{_MODULE_OF[name]}"), name)


def _version() -> str:
    """Version of the installed distribution; `unknown` where the source is used without one."""
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("armed-study"))
    except metadata.PackageNotFoundError:
        return "unknown"
