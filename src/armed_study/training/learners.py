"""Learners: what trains a model on the folds of a study, found by the name of the method.

A module of `armed_study.baselines` that defines ``BASELINE`` is a method without a network. Every method
of `armed.methods` is a network's, trained by ``neural.NeuralLearner(method)``.
"""

from armed import discovery, methods
from armed.errors import ConfigError
from armed_study.training.fold_data import Learner

BASELINES = "armed_study.baselines"


def available() -> list[str]:
    """Names of all methods, sorted; imports none of them, hence no torch."""
    return sorted({*discovery.discover(BASELINES, "BASELINE"), *methods.available()})


def load(method: str) -> Learner:
    """Learner of ``method``.

    Raises
    ------
    ConfigError
        When there is no such method; lists those there are.
    """
    if method in discovery.discover(BASELINES, "BASELINE"):
        learner: Learner = discovery.load(BASELINES, method, marker="BASELINE", what="method")
        return learner
    if method in methods.available():
        from armed_study.training.neural import NeuralLearner  # torch only where it is needed

        return NeuralLearner(method)
    raise ConfigError(
        f"unknown method '{method}'; there are: {', '.join(available())}; correct the name"
    )
