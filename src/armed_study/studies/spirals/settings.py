"""The ``data`` block of a study of spirals."""

from typing import Literal

from armed_study.studies.blocks import Block, key


class Data(Block):
    """How spirals are drawn."""

    scenario: Literal["plain", "confounded", "inverted"] = key(
        "What the parameters amount to, checked against them: plain, confounded or inverted."
    )
    clusters: int = key("Seen clusters.", ge=2)
    samples_per_cluster: int = key("Samples of each seen cluster.", ge=20)
    unseen_clusters: int = key(
        "Further clusters of the same distribution that no model is trained on.", ge=0
    )
    unseen_samples_per_cluster: int = key("Samples of each of them.", ge=2)
    radius_mean: float = key(
        "Mean of the distribution of a cluster's radius; with 0 half of the clusters are inverted."
    )
    radius_sd: float = key("Standard deviation of that distribution.", ge=0)
    noise_sd: float = key("Standard deviation of the noise on both coordinates.", gt=0)
    probes: int = key("Confounded features that follow the cluster's class ratio.", ge=0)
    class_ratio_sd: float = key(
        "Standard deviation of the cluster's share of class 1 around 0.5, clipped to [0.1, 0.9].",
        ge=0,
    )
    probe_noise_sd: float = key("Standard deviation of a probe around the class ratio.", gt=0)
    display_points: int = key(
        "Points on each axis of the grid on which decision boundaries are drawn.", ge=2, le=200
    )
