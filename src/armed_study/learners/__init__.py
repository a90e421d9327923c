"""Learners: what trains a model on the folds of a study, found by the name of the method.

A module of this package that defines ``LEARNER`` is a classical method. Every method of
``armed.methods`` is a network's, trained by ``neural.NeuralLearner(method)``.
"""

import importlib
import re
from pathlib import Path

from armed import methods
from armed.errors import ConfigError
from armed_study.learners.base import FoldData, Learner, Problem, Trained, seed_of

__all__ = ["FoldData", "Learner", "Problem", "Trained", "available", "load", "seed_of"]


def available() -> list[str]:
    """Names of all methods, sorted; imports none of them, hence no torch."""
    return sorted({*_classical(), *methods.available()})


def load(method: str) -> Learner:
    """Learner of ``method``.

    Raises
    ------
    ConfigError
        When there is no such method; lists those there are.
    """
    if method in _classical():
        return importlib.import_module(f"{__name__}.{method}").LEARNER
    if method in methods.available():
        return importlib.import_module(f"{__name__}.neural").NeuralLearner(method)
    raise ConfigError(
        f"unknown method '{method}'; there are: {', '.join(available())}; correct the name"
    )


def _classical() -> list[str]:
    # Read, not imported: some of the modules need torch, others take seconds to import.
    modules = Path(__file__).parent.glob("*.py")
    return [m.stem for m in modules if re.search(r"^LEARNER\b", m.read_text("utf-8"), re.MULTILINE)]
