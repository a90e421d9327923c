"""Samples given to trained networks, as many at a time as memory is meant for."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from armed.data.arrays import as_weights
from armed.data.factors import completed
from armed.data.lazy_rows import LazyRows, pick, read, rows_at_a_time
from armed.methods.base import Method
from armed.nn.activations import record_activations
from armed.training.ensemble import Ensemble
from armed_study.training.cluster_assignment import Assignment, needs_weights
from armed_study.training.factory import device
from armed_study.training.fold_data import FoldData, Replica, StudyFolds
from armed_study.training.result_tables import Scores

FOLDS = 3
"""So many folds, the first ones, have their hidden features kept, of the first seed."""

MOST, MOST_OF_CLUSTER = 1000, 20

Inputs = tuple[Tensor | LazyRows, np.ndarray | None]
"""Samples of a replica (rows, ...), in memory or where they are, and their clusters."""


def batches_of(
    replica: Replica, given: Assignment, clusters: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Read samples and their clusters, of so many, on the device, for one replica; shows progress.

    For a model that does not use the cluster, z is 0.
    """
    samples = pick(replica.fold.x, given.rows)
    z = np.zeros(len(samples), dtype=np.int64) if given.z is None else given.z
    soft = needs_weights(z)
    size = rows_at_a_time(samples.shape[1:])
    with tqdm(total=len(samples), desc=str(replica), unit="sample") as bar:
        for start in range(0, len(samples), size):
            some = slice(start, start + size)
            own = torch.from_numpy(np.array(z[some]))
            own = as_weights(own, clusters) if soft else own
            yield read(samples[some]).to(device()), own.to(device())
            bar.update(len(samples[some]))


def keys_of(
    study: StudyFolds, replica: Replica, partition: str, given: Assignment, **columns: object
) -> pd.DataFrame:
    """Return the key columns of a replica's results for some samples, with further ones."""
    names = {"study": study.name, "model": replica.model}
    numbers = {"fold": replica.fold.fold, "seed": replica.seed}
    used = {"partition": partition, "assignment": given.name}
    samples = {"sample": study.samples[given.rows]}
    return pd.DataFrame({**names, **numbers, **used, **columns, **samples})


def predict(ensemble: Ensemble, inputs: Sequence[Inputs]) -> list[Scores]:
    """Score each replica's own rows: fixed and (where there is one) mixed, (rows,) or (rows, classes).

    Of replicas in a stack always as many rows at a time, so that a row's score does not depend, to
    the last bit, on its company.

    Parameters
    ----------
    ensemble
    inputs
        By replica ``x`` (rows, ...) and ``z``: indices (rows,), `NO_CLUSTER` among them, weights
        (rows, clusters) or None for a method that does not use it. Rows may differ in number, and be
        none.
    """
    longest, size = max(len(x) for x, _ in inputs), rows_at_a_time(inputs[0][0].shape[1:])
    parts: dict[str, list[np.ndarray]] = {}
    for start in range(0, longest, size):
        with torch.no_grad():
            scores = ensemble.predict(*_chunk(ensemble, inputs, start, size))
        for effect, values in scores.items():
            parts.setdefault(effect, []).append(values.cpu().numpy())
    joined = {effect: np.concatenate(values, axis=1) for effect, values in parts.items()}
    empty = np.empty((len(inputs), 0), dtype=np.float32)
    fixed, mixed = joined.get("fixed", empty), joined.get("mixed")
    return [
        (fixed[i, : len(x)], None if mixed is None else mixed[i, : len(x)])
        for i, (x, _) in enumerate(inputs)
    ]


def _chunk(
    ensemble: Ensemble, inputs: Sequence[Inputs], start: int, size: int
) -> tuple[Tensor, Tensor]:
    """``size`` rows of every replica from ``start``, on the device; those there are not are 0.

    Of a replica that is alone only those there are.
    """
    if not ensemble.stacked:
        size = min(size, len(inputs[0][0]) - start)
    rows = slice(start, start + size)
    given = [None if z is None else z[rows] for _, z in inputs]
    soft = any(z is not None and needs_weights(z) for z in given)
    clusters, further = ensemble.template.clusters, len(ensemble.template.further)
    first = clusters if soft else 1
    width = (first + further,) if soft or further else ()
    x = torch.zeros(len(ensemble.slots), size, *inputs[0][0].shape[1:])
    z = torch.zeros(len(ensemble.slots), size, *width, dtype=torch.float32 if soft else torch.int64)
    for i, part in enumerate(given):
        some = read(inputs[i][0][rows])
        x[i, : len(some)] = some
        if part is not None:
            own = completed(torch.from_numpy(np.array(part)), clusters, further)
            z[i, : len(some)] = as_weights(own, clusters) if soft else own
    return x.to(ensemble.device), z.to(ensemble.device)


def importance(ensemble: Ensemble, inputs: Sequence[Tensor]) -> np.ndarray:
    """Mean over each replica's rows (and classes) of ``|d yF / d x_j|``, shape (replicas, columns)."""
    columns = inputs[0].shape[1]
    totals, size = np.zeros((len(inputs), columns)), rows_at_a_time((columns,))
    for start in range(0, max(len(x) for x in inputs), size):
        x, z = _chunk(ensemble, [(rows, None) for rows in inputs], start, size)
        x.requires_grad_()
        fixed = ensemble.predict(x, z)["fixed"]
        # Probabilities of classes add up to 1: each has a derivative of its own.
        scores = fixed.unbind(-1) if fixed.ndim > 2 else (fixed,)
        gradients = [torch.autograd.grad(s.sum(), x, retain_graph=True)[0].abs() for s in scores]
        sizes = [len(rows[start : start + size]) for rows in inputs]
        values = torch.stack(gradients).mean(0).cpu().numpy().astype(np.float64)
        totals += np.stack([values[i, :n].sum(axis=0) for i, n in enumerate(sizes)])
    counts = np.array([max(len(rows), 1) for rows in inputs])
    return totals / counts[:, None]


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
    further = len(method.further)
    # Where a network is run twice, for the fixed and the mixed output, the later one counts.
    blocks = [
        record_activations(
            method, [path], x, completed(own, method.clusters, further), run=method.linear_predictor
        )[1][0]
        for x, own in batches_of(replica, Assignment("known", rows, z), method.clusters)
    ]
    return torch.cat(blocks).flatten(1).float().cpu().numpy()
