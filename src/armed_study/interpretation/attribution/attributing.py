"""Grad-CAM of every replica of a trained model, for the samples that were chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from armed.errors import DataError
from armed.methods.base import Method
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.gradcam import grad_cam
from armed_study.interpretation.attribution.maps import to_table
from armed_study.training.batched_inference import blocks_of, keys_of
from armed_study.training.cluster_assignment import assignments
from armed_study.training.factory import device
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import Replica
from armed_study.training.restore import restore
from armed_study.vocabulary.reported import PREFERRED

EVERY = "every"
"""Assignment under which each seen cluster's random effects are tried in turn."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Samples to be attributed and the cluster each is given.

    ``rows`` (n,) into the data set; ``z`` indices (n,) or weights (n, clusters); ``clusters`` (n,)
    names, empty where the assignment says which.
    """

    partition: str
    assignment: str
    rows: np.ndarray
    z: np.ndarray
    clusters: np.ndarray


def attribute_model(
    problem: Problem,
    state: Mapping[str, np.ndarray],
    attributed: pd.DataFrame,
    *,
    model: str,
    method: str,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Make table ``attribution`` of a model: `gradcam.grad_cam` of all replicas.

    Samples of seen clusters are given their own cluster, those of unseen ones the inferred membership,
    as when they are scored. Those shown from seen clusters are also given every seen cluster in
    turn (assignment ``every``, mixed output only), where the model uses the cluster.

    Parameters
    ----------
    problem, state, model, method, settings
        See `armed_study.training.restore.restore`.
    attributed
        Table ``attributed``.
    """
    torch.set_num_threads(1)
    keys, maps = [], []
    for replica, built in restore(problem, state, model=model, method=method, settings=settings):
        chosen = attributed[attributed["fold"] == replica.fold.fold]
        for asked in _asked(problem, replica, chosen, model, uses_z=built.uses_clusters):
            for effect, found in _explain(built.to(device()), replica, asked).items():
                if asked.assignment != EVERY or effect == "mixed":
                    about = {"partition": asked.partition, "assignment": asked.assignment}
                    about |= {"effect": effect, "cluster": asked.clusters}
                    keys.append(keys_of(problem, replica, asked.rows, **about))
                    maps.append(found)
    if not maps:
        raise DataError(
            f"study '{problem.study}', model '{model}': no sample was chosen in any of its folds, "
            "expected some; choose them anew"
        )
    return to_table(pd.concat(keys, ignore_index=True), np.concatenate(maps))


def _asked(
    problem: Problem, replica: Replica, chosen: pd.DataFrame, model: str, *, uses_z: bool
) -> Iterator[Asked]:
    """What is attributed of one replica."""
    fold, place = replica.fold, codes_of(chosen["sample"], pd.Index(problem.samples))
    plan = {
        each.name: each
        for each in assignments(problem, fold, model=model, seed=replica.seed, uses_z=uses_z)
    }
    for partition, names in PREFERRED.items():
        rows = place[(chosen["partition"] == partition).to_numpy()]
        name = next((name for name in names if name in plan), None)
        if name is None or not len(rows):
            continue
        given, none = plan[name].z, np.zeros(len(rows), dtype=np.int64)
        z = none if given is None else given[np.searchsorted(plan[name].rows, rows)]
        yield Asked(partition, name, rows, z, np.full(len(rows), ""))
    shown = place[(chosen["shown"] & (chosen["partition"] == "test")).to_numpy()]
    if uses_z and len(shown):
        z = np.repeat(fold.seen, len(shown))
        rows = np.tile(shown, len(fold.seen))
        yield Asked("test", EVERY, rows, z, np.array(problem.clusters)[z])


def _explain(method: Method, replica: Replica, asked: Asked) -> dict[str, np.ndarray]:
    """Maps by output, (rows, ...), of a method that is on the device."""
    found = [grad_cam(method, x, z) for x, z in blocks_of(replica, asked.rows, asked.z)]
    return {
        effect: torch.cat([part[effect] for part in found]).cpu().numpy() for effect in found[0]
    }
