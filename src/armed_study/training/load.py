"""From the tables of a study to what a learner is given."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.data.inputs import Inputs, inputs_of
from armed_study.data.sample_index import codes_of
from armed_study.io.checkpoints import write_state
from armed_study.io.tables import read_table, write_table
from armed_study.messages import MADE_ANEW
from armed_study.training.fold_data import FoldData, Problem, Trained


def part_of_folds(splits: pd.DataFrame, scatteritem: str) -> tuple[int, ...]:
    """Folds of a part of the work, from its name ``i-of-n``: dealt out in turn, like cards."""
    part, parts = (int(word) for word in scatteritem.split("-of-"))
    return tuple(sorted(splits["fold"].unique().tolist()))[part - 1 :: parts]


def make_problem(
    dataset: ClusteredDataset,
    splits: pd.DataFrame,
    display: pd.DataFrame,
    *,
    folds: tuple[int, ...],
    seeds: int,
    config_seed: int,
    standardize: bool,
    membership: pd.DataFrame | None = None,
) -> Problem:
    """Encode the given folds of a dataset, each with what was fitted on its training rows.

    Images are taken as they are.

    Parameters
    ----------
    dataset, splits, display, membership
        Tables of the study; ``membership`` None: nothing is known of unseen samples.
    folds
        Folds to encode.
    seeds
        Replicas of each.
    config_seed
        See `armed_study.training.fold_data.seed_of`.
    standardize
        Whether continuous features are standardised.
    """
    chosen = splits[splits["fold"].isin(folds)]
    inputs = inputs_of(dataset, chosen, standardize=standardize)
    samples = dataset.samples["sample"].astype(str).to_numpy()
    train = splits[splits["partition"] == "train"]
    own = dataset.samples["cluster"].astype(str)
    clusters = tuple(sorted(own[dataset.samples["sample"].isin(train["sample"])].unique()))
    partitions = _partitions(dataset, chosen)
    made = tuple(
        _fold(
            dataset,
            display,
            inputs=inputs,
            fold=fold,
            partition=partitions[fold],
            clusters=clusters,
        )
        for fold in folds
    )
    known = None if membership is None else _membership(membership, made, samples, clusters)
    return Problem(
        study=dataset.name,
        clusters=clusters,
        columns=tuple(column.name for column in inputs.columns),
        probes=tuple(column.probe for column in inputs.columns),
        samples=samples,
        display_samples=display["sample"].astype(str).to_numpy(),
        folds=made,
        seeds=seeds,
        config_seed=config_seed,
        membership=known,
        train_sizes=tuple(train.groupby("fold").size().tolist()),
    )


def _partitions(dataset: ClusteredDataset, splits: pd.DataFrame) -> dict[int, np.ndarray]:
    """Partition of every sample by fold; empty for a sample that is not in the fold."""
    names = pd.Index(dataset.samples["sample"].astype(str).to_numpy(dtype=object))
    place = codes_of(splits["sample"], names)
    text = splits["partition"].astype(str).to_numpy(dtype="U10")
    made = {}
    for fold, rows in splits.groupby("fold", sort=True).indices.items():
        made[int(fold)] = np.full(len(names), "", dtype="U10")
        made[int(fold)][place[rows]] = text[rows]
    return made


def _fold(
    dataset: ClusteredDataset,
    display: pd.DataFrame,
    *,
    inputs: Inputs,
    fold: int,
    partition: np.ndarray,
    clusters: tuple[str, ...],
) -> FoldData:
    index = pd.Index(clusters)
    x = inputs.fold(fold)
    none = np.empty((0, *x.shape[1:]), np.float32)
    shown = inputs.apply(fold, display) if len(display) else none
    return FoldData(
        fold=fold,
        x=x,
        y=dataset.samples["outcome"].to_numpy(np.float32),
        z=codes_of(dataset.samples["cluster"], index),
        partition=partition,
        display=shown,
        display_z=codes_of(display["cluster"], index),
    )


def _membership(
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
            f"of this study; {MADE_ANEW}"
        )
    probability = table["probability"].to_numpy(np.float32)
    for key, rows in table.groupby(["fold", "seed"], sort=True, observed=True).indices.items():
        fold, seed = (int(part) for part in key)
        unseen = wanted[fold].rows("unseen")
        weights = np.zeros((len(unseen), len(clusters)), dtype=np.float32)
        weights[np.searchsorted(unseen, place[rows]), column[rows]] = probability[rows]
        parts[fold, seed] = weights
    return parts


def read_problem(
    files: Mapping[str, str], *, scatteritem: str, seeds: int, config_seed: int, standardize: bool
) -> Problem:
    """Read the tables of a study and make the problem of one part of its folds.

    Parameters
    ----------
    files
        Paths of ``samples``, ``splits``, ``display`` and, where it is known, ``membership``.
    scatteritem
        Part of the folds, ``i-of-n``.
    """
    splits = read_table(files["splits"], "splits")
    known = "membership" in files.keys()  # noqa: SIM118 (Snakemake's named lists are no mappings)
    return make_problem(
        ClusteredDataset.load(files["samples"]),
        splits,
        read_table(files["display"], "display"),
        folds=part_of_folds(splits, scatteritem),
        seeds=seeds,
        config_seed=config_seed,
        standardize=standardize,
        membership=read_table(files["membership"], "membership") if known else None,
    )


def write_trained(trained: Trained, files: Mapping[str, str]) -> None:
    """Write the tables of a trained model, and its parameters last."""
    for name, table in (
        ("predictions", "predictions"),
        ("display", "display_predictions"),
        ("history", "history"),
        ("random_effects", "random_effects"),
        ("importance", "importance"),
    ):
        write_table(getattr(trained, table), files[name], table)
    write_state(trained.state, files["model"])
