"""The draws of the spirals follow the distribution that their module states."""

import numpy as np
import pandas as pd
import pytest

from armed.errors import ConfigError
from armed_study.simulation.spirals import SpiralsSettings, draw_clusters, spiral_direction
from refusals import refused

PLAIN = {"scenario": "plain"}
CONFOUNDED = {"scenario": "confounded", "probes": 2, "class_ratio_sd": 0.3}
INVERTED = {"scenario": "inverted", "radius_mean": 0.0}
SCENARIOS = pytest.mark.parametrize(
    "kind", [PLAIN, CONFOUNDED, INVERTED], ids=["plain", "confounded", "inverted"]
)


def draw(kind: dict, seed: int = 3, **changes) -> tuple[pd.DataFrame, pd.DataFrame]:
    sizes = {"clusters": 4, "samples_per_cluster": 50, "unseen_clusters": 3}
    return draw_clusters(SpiralsSettings(**(kind | sizes | changes)), seed)


@SCENARIOS
def test_same_seed_gives_the_same_bytes_and_another_seed_others(kind):
    first, again, other = (draw(kind, seed=s) for s in (3, 3, 4))
    for one, two in zip(first, again, strict=True):
        assert one.to_csv() == two.to_csv()
    assert first[0].to_csv() != other[0].to_csv()


@SCENARIOS
def test_clusters_added_later_change_no_earlier_one(kind):
    few, many = draw(kind), draw(kind, clusters=6, unseen_clusters=7)
    for small, large in zip(few, many, strict=True):
        kept = large[large["cluster"].isin(small["cluster"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, small)
        assert len(large) > len(small)


def test_sizes_names_and_held_out_flags_are_as_set():
    samples, clusters = draw(CONFOUNDED, unseen_samples_per_cluster=7)
    assert clusters["cluster"].tolist() == ["c01", "c02", "c03", "c04", "u01", "u02", "u03"]
    assert clusters["radius"].is_unique
    sizes = samples.groupby("cluster")["sample"].size()
    assert (sizes == np.where(sizes.index.str.startswith("u"), 7, 50)).all()
    assert (samples["held_out"] == samples["cluster"].str.startswith("u")).all()
    assert samples["sample"].is_unique
    assert list(samples.columns[4:]) == ["x1", "x2", "probe1", "probe2"]


def test_points_lie_on_the_spiral_of_their_cluster_and_class():
    samples, clusters = draw(CONFOUNDED, noise_sd=1e-4)
    radius = samples["cluster"].map(clusters.set_index("cluster")["radius"]).to_numpy()
    sign = np.where(samples["outcome"] == 1, -1, 1)
    curve = spiral_direction(np.linspace(0, 2 * np.pi, 20_000))
    on_unit_spiral = samples[["x1", "x2"]].to_numpy() * (sign / radius)[:, None]
    distance = [np.hypot(*(curve - point).T).min() for point in on_unit_spiral]
    assert np.max(distance * np.abs(radius)) < 6e-4  # a few noise s.d.
    assert spiral_direction(np.array(2 * np.pi)) == pytest.approx([-1, 0], abs=1e-12)


def test_second_class_is_the_first_one_turned_by_half_a_turn():
    angle = np.linspace(0, 2 * np.pi, 9)
    turned = np.stack([-np.cos(angle - np.pi), np.sin(angle - np.pi)], 1) * angle[:, None]
    assert turned / (2 * np.pi) == pytest.approx(-spiral_direction(angle))


def test_cluster_parameters_follow_their_law_and_half_of_inverted_ones_are_flipped():
    _, clusters = draw(CONFOUNDED, clusters=4000, samples_per_cluster=2)
    radius, ratio = clusters["radius"], clusters["class_ratio"]
    found = [radius.mean(), radius.std(), ratio.mean(), ratio.min(), ratio.max()]
    assert found == pytest.approx([1, 0.3, 0.5, 0.1, 0.9], abs=0.02)
    assert ratio.between(0.1, 0.9).all()
    # P(N(0.5, 0.3^2) < 0.1) = 0.0912 is what clipping puts on each end.
    assert [(ratio == end).mean() for end in (0.1, 0.9)] == pytest.approx([0.0912] * 2, abs=0.015)
    _, inverted = draw(INVERTED, clusters=2000, samples_per_cluster=2)
    assert (inverted["radius"] < 0).mean() == pytest.approx(0.5, abs=0.04)


def test_classes_are_balanced_unless_the_scenario_confounds_them():
    for kind in (PLAIN, CONFOUNDED):
        samples, clusters = draw(kind, samples_per_cluster=4000)
        assert (clusters["class_ratio"] == 0.5).all() == (kind is PLAIN)
        shares = samples[~samples["held_out"]].groupby("cluster")["outcome"].mean()
        truth = clusters.set_index("cluster")["class_ratio"][shares.index]
        assert np.abs(shares - truth).max() < 4 * 0.5 / np.sqrt(4000)


def test_probe_tells_the_class_between_clusters_but_not_within_one():
    samples, clusters = draw(CONFOUNDED, clusters=30, samples_per_cluster=1000)
    columns = ["outcome", "probe1", "probe2"]
    within = samples[columns] - samples.groupby("cluster")[columns].transform("mean")
    assert samples[columns].corr().loc["outcome", ["probe1", "probe2"]].min() > 0.2
    assert within.corr().loc["outcome", ["probe1", "probe2"]].abs().max() < 4 / np.sqrt(30_000)
    assert within["probe1"].std() == pytest.approx(0.2, rel=0.02)
    means = samples[~samples["held_out"]].groupby("cluster")["probe1"].mean()
    truth = clusters.set_index("cluster")["class_ratio"][means.index]
    assert np.abs(means - truth).max() < 5 * 0.2 / np.sqrt(1000)


def test_scenarios_of_one_seed_share_radius_angle_and_noise():
    plain, inverted = draw(PLAIN)[1], draw(INVERTED)[1]
    assert (plain["radius"] - inverted["radius"]).to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clusters": -3}, "clusters is -3, expected a whole number of at least 2"),
        ({"clusters": 2.5}, "clusters is 2.5"),
        ({"clusters": True}, "clusters is True"),
        ({"samples_per_cluster": 1}, "samples_per_cluster is 1"),
        ({"unseen_clusters": -1}, "unseen_clusters is -1"),
        ({"radius_sd": -0.1}, "radius_sd is -0.1"),
        ({"radius_mean": float("nan")}, "radius_mean is nan, expected a finite number"),
        ({"noise_sd": 0}, "noise_sd is 0, expected a finite number above 0"),
        ({"noise_sd": "small"}, "noise_sd is 'small'"),
        ({"display_points": 1}, "display_points is 1"),
        ({"scenario": "curly"}, "scenario is 'curly', expected one of 'plain'"),
        ({"scenario": "inverted"}, "'inverted' means radius_mean 0, .* found radius_mean 1"),
        ({"probes": 2}, "'plain' means .*probes 0, .*change the label or the parameters"),
        (CONFOUNDED | {"probes": 0}, "'confounded' means .*probes above 0"),
        ({"cluster": 3}, "unknown key 'cluster' .*did you mean 'clusters'"),
    ],
)
def test_bad_setting_is_one_sentence_naming_it(change, words):
    with refused(f"studies.s.data: .*{words}", ConfigError):
        SpiralsSettings.from_config(PLAIN | change, where="studies.s.data")
