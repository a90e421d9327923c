"""What jobs of a study of features read: arrays, of their own folds."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.data.encoding import encode_folds, write_features
from armed_study.io.tables import cast_table, write_table
from armed_study.splits.make_splits import make_splits
from armed_study.training.load import read_study

SOURCE = Path(__file__).parents[4] / "src"
CHOICES = {"seeds": 1, "config_seed": 3}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Paths of the tables and arrays of a study of three folds, and their encoding."""
    folder, rng = tmp_path_factory.mktemp("study"), np.random.default_rng(1)
    samples = pd.DataFrame(
        {
            "sample": [f"s{i}" for i in range(60)],
            "cluster": np.repeat(["a", "b", "c"], 20),
            "group": None,
            "outcome": rng.permuted(np.tile([0.0, 1.0], 30)),
            "held_out": np.repeat([False, False, True], 20),
            "x": rng.normal(5, 2, 60),
        }
    )
    data = ClusteredDataset(
        "t", cast_table(samples, "samples"), (Feature("x", "continuous"),), "generated", True
    )
    splits = make_splits(
        data, folds=3, validation=0.2, unseen={"scheme": "held_out"}, seed=1, small_strata="merge"
    )
    display = data.samples[["sample", "cluster", "x"]].head(2)
    files = {
        name: folder / f"{name}.parquet" for name in ("samples", "splits", "display", "columns")
    }
    files |= {name: folder / f"{name}.npy" for name in ("features", "points")}
    data.save(files["samples"])
    write_table(splits, files["splits"], "splits")
    write_table(display, files["display"], "display")
    written = {**files, "display": files["points"]}
    write_features(data, splits, display, SimpleNamespace(**written), standardize=True)
    return files, list(encode_folds(data, splits, display, standardize=True))


@pytest.mark.parametrize("part", ["1-of-1", "2-of-2", "2-of-3"])
def test_each_part_gets_the_arrays_of_its_own_folds(made, part):
    files, encoded = made
    study = read_study(files, scatteritem=part, **CHOICES)
    number, parts = map(int, part.split("-of-"))
    assert [fold.fold for fold in study.folds] == list(range(3))[number - 1 :: parts]
    for fold in study.folds:
        assert isinstance(fold.x, np.memmap)
        np.testing.assert_array_equal(fold.x, encoded[fold.fold][0])
        np.testing.assert_array_equal(fold.display, encoded[fold.fold][1])
    assert study.columns == ("x",)
    assert study.probes == (False,)


def test_a_damaged_array_of_features_is_named(made, tmp_path):
    files, _ = made
    damaged = tmp_path / "features.npy"
    damaged.write_bytes(files["features"].read_bytes()[:-20])
    with pytest.raises(DataError, match=r"features\.npy: found no whole array of features"):
        read_study({**files, "features": damaged}, scatteritem="1-of-1", **CHOICES)


def test_jobs_that_read_features_do_not_import_the_encoder():
    code = (
        "import sys; from armed_study.training import load, membership, neural, restore; "
        "from armed_study.baselines import glmm;"
        "assert 'armed_study.data.encoding' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(SOURCE)})
