"""Reconstructions and latents of every replica of a trained model, block by block."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.methods.base import Method
from armed.nn.activations import record_activations
from armed.nn.modes import one_view
from armed.tasks.reconstruction import ReconstructionTask
from armed_study.interpretation.reconstruction.measures import (
    mean_squared_error,
    measure_appearance,
    structural_similarity,
)
from armed_study.training.batched_inference import batches_of, keys_of
from armed_study.training.cluster_assignment import Assignment, by_partition
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.vocabulary.measures import ORIGINAL

METRICS = {"mse": mean_squared_error, "ssim": structural_similarity}
LATENT = "latent_{:03d}"
Measured = dict[str, dict[str, np.ndarray]]


class Reconstructed(NamedTuple):
    """Tables ``reconstruction``, ``latents`` and ``appearance`` of a model."""

    errors: pd.DataFrame
    latents: pd.DataFrame
    appearance: pd.DataFrame


def reconstruct_model(
    study: StudyFolds, restored: Iterable[tuple[Replica, Method]]
) -> Reconstructed:
    """Reconstruct every test and unseen sample by all replicas of a model.

    Samples are given the same clusters as when they are scored, under every assignment. Latents and
    appearance are kept under the assignment that a model is reported by; the latents of a network that gets
    the cluster depend on it. Images are read, reconstructed and measured block by block, and none is kept.

    Parameters
    ----------
    restored
        Replicas of the model: see `armed_study.training.restore.restore`.

    Raises
    ------
    ConfigError
        When the model's task is no reconstruction, or its network names no latents.
    """
    errors, latents, appearance = [], [], []
    for replica, built in restored:
        path = latents_path(built)
        plan = by_partition(study, replica, uses_z=built.uses_clusters)
        for partition, given, reported in plan:
            fixed: Measured = {}  # the same under every assignment
            for each in given:
                keys = keys_of(study, replica, partition, each)
                error, look, hidden = _measure(
                    built, path, replica, each, known=fixed, appearance=each is reported
                )
                fixed = {"fixed": error["fixed"]}
                errors += [keys.assign(effect=effect, **found) for effect, found in error.items()]
                appearance += [
                    keys.assign(effect=effect, **found) for effect, found in look.items()
                ]
                if each is reported:
                    names = [LATENT.format(number) for number in range(hidden.shape[1])]
                    values = pd.DataFrame(hidden, columns=names)
                    latents.append(pd.concat([keys, values], axis=1))
    return Reconstructed(
        *(pd.concat(parts, ignore_index=True) for parts in (errors, latents, appearance))
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
    method: Method,
    path: str,
    replica: Replica,
    given: Assignment,
    *,
    known: Measured,
    appearance: bool,
) -> tuple[Measured, Measured, np.ndarray]:
    """Errors of the reconstructions of some samples, what these look like if wanted, and latents.

    Errors and appearance: by output and metric (rows,); appearance of the images themselves are ``original``.
    Errors of outputs that are ``known`` are not measured again. Latents (rows, latents).
    """
    errors: list[dict[str, dict[str, Tensor]]] = []
    seen: list[dict[str, dict[str, Tensor]]] = []
    hidden: list[Tensor] = []
    task: Any = method.task
    for x, z in batches_of(replica, given, method.clusters):
        with one_view(method):  # others change the outcome's logit alone
            outputs, (latents,) = record_activations(
                method, [path], x, z, run=method.linear_predictor
            )
        hidden.append(latents)
        made = {effect: task.image(output) for effect, output in outputs.items()}
        errors.append({
            effect: {name: measure(image, x) for name, measure in METRICS.items()}
            for effect, image in made.items()
            if effect not in known
        })  # fmt: skip
        shown = {ORIGINAL: x, **made} if appearance else {}
        seen.append({effect: measure_appearance(image) for effect, image in shown.items()})
    return known | _joined(errors), _joined(seen), _rows(hidden)


def _joined(blocks: list[dict[str, dict[str, Tensor]]]) -> Measured:
    """Values of all blocks of rows, by output and metric."""
    return {
        effect: {metric: _rows([block[effect][metric] for block in blocks]) for metric in measured}
        for effect, measured in blocks[0].items()
    }


def _rows(blocks: list[Tensor]) -> np.ndarray:
    """Blocks of rows as one array of float32."""
    return torch.cat(blocks).float().cpu().numpy()
