"""From the tables of a study to what a learner is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.data.sample_index import codes_of
from armed_study.io.image_arrays import open_images
from armed_study.io.tables import empty_table, read_table
from armed_study.messages import REGENERATE
from armed_study.training.factors.known import Factors
from armed_study.training.few_shot.samples import by_fold
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.vocabulary.outcomes import Outcome


def part_of_folds(splits: pd.DataFrame, scatteritem: str) -> tuple[int, ...]:
    """Folds of a part of the work, from its name ``i-of-n``: dealt out in turn, like cards."""
    part, parts = (int(word) for word in scatteritem.split("-of-"))
    return tuple(sorted(splits["fold"].unique().tolist()))[part - 1 :: parts]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What models get of the samples, fold by fold: encoded features, or images.

    Parameters
    ----------
    samples, points
        Arrays (samples, ...) and (display points, ...) of each fold of the study, in order.
    columns
        Table ``features``; no rows if the samples are images.
    """

    samples: np.ndarray | Sequence[np.ndarray]
    points: np.ndarray | Sequence[np.ndarray]
    columns: pd.DataFrame


def image_inputs(dataset: ClusteredDataset, *, folds: int, points: int = 0) -> Inputs:
    """Images, the same array for every fold; `DataError` where there are display points."""
    if points:
        raise DataError(
            f"study '{dataset.name}': found {points} display points of images, expected none; "
            "let the study prepare no display points"
        )
    images: Any = dataset.images
    none = np.empty((0, *images.shape[1:]), np.float32)
    return Inputs([images] * folds, [none] * folds, empty_table("features"))


def make_study(
    dataset: ClusteredDataset,
    splits: pd.DataFrame,
    display: pd.DataFrame,
    inputs: Inputs,
    *,
    folds: tuple[int, ...],
    seeds: int,
    config_seed: int,
    membership: pd.DataFrame | None = None,
    few_shot: pd.DataFrame | None = None,
    shots: Sequence[int] = (),
) -> StudyFolds:
    """Put the tables and arrays of some folds of a study together, each to be trained ``seeds`` times.

    ``inputs`` are those of all folds of the splits. Without a table ``membership`` nothing is known of
    unseen samples, without ``few_shot`` (table ``few_shot_samples``) none of them is given labelled, else
    numbers of them, ``shots``. For ``config_seed`` see `armed_study.training.fold_data.Replica.seed_for`.
    """
    samples = dataset.samples["sample"].astype(str).to_numpy()
    train = splits[splits["partition"] == "train"]
    own = dataset.samples["cluster"].astype(str)
    clusters = tuple(sorted(own[dataset.samples["sample"].isin(train["sample"])].unique()))
    index = pd.Index(clusters)
    partitions = _partitions(dataset, splits[splits["fold"].isin(folds)])
    place = {fold: i for i, fold in enumerate(sorted(splits["fold"].unique().tolist()))}
    y = dataset.samples["outcome"].to_numpy(np.float32)
    z, points_z = (codes_of(table["cluster"], index) for table in (dataset.samples, display))
    made = tuple(
        FoldData(
            fold=fold,
            x=inputs.samples[place[fold]],
            y=y,
            z=z,
            partition=partitions[fold],
            display=np.array(inputs.points[place[fold]]),
            display_z=points_z,
            **_scale(y[partitions[fold] == "train"], dataset.outcome),
        )
        for fold in folds
    )
    known = None if membership is None else memberships_of(membership, made, samples, clusters)
    return StudyFolds(
        name=dataset.name,
        clusters=clusters,
        columns=tuple(inputs.columns["name"].astype(str)),
        probes=tuple(inputs.columns["probe"].tolist()),
        samples=samples,
        display_samples=display["sample"].astype(str).to_numpy(),
        folds=made,
        seeds=seeds,
        config_seed=config_seed,
        membership=known,
        train_sizes=tuple(train.groupby("fold").size().tolist()),
        outcome=dataset.outcome,
        few_shot={} if few_shot is None else by_fold(few_shot, samples, shots),
        factors=Factors.of(dataset.factors, dataset.further, inputs.columns["feature"]),
    )


