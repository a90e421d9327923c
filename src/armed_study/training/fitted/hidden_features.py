"""The last hidden layer of a trained network, for some samples of a fold."""

import numpy as np
import torch

from armed.methods.base import Method
from armed.nn.activations import record_activations
from armed_study.training.batched_inference import batches_of
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.fold_data import FoldData, Replica

FOLDS = 3
"""So many folds, the first ones, have their hidden features kept, of the first seed."""

MOST, MOST_OF_CLUSTER = 1000, 20


def keeps_features(replica: Replica) -> bool:
    """Say whether the hidden features of a replica are kept."""
    return replica.seed == 0 and replica.fold.fold < FOLDS


def kept_rows(fold: FoldData) -> np.ndarray:
    """Row numbers, ascending, of the training and test samples whose features are kept.

    Of each part at most `MOST`, or `MOST_OF_CLUSTER` times the clusters if that is more, drawn at random:
    the same for every model.
    """
    most = max(MOST, MOST_OF_CLUSTER * len(fold.seen))
    generator = np.random.default_rng(fold.fold)
    parts = (generator.permutation(fold.rows(part))[:most] for part in ("train", "test"))
    return np.sort(np.concatenate([*parts]))


@torch.no_grad()
def hidden_features(method: Method, replica: Replica, rows: np.ndarray) -> np.ndarray:
    """Last hidden layer of the network (rows, features) for samples with their own cluster.

    Random effects do not enter it, as they are added behind; a network that is given the cluster gets it.
    """
    network = method.whole()
    (place,) = (name for name, module in method.named_modules() if module is network)
    path = f"{place}.{network.last_hidden[0]}"  # type: ignore[index]
    z = replica.fold.known_z(rows) if method.uses_clusters else None
    # Where a network is run twice, for the fixed and the mixed output, the later one counts.
    blocks = [
        record_activations(method, [path], x, own, run=method.linear_predictor)[1][0]
        for x, own in batches_of(replica, Assignment("known", rows, z), method.clusters)
    ]
    return torch.cat(blocks).flatten(1).float().cpu().numpy()
