"""A study of small images in few clusters, for tests of what is trained on images."""

import numpy as np
import pandas as pd

from armed import methods
from armed_study import training
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.image_arrays import save_images
from armed_study.io.tables import cast_table, empty_table
from armed_study.splits.make_splits import make_splits
from armed_study.training import load

PIXELS, CLUSTERS, EACH = 12, 5, 24
TRAINING = {
    "epochs": 2, "batch_size": 16, "learning_rate": 0.01, "optimizer": "NAdam",
    "class_weights": True, "patience": 2, "monitor": "auroc",
}  # fmt: skip
SETTINGS = {
    "network": {"kind": "slice_cnn", "filters": 2},
    "training": TRAINING,
    "adversary": {"kind": "mirrored", "filters": 2},
    "random_effects": {"intercept": 0.25, "hidden_slope": 0.25},
}
RECONSTRUCTING = {
    "network": {"kind": "autoencoder", "filters": 1, "latents": 5, "classifier_units": 4},
    "task": {"kind": "reconstruction", "outcome_weight": 0.1},
    "training": {
        "epochs": 1, "batch_size": 32, "learning_rate": 0.01, "optimizer": "Adam",
        "class_weights": False, "patience": None,
    },
    "adversary": {"kind": "mirrored", "filters": 1},
    "random_effects": {"intercept": 0.25, "scale_shift": 0.5},
}  # fmt: skip
MEMBERSHIP = {"network": SETTINGS["network"], "training": {"epochs": 3, "batch_size": 16}}


def drawn(pixels=PIXELS):
    """Bytes of slices whose left half brightens with the outcome and whose top with the cluster."""
    rng = np.random.default_rng(5)
    z = np.repeat(np.arange(CLUSTERS), EACH)
    y = (rng.random(len(z)) < 0.3 + 0.1 * z).astype(float)
    images = rng.normal(90, 20, (len(z), 1, pixels, pixels))
    images[:, :, :, : pixels // 2] += 40 * y[:, None, None, None]
    images[:, :, : pixels // 2] += 15 * z[:, None, None, None]
    return images.clip(0, 255).astype(np.uint8), y, z


def dataset(folder, kind=np.uint8, pixels=PIXELS):
    images, y, z = drawn(pixels)
    scaled = images if kind == np.uint8 else images.astype(kind) / kind(255)
    save_images(folder / "images.npy", scaled)
    samples = pd.DataFrame(
        {
            "sample": [f"s{i:03d}" for i in range(len(y))],
            "cluster": [f"c{k}" for k in z],
            "group": None,
            "outcome": y,
            "held_out": z == CLUSTERS - 1,
        }
    )
    samples = cast_table(samples, "samples")
    made = ClusteredDataset("t", samples, (), "generated", True, folder / "images.npy")
    made.validate()
    made.save(folder / "samples.parquet")
    return ClusteredDataset.load(folder / "samples.parquet")


def split(data):
    return make_splits(
        data, folds=2, validation=0.2, unseen={"scheme": "held_out"}, seed=1, small_strata="merge"
    )


def study_folds(study, folds=(0, 1), membership=None, seeds=1):
    data, splits = study
    inputs = load.image_inputs(data, folds=splits["fold"].nunique())
    given = {"folds": folds, "seeds": seeds, "config_seed": 7, "membership": membership}
    return load.make_study(data, splits, empty_table("display"), inputs, **given)


def settings_for(method, blocks=SETTINGS, **own):
    needed = {"network", "task", "training", *methods.load(method).needs}
    return {key: value for key, value in blocks.items() if key in needed} | own


def fitted(given, method, settings):
    """A trained model, as `restore` takes it."""
    state = training.trainer(method)(given, model=method, settings=settings).state
    return {"state": state, "model": method, "method": method, "settings": settings}
