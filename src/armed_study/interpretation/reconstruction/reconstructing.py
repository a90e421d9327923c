"""Reconstructions and latents of every replica of a trained model, block by block."""

from collections.abc import Mapping
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
from armed_study.training.batched_inference import batches_of, keys_of
from armed_study.training.cluster_assignment import Assignment, by_partition
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.training.restore import restore

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


def reconstruct_model(
    study: StudyFolds,
    state: Mapping[str, np.ndarray],
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> Reconstructed:
    """Reconstruct every test and unseen sample by all replicas of a model.

    Samples are given the same clusters as when they are scored, under every assignment. Latents and
    looks are kept under the assignment that a model is reported by; the latents of a network that gets
    the cluster depend on it. Images are read, reconstructed and measured block by block, and none is kept.

    Parameters
    ----------
    study, state, model, method, settings
        See `armed_study.training.restore.restore`.

    Raises
    ------
    ConfigError
        When the model's task is no reconstruction, or its network names no latents.
    """
    errors, latents, looks = [], [], []
    for replica, built in restore(study, state, model=model, method=method, settings=settings):
        path = latents_path(built)
        plan = by_partition(study, replica, uses_z=built.uses_clusters)
        for partition, given, reported in plan:
            for each in given:
                keys = keys_of(study, replica, partition, each)
                found = _measure(built, path, replica, each, appearance=each is reported)
                errors += _by_effect(keys, found.errors)
                if each is reported:
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


@torch.no_grad()
def _measure(
    method: Method, path: str, replica: Replica, given: Assignment, *, appearance: bool
) -> Measured:
    """Measure the reconstructions of some samples, and what they look like if that is wanted."""
    errors, looks, hidden = Blocks(), Blocks(), []
    for x, z in batches_of(replica, given):
        outputs, (latents,) = record_activations(method, [path], x, z, run=method.linear_predictor)
        hidden.append(latents)
        task: Any = method.task
        made = {effect: task.image(output) for effect, output in outputs.items()}
        for effect, image in made.items():
            errors.add(effect, {name: measure(image, x) for name, measure in METRICS.items()})
        if appearance:
            for effect, image in {ORIGINAL: x, **made}.items():
                looks.add(effect, measure_looks(image))
    return Measured(errors.whole(), looks.whole(), joined(hidden))


def _by_effect(
    keys: pd.DataFrame, found: Mapping[str, Mapping[str, np.ndarray]]
) -> list[pd.DataFrame]:
    return [keys.assign(effect=effect, **measured) for effect, measured in found.items()]
