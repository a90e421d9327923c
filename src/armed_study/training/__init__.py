"""Training of models on the folds of a study: networks and baselines, found by the name of the method.

A module of `armed_study.baselines`, or of a folder in it, that defines ``BASELINE`` is a method without a
network. Every method of `armed.methods` is a network's, trained by `armed_study.training.neural.train`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from armed import discovery, methods
from armed.errors import ConfigError

if TYPE_CHECKING:  # pandas and torch only where they are needed
    from armed_study.training.result_tables import ModelResults

    Trainer = Callable[..., ModelResults]

BASELINES = "armed_study.baselines"
NETWORKS = "armed_study.training.neural"


def available() -> list[str]:
    """Names of all methods, sorted; imports none of them, hence no torch."""
    return sorted({*discovery.discover(BASELINES, "BASELINE", families=True), *methods.available()})


def trainer(method: str) -> Trainer:
    """Return what trains a model by ``method``: ``train(study, model=..., settings=...)``.

    Raises
    ------
    ConfigError
        When there is no such method; lists those there are.
    """
    if method in discovery.discover(BASELINES, "BASELINE", families=True):
        baseline: Any = discovery.load(
            BASELINES, method, marker="BASELINE", what="method", families=True
        )
        return baseline.train
    if method in methods.available():
        # By name: torch only where it is needed, and a baseline does not depend on how networks train.
        return partial(import_module(NETWORKS).train, method=method)
    raise ConfigError(
        f"unknown method '{method}'; there are: {', '.join(available())}; correct the name"
    )
