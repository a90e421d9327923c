"""Study kind `spirals`: generated spirals in clusters, with the Bayes classifier as their truth."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset, Feature, Prepared
from armed_study.messages import REGENERATE, counted, listing
from armed_study.simulation.spirals import REAL_FEATURES, SpiralsSettings, draw_clusters
from armed_study.simulation.spirals.oracle import oracle, oracle_no_cluster
from armed_study.studies.spirals import RAW

DISPLAY_LIMIT = 1.6  # the display grid spans [-1.6, 1.6] on both axes, in the units of x


def simulate(settings: dict[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Draw the raw tables named in `RAW`; the same settings and seed give the same tables.

    Raises
    ------
    ConfigError
        `settings` has an unknown key, or a value out of range.
    """
    return dict(zip(RAW, draw_clusters(SpiralsSettings.from_config(settings), seed), strict=True))


def prepare(study: str, settings: dict[str, Any], raw: dict[str, Path]) -> Prepared:
    """Read the raw tables; add display points and the true probabilities of all points.

    Raises
    ------
    ConfigError
        `settings` has an unknown key, or a value out of range.
    DataError
        A raw table is missing, damaged, or not the one that `settings` asks for.
    """
    spirals = SpiralsSettings.from_config(settings, where=f"studies.{study}.data")
    numbers = ("outcome", *spirals.feature_names)
    samples = _read(raw["samples.csv"], ("sample", "cluster", "held_out"), numbers)
    clusters = _read(raw["clusters.csv"], ("cluster", "held_out"), ("radius", "class_ratio"))
    _check_sizes(spirals, samples, clusters, raw)
    display = _display_points(spirals, clusters)
    features = tuple(
        Feature(name, kind="continuous", probe=name in spirals.probe_names)
        for name in spirals.feature_names
    )
    probes = f", {spirals.probes} probes of the class ratio" if spirals.probes else ""
    origin = (
        f"generated: two interleaved spirals ({spirals.scenario}), cluster radius "
        f"N({spirals.radius_mean:g}, {spirals.radius_sd:g}^2), noise s.d. {spirals.noise_sd:g}{probes}"
    )
    truth = _true_scores(spirals, pd.concat([samples, display], ignore_index=True), clusters)
    # No groups: every sample is its own.
    samples.insert(2, "group", pd.Series(None, index=samples.index, dtype=object))
    dataset = ClusteredDataset(
        study, samples.astype({"outcome": "float32"}), features, origin, generated=True
    )
    cluster_truth = clusters.drop(columns="held_out").melt("cluster", var_name="quantity")
    return Prepared(dataset, truth=truth, cluster_truth=cluster_truth, display=display)


def _true_scores(
    spirals: SpiralsSettings, points: pd.DataFrame, clusters: pd.DataFrame
) -> pd.DataFrame:
    """Compute the true ``P(y = 1)`` of each point, with and without knowledge of its cluster."""
    own = clusters.set_index("cluster").loc[points["cluster"]]
    x = points[list(REAL_FEATURES)].to_numpy(float)
    probes = points[list(spirals.probe_names)].to_numpy(float)
    radius, ratio = own["radius"].to_numpy(float), own["class_ratio"].to_numpy(float)
    known = oracle(x, radius=radius, class_ratio=ratio, settings=spirals)
    unknown = oracle_no_cluster(x, probes, settings=spirals)
    return pd.DataFrame({"sample": points["sample"], "oracle": known, "oracle_no_cluster": unknown})


def _display_points(spirals: SpiralsSettings, clusters: pd.DataFrame) -> pd.DataFrame:
    """Lay a regular grid over every seen cluster: sample, cluster and the features.

    The probes are put at the cluster's class ratio, their mean there.
    """
    axis = np.linspace(-DISPLAY_LIMIT, DISPLAY_LIMIT, spirals.display_points)
    x1, x2 = (grid.ravel() for grid in np.meshgrid(axis, axis))
    seen = clusters[~clusters["held_out"]]
    cluster = np.repeat(seen["cluster"].to_numpy(str), x1.size)
    number = np.tile(np.arange(1, x1.size + 1), len(seen))
    ratio = np.repeat(seen["class_ratio"].to_numpy(float), x1.size)
    return pd.DataFrame(
        {
            "sample": [f"grid:{c}:{i:04d}" for c, i in zip(cluster, number, strict=True)],
            "cluster": cluster,
            "x1": np.tile(x1, len(seen)),
            "x2": np.tile(x2, len(seen)),
            **dict.fromkeys(spirals.probe_names, ratio),
        }
    ).astype({"sample": str, "cluster": str})


def _read(path: Path, keys: tuple[str, ...], numbers: tuple[str, ...]) -> pd.DataFrame:
    types = dict.fromkeys(keys, "str") | {"held_out": "bool"} | dict.fromkeys(numbers, "float64")
    try:
        frame = pd.read_csv(path, dtype=types)
    except (OSError, ValueError) as error:  # ValueError: empty, torn or mistyped cells
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{path}: cannot be read ({reason}), expected a CSV table; {REGENERATE}"
        ) from error
    absent = [name for name in (*keys, *numbers) if name not in frame]
    if absent:
        raise DataError(
            f"{path}: found columns {listing(frame)}, expected {listing(absent)} too; {REGENERATE}"
        )
    frame = frame[[*keys, *numbers]]
    if not np.isfinite(frame[list(numbers)].to_numpy()).all():
        raise DataError(f"{path}: found an empty or infinite value, expected numbers; {REGENERATE}")
    return frame


def _check_sizes(
    spirals: SpiralsSettings, samples: pd.DataFrame, clusters: pd.DataFrame, raw: dict[str, Path]
) -> None:
    seen, unseen = spirals.clusters, spirals.unseen_clusters
    rows = seen * spirals.samples_per_cluster + unseen * spirals.unseen_samples_per_cluster
    for name, frame, expected in zip(RAW, (samples, clusters), (rows, seen + unseen), strict=True):
        if len(frame) != expected:
            raise DataError(
                f"{raw[name]}: found {counted(len(frame), 'row')}, expected {expected} from the config; "
                f"{REGENERATE}"
            )
    strangers = sorted(set(samples["cluster"]) - set(clusters["cluster"]))
    if strangers:
        raise DataError(
            f"{raw['samples.csv']}: found cluster {listing(strangers)}, expected those of "
            f"{raw['clusters.csv'].name}; delete both and run again"
        )
