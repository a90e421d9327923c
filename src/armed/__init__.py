"""ARMED: adversarially-regularised mixed effects deep learning around any PyTorch network.

The names below are imported on first use, so that ``import armed`` costs nothing.
"""

from importlib import import_module
from typing import Any

_MODULE_OF = {
    "Adversary": "adversaries.dense",
    "Armed": "methods.armed",
    "ArmedError": "errors",
    "BinaryTask": "tasks.binary",
    "CategoricalTask": "tasks.categorical",
    "ClusterInput": "methods.cluster_input",
    "ContinuousTask": "tasks.continuous",
    "Conventional": "methods.conventional",
    "DomainAdversarial": "methods.domain_adversarial",
    "FitSettings": "training.fit",
    "Lmmnn": "methods.lmmnn",
    "Menet": "methods.menet",
    "MirroredAdversary": "adversaries.mirrored",
    "MixedEffects": "effects.mixed_effects",
    "Mldg": "methods.mldg",
    "ModelComponents": "methods.base",
    "RandomIntercept": "effects.intercept_slope",
    "RandomScaleShift": "effects.scale_shift",
    "RandomSlope": "effects.intercept_slope",
    "Samples": "data.samples",
    "fit": "training.fit",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'armed' has no attribute {name!r}")
    return getattr(import_module(f"armed.{_MODULE_OF[name]}"), name)
