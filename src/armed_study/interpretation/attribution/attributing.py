"""Grad-CAM of every replica of a trained model, for the samples that were chosen."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import torch

from armed.errors import DataError
from armed.methods.base import Method
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.gradcam import grad_cam
from armed_study.interpretation.attribution.maps import to_table
from armed_study.training.batched_inference import batches_of, keys_of
from armed_study.training.cluster_assignment import (
    Assignment,
    by_partition,
    cluster_names,
    every_cluster,
)
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.vocabulary.terms import EVERY


def attribute_model(
    study: StudyFolds, restored: Iterable[tuple[Replica, Method]], attributed: pd.DataFrame
) -> pd.DataFrame:
    """Make table ``attribution`` of a model: `gradcam.grad_cam` of all replicas.

    Samples of seen clusters are given their own cluster, those of unseen ones the inferred membership,
    as when they are scored. Those shown from seen clusters are also given every seen cluster in
    turn (assignment ``every``, mixed output only), where the model uses the cluster.

    Parameters
    ----------
    restored
        Replicas of the model: see `armed_study.training.restore.restore`.
    attributed
        Table ``attributed``.
    """
    keys, maps = [], []
    for replica, built in restored:
        chosen = attributed[attributed["fold"] == replica.fold.fold]
        for partition, given in _given(study, replica, chosen, uses_z=built.uses_clusters):
            for effect, found in _explain(built, replica, given).items():
                if given.name != EVERY or effect == "mixed":
                    about = {"effect": effect, "cluster": cluster_names(study, given)}
                    keys.append(keys_of(study, replica, partition, given, **about))
                    maps.append(found)
    if not maps:
        raise DataError(
            f"study '{study.name}', model '{replica.model}': no sample was chosen in any of its folds, "
            "expected some; choose them again"
        )
    return to_table(pd.concat(keys, ignore_index=True), np.concatenate(maps))


def _given(
    study: StudyFolds, replica: Replica, chosen: pd.DataFrame, *, uses_z: bool
) -> Iterator[tuple[str, Assignment]]:
    """What is attributed of one replica: samples of a partition, and the clusters they are given."""
    place = codes_of(chosen["sample"], pd.Index(study.samples))
    for partition, _, reported in by_partition(study, replica, uses_z=uses_z):
        rows = place[(chosen["partition"] == partition).to_numpy()]
        if len(rows):
            yield partition, reported.of(rows)
    shown = place[(chosen["shown"] & (chosen["partition"] == "test")).to_numpy()]
    if uses_z and len(shown):
        yield "test", every_cluster(replica.fold, shown)


def _explain(method: Method, replica: Replica, given: Assignment) -> dict[str, np.ndarray]:
    """Maps by output, (rows, ...), of a method that is on the device."""
    found = [grad_cam(method, x, z) for x, z in batches_of(replica, given, method.clusters)]
    return {
        effect: torch.cat([part[effect] for part in found]).cpu().numpy() for effect in found[0]
    }
