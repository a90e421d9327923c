"""From the parameters of a trained model back to its methods."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.errors import DataError
from armed.methods.base import Method
from armed_study.io.checkpoints import ABOUT
from armed_study.messages import REGENERATE
from armed_study.training.factory import device
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.training.replicas import build_replica


def restore(
    study: StudyFolds,
    state: Mapping[str, np.ndarray],
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> Iterator[tuple[Replica, Method]]:
    """Rebuild every replica of ``study``, one at a time, on the device and in evaluation mode.

    ``state`` holds their parameters, the replica first; ``study`` the folds that they were trained on.
    ``model``, ``method`` and ``settings`` are those of the training.

    Raises
    ------
    DataError
        When a replica or one of its parameters is absent, or has another shape.
    """
    torch.set_num_threads(1)  # fastest for small networks
    kind = methods.load(method)
    trained = list(zip(state["folds"].tolist(), state["seeds"].tolist(), strict=True))
    for replica in study.replicas(model):
        key = (replica.fold.fold, replica.seed)
        if key not in trained:
            raise DataError(
                f"study '{study.name}', model '{model}': found parameters of (fold, seed) "
                f"{trained}, expected {key} among them; {REGENERATE}"
            )
        built = build_replica(study, replica, kind, settings)
        _fill(built, state, trained.index(key), f"study '{study.name}', model '{model}'")
        yield replica, built.eval().to(device())


def _fill(method: Method, state: Mapping[str, np.ndarray], place: int, what: str) -> None:
    """Put the values of one replica into a method."""
    wanted = {name: tuple(value.shape) for name, value in method.state_dict().items()}
    found = {n: tuple(v.shape[1:]) for n, v in state.items() if n not in ABOUT}
    if found != wanted:
        odd = next(n for n in (*wanted, *found) if found.get(n) != wanted.get(n))
        raise DataError(
            f"{what}: parameter '{odd}' has shape {found.get(odd, 'none')} in the file, expected "
            f"{wanted.get(odd, 'none')} by its settings; {REGENERATE}"
        )
    method.load_state_dict({name: torch.tensor(state[name][place]) for name in wanted})
