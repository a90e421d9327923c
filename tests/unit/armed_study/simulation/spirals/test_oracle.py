"""The Bayes classifier of the spirals is right, calibrated and beaten by no other."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from armed_study.simulation.spirals import SpiralsSettings, draw_clusters, spiral_direction
from armed_study.simulation.spirals.oracle import expected_class_ratio, oracle, oracle_no_cluster

SETTINGS = {
    "plain": SpiralsSettings(),
    "confounded": SpiralsSettings(scenario="confounded", probes=2, class_ratio_sd=0.3),
    "inverted": SpiralsSettings(scenario="inverted", radius_mean=0.0),
}
SCENARIOS = pytest.mark.parametrize("scenario", SETTINGS)
POINTS = np.array([[0.2, 0.5], [-0.4, -0.6], [0.9, 0.1], [0.05, -0.1], [-1.1, 0.3]])
PROBES = np.array([[0.5, 0.4], [1.2, 0.8], [0.1, 0.0], [0.9, 0.2], [0.7, 0.75]])


def drawn(scenario: str, **changes) -> tuple[dict[str, np.ndarray], SpiralsSettings]:
    settings = SpiralsSettings(**(vars(SETTINGS[scenario]) | {"unseen_clusters": 0} | changes))
    samples, clusters = draw_clusters(settings, seed=11)
    own = clusters.set_index("cluster").loc[samples["cluster"]]
    columns = {
        "x": samples[["x1", "x2"]].to_numpy(),
        "probes": samples[list(settings.probe_names)].to_numpy(),
        "y": samples["outcome"].to_numpy(),
        "cluster": samples["cluster"].to_numpy(),
        "radius": own["radius"].to_numpy(),
        "class_ratio": own["class_ratio"].to_numpy(),
    }
    return columns, settings


def known(data: dict[str, np.ndarray], settings: SpiralsSettings, **options) -> np.ndarray:
    truth = {"radius": data["radius"], "class_ratio": data["class_ratio"]}
    return oracle(data["x"], **truth, settings=settings, **options)


def unknown(data: dict[str, np.ndarray], settings: SpiralsSettings, **options) -> np.ndarray:
    return oracle_no_cluster(data["x"], data["probes"], settings=settings, **options)


def assert_equals_monte_carlo(score, point, *, radius, ratio, angle, noise_sd):
    """Compare P(y=1 | x) with averages of the noise density over draws of radius and angle."""
    mean = radius[:, None] * spiral_direction(angle)
    first, second = (
        np.exp(-((point - sign * mean) ** 2).sum(1) / (2 * noise_sd**2)).reshape(40, -1).mean(1)
        for sign in (1, -1)
    )
    # The score solves E[excess] = 0; its sampling error comes from the 40 batches.
    excess = ratio * second * (1 - score) - (1 - ratio) * first * score
    density = ((1 - ratio) * first + ratio * second).mean()
    error = excess.std(ddof=1) / np.sqrt(40) / density
    assert error < 0.03
    assert abs(excess.mean() / density) < 4 * error


@pytest.mark.parametrize(("radius", "ratio"), [(1.3, 0.5), (0.6, 0.8), (-0.7, 0.2)])
def test_oracle_equals_brute_force_monte_carlo(radius, ratio):
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 200_000)
    points = POINTS[:4]
    radii, ratios = np.full(len(points), radius), np.full(len(points), ratio)
    scores = oracle(points, radius=radii, class_ratio=ratios, settings=SETTINGS["plain"])
    for point, score in zip(points, scores, strict=True):
        assert_equals_monte_carlo(
            score, point, radius=np.array([radius]), ratio=ratio, angle=angle, noise_sd=0.1
        )


@SCENARIOS
def test_oracle_without_cluster_equals_brute_force_monte_carlo(scenario):
    settings, rng, size = SETTINGS[scenario], np.random.default_rng(1), 400_000
    angle = rng.uniform(0, 2 * np.pi, size)
    radius = rng.normal(settings.radius_mean, settings.radius_sd, size)
    ratio = np.clip(rng.normal(0.5, settings.class_ratio_sd, size), 0.1, 0.9)
    probes = PROBES[:, : settings.probes]
    points = POINTS if settings.radius_mean else POINTS / 3  # where there are draws nearby
    scores = oracle_no_cluster(points, probes, settings=settings)
    means = expected_class_ratio(probes, settings=settings)
    for point, seen, score, mean in zip(points, probes, scores, means, strict=True):
        weight = np.exp(-((seen - ratio[:, None]) ** 2).sum(1) / (2 * settings.probe_noise_sd**2))
        assert mean == pytest.approx((weight * ratio).sum() / weight.sum(), abs=0.003)
        assert_equals_monte_carlo(
            score, point, radius=radius, ratio=mean, angle=angle, noise_sd=settings.noise_sd
        )


@pytest.mark.parametrize(
    ("scenario", "changes"),
    [
        *((scenario, {}) for scenario in SETTINGS),
        ("confounded", {"noise_sd": 0.02}),
        ("confounded", {"radius_sd": 0.0}),
        ("confounded", {"probe_noise_sd": 0.01}),
    ],
)
def test_doubling_the_nodes_changes_no_score(scenario, changes):
    data, settings = drawn(scenario, samples_per_cluster=100, **changes)
    for score in (known, unknown):
        assert np.abs(score(data, settings) - score(data, settings, refine=2)).max() < 1e-6


def test_score_depends_on_no_other_sample():
    data, settings = drawn("confounded", samples_per_cluster=60)
    together = unknown(data, settings)
    alone = oracle_no_cluster(data["x"][417:418], data["probes"][417:418], settings=settings)
    assert together[417] == alone[0]


def assert_calibrated(score: np.ndarray, y: np.ndarray) -> None:
    for low in np.arange(0, 1, 0.1):
        inside = (score >= low) & (score < low + 0.1)
        if inside.sum() > 50:
            spread = np.sqrt((score * (1 - score))[inside].mean() / inside.sum())
            assert abs(score[inside].mean() - y[inside].mean()) < 4 * spread


@SCENARIOS
def test_oracles_are_calibrated_that_without_cluster_over_the_law_of_clusters(scenario):
    data, settings = drawn(scenario)
    assert_calibrated(known(data, settings), data["y"])
    # One sample a cluster (of two drawn), so that the samples are independent.
    data, settings = drawn(scenario, clusters=4000, samples_per_cluster=2)
    score = unknown(data, settings)
    assert_calibrated(score[::2], data["y"][::2])


@SCENARIOS
def test_no_simple_classifier_beats_the_oracle(scenario):
    data, settings = drawn(scenario, clusters=6, samples_per_cluster=500)
    right = (known(data, settings) >= 0.5) == data["y"]
    for rival in (LogisticRegression(), KNeighborsClassifier(15)):
        for cluster in np.unique(data["cluster"]):
            own = data["cluster"] == cluster
            guess = cross_val_predict(rival, data["x"][own], data["y"][own], cv=5)
            assert right[own].mean() >= (guess == data["y"][own]).mean() - 0.01
    guess = unknown(data, settings) >= 0.5
    assert right.mean() > (guess == data["y"]).mean() + 0.03


@pytest.mark.parametrize("scenario", ["plain", "confounded"])
def test_no_simple_classifier_beats_the_oracle_on_clusters_unknown_to_both(scenario):
    data, settings = drawn(scenario, clusters=2000, samples_per_cluster=4)
    x = np.hstack([data["x"], data["probes"]])
    score = unknown(data, settings)
    accuracy = ((score >= 0.5) == data["y"]).mean()
    for rival in (LogisticRegression(), KNeighborsClassifier(25)):
        rival.fit(x[:4000], data["y"][:4000])
        assert accuracy > rival.score(x[4000:], data["y"][4000:])


def test_flipping_the_radius_or_the_point_exchanges_the_classes():
    half, settings = np.full(len(POINTS), 0.5), SETTINGS["inverted"]
    plain, flipped, turned = (
        oracle(points, radius=radius, class_ratio=half, settings=settings)
        for points, radius in ((POINTS, half), (POINTS, -half), (-POINTS, half))
    )
    assert plain == pytest.approx(1 - flipped, abs=1e-12)
    assert turned == pytest.approx(flipped, abs=1e-12)
    assert np.abs(plain - 0.5).max() > 0.3
    # Without the cluster nothing is known of inverted spirals.
    assert (oracle_no_cluster(POINTS, PROBES[:, :0], settings=settings) == 0.5).all()


def test_class_ratio_given_probes_stays_in_its_law_and_rises_with_them():
    settings = SETTINGS["confounded"]
    probes = np.repeat(np.linspace(-3, 4, 50)[:, None], 2, axis=1)
    ratio = expected_class_ratio(probes, settings=settings)
    assert ratio.min() >= 0.1
    assert ratio.max() <= 0.9
    assert (np.diff(ratio) > -1e-12).all()
    assert ratio[0] == pytest.approx(0.1, abs=0.01)
    middle = expected_class_ratio(np.full((1, 2), 0.5), settings=settings)
    assert middle == pytest.approx([0.5])


def test_far_points_and_no_points_give_finite_scores():
    far = np.array([[30.0, -20.0], [0.0, 0.0], [-50.0, 0.0]])
    settings = SETTINGS["confounded"]
    ones = np.ones(3)
    assert np.isfinite(oracle(far, radius=ones, class_ratio=ones / 2, settings=settings)).all()
    assert np.isfinite(oracle_no_cluster(far, np.ones((3, 2)) * 9, settings=settings)).all()
    assert oracle_no_cluster(far[:0], np.ones((0, 2)), settings=settings).shape == (0,)
