"""Trials of a model: settings that are drawn, each tried on parts of the training clusters of each fold."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning

from armed_study.training.fold_data import Replica
from armed_study.vocabulary.settings import value_of

Space = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Trial(Replica):
    """One training of a model by settings that are tried.

    ``fold`` is an inner one, of the study's fold ``outer``. All trials of an inner fold begin at the same
    initial values, where these have one shape, and take its samples in the same order.
    """

    number: int
    outer: int
    changes: Mapping[str, Any]

    def __str__(self) -> str:
        return f"fold {self.outer}, trial {self.number}"


def draw_trials(
    space: Space, settings: Mapping[str, Any], *, trials: int, seed: tuple[int, str, str]
) -> list[dict[str, Any]]:
    """Return the settings of every trial by name; all are drawn at once, so that trials do not wait.

    The first trial has those of ``settings``. The others are points of a scrambled Sobol sequence, which
    fills the space evenly (Optuna's quasi-Monte Carlo sampler), scrambled by ``seed``: that of the
    configuration, the study and the model.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    digest = hashlib.blake2b(json.dumps(seed).encode(), digest_size=4).digest()
    number = int.from_bytes(digest, "big") >> 1
    with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
        sampler = optuna.samplers.QMCSampler(
            scramble=True, seed=number, warn_independent_sampling=False
        )
    study = optuna.create_study(sampler=sampler)
    distributions = {name: _distribution(values) for name, values in space.items()}
    drawn = []
    for _ in range(trials):
        asked = study.ask(distributions)
        study.tell(asked, 0.0)  # nothing is learned from it
        drawn.append({name: _value(space[name], asked.params[name]) for name in space})
    # The first one, before a space is known to the sampler, is no point of the sequence.
    configured = {name: value_of(settings, name) for name in space}
    named = {name: value for name, value in configured.items() if value is not None}
    return [named, *drawn[1:]]


def _distribution(values: Mapping[str, Any]) -> BaseDistribution:
    if "choices" in values:
        return IntDistribution(0, len(values["choices"]) - 1)
    low, high = values["low"], values["high"]
    kind = IntDistribution if isinstance(low, int) and isinstance(high, int) else FloatDistribution
    return kind(low, high, log=values["log"])


def _value(values: Mapping[str, Any], drawn: Any) -> Any:
    return values["choices"][drawn] if "choices" in values else drawn
