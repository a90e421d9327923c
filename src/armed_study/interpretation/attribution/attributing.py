"""Attribution of every replica of a trained model, for the samples that were chosen."""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from armed.errors import DataError
from armed.methods.base import Method
from armed_study.data.pictures import shrink
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.explaining import explain
from armed_study.interpretation.attribution.maps import to_table
from armed_study.training.batched_inference import batches_of, keys_of
from armed_study.training.cluster_assignment import (
    Assignment,
    by_partition,
    cluster_names,
    every_cluster,
)
from armed_study.training.fold_data import FoldData, Replica, StudyFolds
from armed_study.vocabulary.terms import EVERY, GRADCAM, UNTRAINED

MOST_PLACES = 12
"""Rows and columns of a map at most: pixels are averaged, since single gradients are noise."""


def attribute_model(
    study: StudyFolds,
    restored: Iterable[tuple[Replica, Method]],
    attributed: pd.DataFrame,
    methods: Sequence[str],
) -> pd.DataFrame:
    """Make table ``attribution`` of a model: `explaining.explain` of all replicas by every method.

    Samples of seen clusters are given their own cluster, those of unseen ones the inferred membership,
    as when they are scored. Those shown from seen clusters are also given every seen cluster in
    turn (assignment ``every``, mixed output and Grad-CAM only), where the model uses the cluster.
    Of the first replica there is a third output, ``untrained``: the fixed one of the same network
    with weights drawn anew, by which one sees what a method of attribution owes to the images alone.

    Parameters
    ----------
    restored
        Replicas of the model: see `armed_study.training.restore.restore`.
    attributed
        Table ``attributed``.
    methods
        Keys of `explaining.EXPLAIN`.

    References
    ----------
    Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018.
    """
    parts = []
    for replica, built in restored:
        chosen = attributed[attributed["fold"] == replica.fold.fold]
        control = (replica.fold.fold, replica.seed) == (attributed["fold"].min(), 0)
        for partition, given in _given(study, replica, chosen, uses_z=built.uses_clusters):
            for by in [name for name in methods if name == GRADCAM or given.name != EVERY]:
                found = _explain(by, built, replica, given)
                if control and given.name != EVERY:
                    untrained = _drawn_anew(built, replica.seed_for(UNTRAINED))
                    found[UNTRAINED] = _explain(by, untrained, replica, given)["fixed"]
                for effect in [name for name in found if given.name != EVERY or name == "mixed"]:
                    about = {"by": by, "effect": effect, "cluster": cluster_names(study, given)}
                    keys = keys_of(study, replica, partition, given, **about)
                    parts.append(to_table(keys, found[effect]))
    if not parts:
        raise DataError(
            f"study '{study.name}', model '{replica.model}': no sample was chosen in any of its folds, "
            "expected some; choose them again"
        )
    return pd.concat(parts, ignore_index=True)


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


def _explain(by: str, method: Method, replica: Replica, given: Assignment) -> dict[str, np.ndarray]:
    """Maps by output, (rows, ...), of a method that is on the device."""
    average = average_image(replica.fold)
    found = [
        explain(by, method, x, z, average.to(x.device))
        for x, z in batches_of(replica, given, method.clusters)
    ]
    joined = {effect: torch.cat([part[effect] for part in found]).cpu() for effect in found[0]}
    return {effect: shrink(maps.numpy(), MOST_PLACES) for effect, maps in joined.items()}


def average_image(fold: FoldData) -> Tensor:
    """Mean of the training images, as a network gets them."""
    most = 255 if fold.x.dtype == np.uint8 else 1
    return torch.from_numpy((fold.mean_input[0] / most).astype(np.float32))


def _drawn_anew(method: Method, seed: int) -> Method:
    """Return a copy of a method whose layers have random weights."""
    twin = deepcopy(method)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in twin.modules():
            if callable(reset := getattr(module, "reset_parameters", None)):
                reset()
    return twin