def _scale(y: np.ndarray, outcome: Outcome) -> dict[str, float]:
    """Mean and s.d. of a continuous outcome; others have no units, and equal ones no s.d."""
    if outcome.kind != "continuous" or not np.ptp(y):
        return {}
    return {"center": float(y.mean(dtype=np.float64)), "scale": float(y.std(dtype=np.float64))}


def _partitions(dataset: ClusteredDataset, splits: pd.DataFrame) -> dict[int, np.ndarray]:
    """Partition of every sample by fold; empty for a sample that is not in the fold."""
    names = pd.Index(dataset.samples["sample"].astype(str).to_numpy(dtype=object))
    place = codes_of(splits["sample"], names)
    text = splits["partition"].astype(str).to_numpy(dtype="U10")
    made = {}
    fold: Any
    for fold, rows in splits.groupby("fold", sort=True).indices.items():
        partition = made[int(str(fold))] = np.full(len(names), "", dtype="U10")
        partition[place[rows]] = text[rows]
    return made


def memberships_of(
    table: pd.DataFrame, folds: tuple[FoldData, ...], samples: np.ndarray, clusters: tuple[str, ...]
) -> dict[tuple[int, int], np.ndarray]:
    """Dense (unseen, K) weights by fold and seed; clusters that the table leaves out weigh 0."""
    parts = {}
    wanted = {fold.fold: fold for fold in folds}
    table = table[table["fold"].isin(list(wanted))]
    column = codes_of(table["cluster"], pd.Index(clusters))
    place = codes_of(table["sample"], pd.Index(samples))
    if (column < 0).any() or (place < 0).any():
        raise DataError(
            "the membership table holds samples or clusters that the dataset lacks; expected those "
            f"of this study; {REGENERATE}"
        )
    probability = table["probability"].to_numpy(np.float32)
    key: Any
    for key, rows in table.groupby(["fold", "seed"], sort=True, observed=True).indices.items():
        fold, seed = (int(part) for part in key)
        unseen = wanted[fold].rows("unseen")
        weights = np.zeros((len(unseen), len(clusters)), dtype=np.float32)
        weights[np.searchsorted(unseen, place[rows]), column[rows]] = probability[rows]
        parts[fold, seed] = weights
    return parts


def read_study(
    files: Any, *, scatteritem: str, seeds: int, config_seed: int, shots: Sequence[int] = ()
) -> StudyFolds:
    """Read the tables and arrays of a study, for one part of its folds, ``i-of-n``.

    ``files`` are the paths of ``samples``, ``splits``, ``display`` and, where they are known, ``membership``
    and ``few_shot_samples``, of which ``shots`` are numbers; of a study of features also of what
    `armed_study.data.encoding.write_features` wrote: ``features``, ``columns`` and (of the display points)
    ``points``.
    """
    names = files.keys()  # Snakemake's named lists are no mappings
    dataset = ClusteredDataset.load(files["samples"])
    splits, display = (read_table(files[name], name) for name in ("splits", "display"))
    known = {
        name: read_table(files[name], name) if name in names else None
        for name in ("membership", "few_shot_samples")
    }
    if "features" in names:
        samples, points = (open_images(files[n], "features") for n in ("features", "points"))
        inputs = Inputs(list(samples), list(points), read_table(files["columns"], "features"))
    else:
        inputs = image_inputs(dataset, folds=splits["fold"].nunique(), points=len(display))
    return make_study(
        dataset,
        splits,
        display,
        inputs,
        folds=part_of_folds(splits, scatteritem),
        seeds=seeds,
        config_seed=config_seed,
        membership=known["membership"],
        few_shot=known["few_shot_samples"],
        shots=shots,
    )
