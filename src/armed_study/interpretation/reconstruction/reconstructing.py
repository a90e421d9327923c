"""Reconstructions and latents of every replica of a trained model, block by block."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from armed.errors import ConfigError
from armed.methods.base import Method
from armed.nn.activations import record_activations
from armed.tasks.reconstruction import ReconstructionTask
from armed_study.interpretation.reconstruction.appearance import measure_looks
from armed_study.interpretation.reconstruction.appearance_by_date import ORIGINAL
from armed_study.interpretation.reconstruction.blocks import Blocks, joined
from armed_study.interpretation.reconstruction.similarity import (
    mean_squared_error,
    structural_similarity,
)
from armed_study.training.batched_inference import blocks_of, keys_of
from armed_study.training.cluster_assignment import assignments
from armed_study.training.factory import device
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import Replica
from armed_study.training.restore import restore
from armed_study.vocabulary.reported import PREFERRED

METRICS = {"mse": mean_squared_error, "ssim": structural_similarity}
LATENT = "latent_{:03d}"


class Reconstructed(NamedTuple):
    """Tables ``reconstruction``, ``latents`` and ``looks`` of a model."""

    errors: pd.DataFrame
    latents: pd.DataFrame
    looks: pd.DataFrame


class Measured(NamedTuple):
    """What is found of a partition under an assignment, the rows in order.

    Errors and looks: by output and metric (rows,); looks of the images themselves are ``original``.
    ``latents`` (rows, latents).
    """

    errors: dict[str, dict[str, np.ndarray]]
    looks: dict[str, dict[str, np.ndarray]]
    latents: np.ndarray


@dataclass(frozen=True, eq=False)
class Asked:
    """Samples of a partition and what each is given as its cluster.

    ``rows`` (n,) into the data set; ``z`` indices (n,) or weights (n, clusters); ``preferred``: it is
    the assignment that the model is judged by.
    """

    partition: str
    assignment: str
    rows: np.ndarray
    z: np.ndarray
    preferred: bool


def reconstruct_model(
    problem: Problem,
    state: Mapping[str, np.ndarray],
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> Reconstructed:
    """Reconstruct every test and unseen sample by all replicas of a model.

    Samples are given the same clusters as when they are scored, under every assignment. Latents and
    looks are kept under the preferred assignment; the latents of a network that is told the cluster
    depend on it. Images are read, reconstructed and measured block by block, and none is kept.

    Parameters
    ----------
    problem, state, model, method, settings
        See `armed_study.training.restore.restore`.

    Raises
    ------
    ConfigError
        When the model's task is no reconstruction, or its network names no latents.
    """
    torch.set_num_threads(1)
    errors, latents, looks = [], [], []
    for replica, built in restore(problem, state, model=model, method=method, settings=settings):
        path, moved = latents_path(built), built.to(device())
        for asked in _asked(problem, replica, model, uses_z=built.uses_clusters):
            about = {"partition": asked.partition, "assignment": asked.assignment}
            keys = keys_of(problem, replica, asked.rows, **about)
            found = _run(moved, path, replica, asked)
            errors += _by_effect(keys, found.errors)
            if asked.preferred:
                looks += _by_effect(keys, found.looks)
                names = [LATENT.format(number) for number in range(found.latents.shape[1])]
                values = pd.DataFrame(found.latents, columns=names)
                latents.append(pd.concat([keys, values], axis=1))
    return Reconstructed(
        *(pd.concat(parts, ignore_index=True) for parts in (errors, latents, looks))
    )


def latents_path(method: Method) -> str:
    """Return the name, in a method, of the submodule whose output are the latents.

    Raises
    ------
    ConfigError
        When the task of the method is no reconstruction, or no network in it names its latents.
    """
    if not isinstance(method.task, ReconstructionTask):
        raise ConfigError(
            f"the task of {type(method).__name__} reconstructs nothing; expected task.kind "
            "reconstruction; correct the task block"
        )
    for path, module in method.named_modules():
        name = getattr(module, "latents", None)
        if isinstance(name, str):
            return f"{path}.{name}"
    raise ConfigError(
        f"the network of {type(method).__name__} names no latents; expected a network that encodes, "
        "such as network.kind autoencoder; choose another network"
    )


def _asked(problem: Problem, replica: Replica, model: str, *, uses_z: bool) -> Iterator[Asked]:
    """What is reconstructed by one replica."""
    fold = replica.fold
    plan = assignments(problem, fold, model=model, seed=replica.seed, uses_z=uses_z)
    for partition, names in PREFERRED.items():
        there = [
            (each, places)
            for each in plan
            if len(places := np.flatnonzero(fold.partition[each.rows] == partition))
        ]
        best = min((names.index(each.name) for each, _ in there), default=0)
        for each, places in there:
            none = np.zeros(len(places), dtype=np.int64)
            z = none if each.z is None else each.z[places]
            preferred = each.name == names[best]
            yield Asked(partition, each.name, each.rows[places], z, preferred)


@torch.no_grad()
def _run(method: Method, path: str, replica: Replica, asked: Asked) -> Measured:
    """Measure the reconstructions of what is asked; looks where they are kept."""
    errors, looks, hidden = Blocks(), Blocks(), []
    for x, z in blocks_of(replica, asked.rows, asked.z):
        outputs, (latents,) = record_activations(method, [path], x, z, run=method.linear_predictor)
        hidden.append(latents)
        made = {effect: method.task.image(output) for effect, output in outputs.items()}
        for effect, image in made.items():
            errors.add(effect, {name: measure(image, x) for name, measure in METRICS.items()})
        if asked.preferred:
            for effect, image in {ORIGINAL: x, **made}.items():
                looks.add(effect, measure_looks(image))
    return Measured(errors.whole(), looks.whole(), joined(hidden))


def _by_effect(
    keys: pd.DataFrame, found: Mapping[str, Mapping[str, np.ndarray]]
) -> list[pd.DataFrame]:
    return [keys.assign(effect=effect, **measured) for effect, measured in found.items()]
