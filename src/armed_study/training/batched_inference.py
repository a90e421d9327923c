"""Samples given once more to a replica of a trained network, and whose results these are."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from armed.data.lazy_rows import pick, read, rows_at_a_time
from armed_study.training.factory import device
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import Replica


def blocks_of(replica: Replica, rows: np.ndarray, z: np.ndarray) -> Iterator[tuple[Tensor, Tensor]]:
    """Read samples and their clusters on the device, as many at a time as memory is meant for; show progress.

    Parameters
    ----------
    replica : Replica
    rows : ndarray, shape (n,)
        Into the data set.
    z : ndarray, shape (n,) or (n, clusters)
        Indices, or weights.
    """
    samples = pick(replica.fold.x, rows)
    size = rows_at_a_time(samples.shape[1:])
    which = f"fold {replica.fold.fold}, seed {replica.seed}"
    with tqdm(total=len(rows), desc=which, unit="sample") as bar:
        for start in range(0, len(rows), size):
            some = slice(start, start + size)
            yield read(samples[some]).to(device()), torch.from_numpy(np.array(z[some])).to(device())
            bar.update(len(rows[some]))


def keys_of(
    problem: Problem, replica: Replica, rows: np.ndarray, **columns: object
) -> pd.DataFrame:
    """Return the key columns of a replica's results for samples by row, with further ones."""
    about = {"study": problem.study, "model": replica.model}
    about |= {"fold": replica.fold.fold, "seed": replica.seed}
    return pd.DataFrame({**about, **columns, "sample": problem.samples[rows]})
