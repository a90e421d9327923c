"""Samples given once more to a replica of a trained network, and the keys of its results."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from armed.data.lazy_rows import pick, read, rows_at_a_time
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.factory import device
from armed_study.training.fold_data import Replica, StudyFolds


def batches_of(replica: Replica, given: Assignment) -> Iterator[tuple[Tensor, Tensor]]:
    """Read samples and their clusters on the device, as many at a time as memory is meant for.

    Shows progress. For a model that does not use the cluster, z is 0.
    """
    samples = pick(replica.fold.x, given.rows)
    z = np.zeros(len(samples), dtype=np.int64) if given.z is None else given.z
    size = rows_at_a_time(samples.shape[1:])
    with tqdm(total=len(samples), desc=str(replica), unit="sample") as bar:
        for start in range(0, len(samples), size):
            some = slice(start, start + size)
            yield read(samples[some]).to(device()), torch.from_numpy(np.array(z[some])).to(device())
            bar.update(len(samples[some]))


def keys_of(
    study: StudyFolds, replica: Replica, partition: str, given: Assignment, **columns: object
) -> pd.DataFrame:
    """Return the key columns of a replica's results for some samples, with further ones."""
    keys = {"study": study.name, "model": replica.model}
    keys |= {"fold": replica.fold.fold, "seed": replica.seed}
    keys |= {"partition": partition, "assignment": given.name}
    return pd.DataFrame({**keys, **columns, "sample": study.samples[given.rows]})
