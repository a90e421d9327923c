"""From the parameters of a trained model back to its methods."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.errors import DataError
from armed.methods.base import Method
from armed_study.io.checkpoints import ABOUT
from armed_study.messages import MADE_ANEW
from armed_study.training.factory import build_method
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import Replica, replicas_of


def restore(
    problem: Problem,
    state: Mapping[str, np.ndarray],
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> Iterator[tuple[Replica, Method]]:
    """Rebuild every replica of ``problem``, one at a time, in evaluation mode.

    Parameters
    ----------
    problem
        Of the folds that the model was trained on.
    state
        Its parameters, the replica first.
    model, method, settings
        As they were when it was trained.

    Raises
    ------
    DataError
        When a replica or one of its parameters is absent, or has another shape.
    """
    kind = methods.load(method)
    trained = list(zip(state["folds"].tolist(), state["seeds"].tolist(), strict=True))
    for replica in replicas_of(problem, model):
        key = (replica.fold.fold, replica.seed)
        if key not in trained:
            raise DataError(
                f"study '{problem.study}', model '{model}': found parameters of (fold, seed) "
                f"{trained}, expected {key} among them; {MADE_ANEW}"
            )
        built = build_method(
            kind,
            settings,
            shape=problem.shape,
            clusters=len(problem.clusters),
            seed=replica.seed_for("initialisation"),
        )
        _fill(built, state, trained.index(key), f"study '{problem.study}', model '{model}'")
        yield replica, built.eval()


def _fill(method: Method, state: Mapping[str, np.ndarray], place: int, what: str) -> None:
    """Put the values of one replica into a method."""
    wanted = {name: tuple(value.shape) for name, value in method.state_dict().items()}
    found = {n: tuple(v.shape[1:]) for n, v in state.items() if n not in ABOUT}
    if found != wanted:
        odd = next(n for n in (*wanted, *found) if found.get(n) != wanted.get(n))
        raise DataError(
            f"{what}: parameter '{odd}' has shape {found.get(odd, 'none')} in the file, expected "
            f"{wanted.get(odd, 'none')} by its settings; {MADE_ANEW}"
        )
    method.load_state_dict({name: torch.tensor(state[name][place]) for name in wanted})
