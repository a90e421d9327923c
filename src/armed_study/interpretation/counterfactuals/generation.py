"""Reconstructions of chosen frames under the random effects of every seen date."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.tasks.reconstruction import ReconstructionTask
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.counterfactuals.index import EVERY
from armed_study.training.batched_inference import blocks_of, keys_of
from armed_study.training.cluster_assignment import assignments
from armed_study.training.factory import device
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import Replica
from armed_study.training.restore import restore
from armed_study.vocabulary.reported import PREFERRED


class Imagined(NamedTuple):
    """Table ``imagined`` and the images (rows, 1, size, size), float32, that it tells of."""

    table: pd.DataFrame
    images: np.ndarray


class _Asked(NamedTuple):
    """Samples by row, and the cluster (n,) or weights (n, clusters) each is given."""

    partition: str
    assignment: str
    effect: str
    rows: np.ndarray
    z: np.ndarray
    clusters: np.ndarray


def imagine_dates(
    problem: Problem,
    state: Mapping[str, np.ndarray],
    chosen: pd.DataFrame,
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> Imagined:
    """Reconstruct the chosen frames with all replicas of a model.

    Each without random effects; frames of seen dates also under the effects of every seen date in
    turn, their own among them; those of unseen dates under the inferred membership, as when they
    are scored.

    Parameters
    ----------
    problem, state, model, method, settings
        See `armed_study.training.restore.restore`.
    chosen
        Table ``chosen_frames``.

    Raises
    ------
    ConfigError
        When the model reconstructs nothing, or has no effects on the reconstruction.
    DataError
        When no sample was chosen.
    """
    torch.set_num_threads(1)
    tables, images = [], []
    for replica, built in restore(problem, state, model=model, method=method, settings=settings):
        for asked in _asked(problem, replica, chosen[chosen["fold"] == replica.fold.fold], model):
            about = {"partition": asked.partition, "assignment": asked.assignment}
            about |= {"effect": asked.effect, "cluster": asked.clusters}
            tables.append(keys_of(problem, replica, asked.rows, **about))
            images.append(_reconstruct(built.to(device()), replica, asked))
    if not tables:
        raise DataError(
            f"study '{problem.study}', model '{model}': no frame was chosen in any of its folds, "
            "expected some; choose them anew"
        )
    table = pd.concat(tables, ignore_index=True)
    return Imagined(table.assign(row=np.arange(len(table))), np.concatenate(images))


def _asked(
    problem: Problem, replica: Replica, chosen: pd.DataFrame, model: str
) -> Iterator[_Asked]:
    """What is reconstructed by one replica."""
    fold, place = replica.fold, codes_of(chosen["sample"], pd.Index(problem.samples))
    plan = {
        each.name: each
        for each in assignments(problem, fold, model=model, seed=replica.seed, uses_z=True)
    }
    for partition, names in PREFERRED.items():
        rows = place[(chosen["partition"] == partition).to_numpy()]
        if not len(rows):
            continue
        nobody = np.full(len(rows), "")
        zero = np.zeros((len(rows), len(problem.clusters)), dtype=np.float32)
        yield _Asked(partition, "none", "fixed", rows, zero, nobody)
        if partition == "test":
            z = np.repeat(fold.seen, len(rows))
            every = np.tile(rows, len(fold.seen))
            yield _Asked(partition, EVERY, "mixed", every, z, np.array(problem.clusters)[z])
            continue
        name = next(name for name in names if name in plan)
        z = np.asarray(plan[name].z)[np.searchsorted(plan[name].rows, rows)]
        yield _Asked(partition, name, "mixed", rows, z, nobody)


@torch.no_grad()
def _reconstruct(method: Method, replica: Replica, asked: _Asked) -> np.ndarray:
    """Images (rows, 1, size, size) of one output of a method that is on the device."""
    task = method.task
    if not isinstance(task, ReconstructionTask):
        raise ConfigError(
            f"study '{replica.study}', model '{replica.model}': its task reconstructs nothing, expected "
            "task.kind reconstruction; set it"
        )
    found = []
    for x, z in blocks_of(replica, asked.rows, asked.z):
        outputs = method.linear_predictor(x, z)
        if asked.effect not in outputs:
            raise ConfigError(
                f"study '{replica.study}', model '{replica.model}': has no mixed effects, expected some on "
                "the reconstruction; add random_effects.scale_shift"
            )
        found.append(task.image(outputs[asked.effect]).float().cpu().numpy())
    return np.concatenate(found)
