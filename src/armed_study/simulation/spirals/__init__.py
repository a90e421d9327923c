"""Two interleaved spirals in clusters: the distribution of the simulated study, and draws from it.

Cluster ``k`` has a radius ``r_k ~ N(radius_mean, radius_sd^2)`` and a class ratio
``c_k ~ N(0.5, class_ratio_sd^2)`` clipped to [0.1, 0.9] (0.5 exactly when the s.d. is 0). Given its
cluster, a sample is independent of all others::

    y ~ Bernoulli(c_k),  t ~ U(0, 2 pi),  p = pi y
    (x1, x2) = r_k t / (2 pi) * (-cos(t - p), sin(t - p)) + N(0, noise_sd^2)
    probe_j ~ N(c_k, probe_noise_sd^2)

so that a probe says nothing on ``y`` beyond its cluster. Classes are Bernoulli draws rather than
fixed counts: samples are then independent given the cluster and the Bayes classifier is exact.

Source: simulation study of Nguyen, Treacher and Montillo (TPAMI 2023, 45(7):8081-8093).
Departures: the s.d. 0.3 of the confounded class ratio is ours; the noise of the probes is drawn
once, as part of the data; further clusters of the same distribution are drawn for evaluation only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError
from armed_study.messages import listing
from armed_study.simulation.settings import GeneratorSettings, above, at_least

RATIO_LOW, RATIO_HIGH = 0.1, 0.9
REAL_FEATURES = ("x1", "x2")

# Signs of radius_mean, probes and class_ratio_sd that a scenario's name promises.
SCENARIOS = {"plain": (1, 0, 0), "confounded": (1, 1, 1), "inverted": (0, 0, 0)}

# First entry of every spawn key: keeps these streams apart from others made of the same seed.
_STREAM = 4001


@dataclass(frozen=True)
class SpiralsSettings(GeneratorSettings):
    """Parameters of the distribution and sizes of the draw; the defaults are the plain published scenario.

    `scenario` is a label: ``plain`` (one distribution of the radius, no probes),
    ``confounded`` (class ratios vary and probes carry them) or ``inverted`` (radius around 0, so that
    half of the clusters have their classes exchanged). Lengths are in the units of ``x``;
    `display_points` is per axis (0: none).

    Raises
    ------
    ConfigError
        A value of the wrong type or range, or a label that contradicts the parameters.
    """

    scenario: str = "plain"
    clusters: int = at_least(2, 10)
    samples_per_cluster: int = at_least(2, 1000)
    unseen_clusters: int = at_least(0, 20)
    unseen_samples_per_cluster: int = at_least(1, 100)
    radius_mean: float = 1.0
    radius_sd: float = at_least(0, 0.3)
    noise_sd: float = above(0, 0.1)
    probes: int = at_least(0, 0)
    class_ratio_sd: float = at_least(0, 0.0)
    probe_noise_sd: float = above(0, 0.2)
    display_points: int = at_least(0, 41)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scenario not in SCENARIOS:
            raise ConfigError(
                f"scenario is {self.scenario!r}, expected one of {listing(SCENARIOS)}; choose one"
            )
        names, promised = ("radius_mean", "probes", "class_ratio_sd"), SCENARIOS[self.scenario]
        values = [getattr(self, name) for name in names]
        if tuple(np.sign(values)) != promised:
            found = ", ".join(f"{n} {v:g}" for n, v in zip(names, values, strict=True))
            words = ("0" if sign == 0 else "above 0" for sign in promised)
            needs = ", ".join(f"{n} {word}" for n, word in zip(names, words, strict=True))
            raise ConfigError(
                f"scenario {self.scenario!r} means {needs}, found {found}, expected "
                "these to agree; change the label or the parameters"
            )
        if self.display_points == 1:
            raise ConfigError("display_points is 1, expected 0 (no grid) or at least 2; correct it")

    @property
    def probe_names(self) -> tuple[str, ...]:
        """Names of the probe features, in order."""
        return tuple(f"probe{j + 1}" for j in range(self.probes))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of all features, real ones first."""
        return REAL_FEATURES + self.probe_names


def spiral_direction(angle: np.ndarray) -> np.ndarray:
    """Noise-free point of class 0 per unit of radius, shape (..., 2); class 1 is its negative."""
    return np.stack([-np.cos(angle), np.sin(angle)], axis=-1) * (angle / (2 * np.pi))[..., None]


def draw_clusters(settings: SpiralsSettings, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw all seen and further clusters.

    Every cluster has a random stream of its own, keyed by (seen or further, number): clusters
    added later change none of the earlier ones, and two scenarios of one seed share the draws
    behind radius, angle and noise.

    Returns
    -------
    samples : DataFrame
        sample, cluster, held_out, outcome (0 or 1) and the features, rounded to 6 decimals.
    clusters : DataFrame
        cluster, held_out, radius, class_ratio: the truth.
    """
    drawn = [
        _draw_cluster(settings, seed, held_out=held_out, number=number)
        for held_out, count in ((False, settings.clusters), (True, settings.unseen_clusters))
        for number in range(1, count + 1)
    ]
    clusters = pd.DataFrame([parameters for parameters, _, _ in drawn])
    every = clusters.index.repeat([len(outcome) for _, outcome, _ in drawn])
    samples = clusters.loc[every, ["cluster", "held_out"]].reset_index(drop=True)
    number = samples.groupby("cluster").cumcount() + 1
    samples.insert(0, "sample", samples["cluster"] + number.map(":{:04d}".format))
    samples["outcome"] = np.concatenate([outcome for _, outcome, _ in drawn])
    features = np.vstack([values for _, _, values in drawn])
    samples[list(settings.feature_names)] = features.round(6)
    return samples, clusters


def _draw_cluster(
    settings: SpiralsSettings, seed: int, *, held_out: bool, number: int
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Return the parameters of one cluster and its samples' outcomes and features."""
    key = (_STREAM, int(held_out), number)
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    size = settings.unseen_samples_per_cluster if held_out else settings.samples_per_cluster
    # The order of the draws is what scenarios of one seed have in common: append, never insert.
    radius_z, ratio_z = generator.standard_normal(2)
    angle = 2 * np.pi * generator.random(size)
    class_u = generator.random(size)
    noise = generator.standard_normal((size, 2))
    probe_z = generator.standard_normal((size, settings.probes))

    # Rounded before use: the written parameters are those that the samples were drawn with.
    radius = round(settings.radius_mean + settings.radius_sd * radius_z, 6)
    ratio = 0.5 + settings.class_ratio_sd * ratio_z
    ratio = round(min(max(ratio, RATIO_LOW), RATIO_HIGH), 6)
    outcome = (class_u < ratio).astype(int)
    sign = np.where(outcome == 1, -1.0, 1.0)[:, None]
    x = radius * sign * spiral_direction(angle) + settings.noise_sd * noise
    probes = ratio + settings.probe_noise_sd * probe_z
    parameters = {
        "cluster": f"{'u' if held_out else 'c'}{number:02d}",
        "held_out": held_out,
        "radius": float(radius),
        "class_ratio": float(ratio),
    }
    return parameters, outcome, np.hstack([x, probes])
