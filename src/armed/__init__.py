"""ARMED: adversarially-regularised mixed effects deep learning around any PyTorch network.

The names below are imported on first use, so that ``import armed`` costs nothing.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Adversary": "adversary",
    "ArmedError": "errors",
    "BinaryTask": "task",
    "CategoricalTask": "task",
    "ContinuousTask": "task",
    "FitSettings": "training",
    "MixedEffects": "mixed_effects",
    "Parts": "methods.base",
    "RandomIntercept": "random_effects",
    "RandomSlope": "random_effects",
    "Samples": "batches",
    "fit": "training",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'armed' has no attribute {name!r}")
    return getattr(import_module(f"armed.{_HOME[name]}"), name)
