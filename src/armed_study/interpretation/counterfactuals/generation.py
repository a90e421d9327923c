"""Reconstructions of chosen frames under the random effects of every seen date."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import torch

from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.tasks.reconstruction import ReconstructionTask
from armed_study.data.sample_index import codes_of
from armed_study.training.batched_inference import batches_of, keys_of
from armed_study.training.cluster_assignment import (
    Assignment,
    by_partition,
    cluster_names,
    every_cluster,
)
from armed_study.training.fold_data import Replica, StudyFolds


def generate_counterfactuals(
    study: StudyFolds, restored: Iterable[tuple[Replica, Method]], chosen: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """Reconstruct the chosen frames with all replicas of a model.

    Each without random effects; frames of seen dates also under the effects of every seen date in
    turn, their own among them; those of unseen dates under the inferred membership, as when they
    are scored.

    Parameters
    ----------
    restored
        Replicas of the model: see `armed_study.training.restore.restore`.
    chosen
        Table ``selected_frames``.

    Returns
    -------
    Table ``counterfactuals`` and the images (rows, 1, size, size), float32, that it tells of.

    Raises
    ------
    ConfigError
        When the model reconstructs nothing, or has no effects on the reconstruction.
    DataError
        When no sample was chosen.
    """
    tables, images = [], []
    for replica, built in restored:
        own = chosen[chosen["fold"] == replica.fold.fold]
        for partition, effect, given in _given(study, replica, own):
            about = {"effect": effect, "cluster": cluster_names(study, given)}
            tables.append(keys_of(study, replica, partition, given, **about))
            images.append(_reconstruct(built, replica, given, effect))
    if not tables:
        raise DataError(
            f"study '{study.name}', model '{replica.model}': no frame was chosen in any of its folds, "
            "expected some; choose them again"
        )
    table = pd.concat(tables, ignore_index=True)
    return table.assign(row=np.arange(len(table))), np.concatenate(images)


def _given(
    study: StudyFolds, replica: Replica, chosen: pd.DataFrame
) -> Iterator[tuple[str, str, Assignment]]:
    """What is reconstructed by one replica: partition, output, and samples with their clusters."""
    place = codes_of(chosen["sample"], pd.Index(study.samples))
    for partition, _, reported in by_partition(study, replica, uses_z=True):
        rows = place[(chosen["partition"] == partition).to_numpy()]
        if len(rows):
            zero = np.zeros((len(rows), len(study.clusters)), dtype=np.float32)
            yield partition, "fixed", Assignment("none", rows, zero)
            seen = partition == "test"
            yield (
                partition,
                "mixed",
                every_cluster(replica.fold, rows) if seen else reported.of(rows),
            )


@torch.no_grad()
def _reconstruct(method: Method, replica: Replica, given: Assignment, effect: str) -> np.ndarray:
    """Images (rows, 1, size, size) of one output of a method that is on the device."""
    task = method.task
    if not isinstance(task, ReconstructionTask):
        raise ConfigError(
            f"study '{replica.study}', model '{replica.model}': its task reconstructs nothing, expected "
            "task.kind reconstruction; set it"
        )
    found = []
    for x, z in batches_of(replica, given, method.clusters):
        outputs = method.linear_predictor(x, z)
        if effect not in outputs:
            raise ConfigError(
                f"study '{replica.study}', model '{replica.model}': has no mixed effects, expected some on "
                "the reconstruction; add random_effects.scale_shift"
            )
        found.append(task.image(outputs[effect]).float().cpu().numpy())
    return np.concatenate(found)
