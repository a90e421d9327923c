"""The ``data`` block of a study of spirals."""

from typing import Literal

from pydantic import Field

from armed_study.studies.blocks import Block


class Data(Block):
    """How spirals are drawn."""

    scenario: Literal["plain", "confounded", "inverted"] = Field(
        description="What the parameters amount to, checked against them: plain, confounded or inverted."
    )
    clusters: int = Field(ge=2, description="Seen clusters.")
    samples_per_cluster: int = Field(ge=20, description="Samples of each seen cluster.")
    unseen_clusters: int = Field(
        ge=0, description="Further clusters of the same distribution that no model is trained on."
    )
    unseen_samples_per_cluster: int = Field(ge=2, description="Samples of each of them.")
    radius_mean: float = Field(
        description="Mean of the distribution of a cluster's radius; with 0 half of the clusters are "
        "inverted."
    )
    radius_sd: float = Field(ge=0, description="Standard deviation of that distribution.")
    noise_sd: float = Field(
        gt=0, description="Standard deviation of the noise on both coordinates."
    )
    probes: int = Field(
        ge=0, description="Confounded features that follow the cluster's class ratio."
    )
    class_ratio_sd: float = Field(
        ge=0,
        description="Standard deviation of the cluster's share of class 1 around 0.5, clipped to "
        "[0.1, 0.9].",
    )
    probe_noise_sd: float = Field(
        gt=0, description="Standard deviation of a probe around the class ratio."
    )
    display_points: int = Field(
        ge=2,
        le=200,
        description="Points on each axis of the grid on which decision boundaries are drawn.",
    )
