"""Time each method on images: images a second of training, and against `conventional`.

``python benchmarks/images.py [--network slice_cnn] [--size 48] [--filters 8] [--images 600] [--epochs 1]``

Generated images in 12 clusters, memory-mapped as in a study, one fold, one thread. An epoch takes each
image once; `mldg` draws as many. Validation, prediction and the start of the program are not timed.
Seconds are those of the processor, so that what else the machine does hardly counts; all models take
turns and the fastest turn of each counts. Adversaries: `mirrored`, of half and of all the network's
filters, and `dense`. With ``--network autoencoder`` images are reconstructed too, and `armed` has a second
decoder and a classifier of looks.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.data.lazy_rows import pick
from armed.data.samples import Samples
from armed.nn.precision import NAMES
from armed.training.fit import FitSettings, fit
from armed_study.training.factory import build_method

CLUSTERS = 12
RANDOM_EFFECTS = {"hidden_slope": 0.25, "intercept": 0.25}
#: Network -> what it has beside: more random effects, and blocks of its own.
NETWORKS: dict[str, tuple[dict[str, float], dict[str, Any]]] = {
    "slice_cnn": ({}, {}),
    "autoencoder": (
        {"scale_shift": 0.25},
        {"task": {"kind": "reconstruction", "outcome_weight": 0.01}},
    ),
}


def draw_images(folder: Path, *, images: int, size: int) -> np.memmap:
    """Return generated images (images, 1, size, size) that lie in a file."""
    path = folder / "images.npy"
    np.save(path, np.random.default_rng(0).random((images, 1, size, size), dtype=np.float32))
    return np.load(path, mmap_mode="r")


def models(filters: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Method and own blocks of each line of the table, `conventional` first."""
    adversaries = {
        "mirrored, half": {"kind": "mirrored", "filters": max(1, filters // 2)},
        "mirrored": {"kind": "mirrored", "filters": filters},
        "dense": {"hidden": [8, 8]},
    }
    found: dict[str, tuple[str, dict[str, Any]]] = {"conventional": ("conventional", {})}
    for name in sorted(set(methods.available()) - {"conventional"}):
        if "adversary" in methods.load(name).needs:
            for label, block in adversaries.items():
                found[f"{name} ({label})"] = (name, {"adversary": block})
        else:
            found[name] = (name, {})
    found["cluster_input_plus"] = ("cluster_input", {"output_layer": True})
    return found


def seconds(name: str, blocks: dict[str, Any], images: np.memmap, given: Any) -> float:
    """Processor seconds of an epoch."""
    z = np.arange(len(images)) % CLUSTERS
    y = (np.arange(len(images)) // CLUSTERS % 2).astype(np.float32)
    samples = Samples(
        pick(images, np.arange(len(images))), torch.from_numpy(y), torch.from_numpy(z)
    )
    effects, beside = NETWORKS[given.network]
    kind = methods.load(name)
    if beside and name == "armed":
        appearance = {"appearance": {"kind": "slice_cnn", "filters": given.filters}}
        beside = {**beside, "task": {**beside["task"], **appearance, "appearance_weight": 0.01}}
    method = build_method(
        kind,
        {
            "network": {"kind": given.network, "filters": given.filters},
            "random_effects": RANDOM_EFFECTS | effects,
            **beside,
            **blocks,
        },
        shape=images.shape[1:],
        clusters=CLUSTERS,
        seed=0,
    )
    times = [time.process_time()]
    fit(
        [method],
        [samples],
        settings=FitSettings(
            epochs=given.epochs,
            optimizer="NAdam",
            learning_rate=1e-4,
            precision=given.precision,
            channels_last=given.channels_last,
        ),
        seeds=[0],
        on_epoch=lambda *_: times.append(time.process_time()),
    )
    return (times[-1] - times[0]) / given.epochs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for option, default in (("size", 48), ("filters", 8), ("images", 600), ("epochs", 1)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--network", choices=NETWORKS, default="slice_cnn")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts")
    parser.add_argument("--precision", choices=NAMES, default="full")
    parser.add_argument("--channels-last", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'model':<36}{'images/s':>10}{'x conventional':>16}")
    with tempfile.TemporaryDirectory() as folder:
        images = draw_images(Path(folder), images=given.images, size=given.size)
        rows = models(given.filters)
        turns = [
            {label: seconds(*row, images, given) for label, row in rows.items()}
            for _ in range(given.repeats)
        ]
    fastest = {label: min(turn[label] for turn in turns) for label in rows}
    for label, spent in fastest.items():
        ratio = spent / fastest["conventional"]
        print(f"{label:<36}{given.images / spent:>10.0f}{ratio:>16.2f}")


if __name__ == "__main__":
    main()
