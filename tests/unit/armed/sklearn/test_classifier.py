import numpy as np
import pytest
from sklearn.base import clone
from torch import nn

from armed.sklearn import ARMEDClassifier, ARMEDRegressor
from refusals import refused
from small_sites import TINY, fitted_classifier, sites

DATA = sites()


@pytest.mark.parametrize("names", [["no", "yes"], [False, True], [3, 7], ["a", "b", "c"]])
def test_labels_of_any_type_come_back_as_they_were(names):
    y = np.array(names)[np.arange(len(DATA.x)) % len(names)]
    model = ARMEDClassifier(**TINY).fit(DATA.x, y, clusters=DATA.site)
    found, proba = model.predict(DATA.x), model.predict_proba(DATA.x, DATA.site)
    assert found.dtype == y.dtype
    assert {*found} <= {*names}
    np.testing.assert_allclose(proba.sum(1), 1)
    assert proba.shape == (len(y), len(names))


def test_predictions_of_known_clusters_have_their_effects():
    model, own = fitted_classifier(), DATA.site
    assert model.score(DATA.x, DATA.label, own) > model.score(DATA.x, DATA.label) + 0.05
    effects = model.random_effects_
    assert effects["level"] == [f"site {k}" for k in range(8)]
    low, middle, high = (effects[name] for name in ("conf.low", "estimate", "conf.high"))
    assert all(a < b < c for a, b, c in zip(low, middle, high, strict=True))


def test_new_missing_and_no_clusters_have_one_marginal_score():
    model, x = fitted_classifier(), DATA.x[:3]
    expected = model.predict_proba(x)
    for clusters in (["new", None, np.nan], np.array([1.5, np.nan, 2]), [True, "other", "new"]):
        np.testing.assert_array_equal(model.predict_proba(x, clusters), expected)


@pytest.mark.parametrize("kind", [ARMEDClassifier, ARMEDRegressor])
@pytest.mark.parametrize("known", ["feature", "cluster"])
def test_few_samples_that_are_told_apart_are_fitted(kind, known):
    x, z = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6) % 2
    y = (x[:, 0] > 0 if known == "feature" else z > 0).astype(int)
    model = kind(epochs=12, random_state=0).fit(x, y, clusters=z)
    assert np.isfinite(model.predict_interval(x, [0, 1, 2, None, 0, 1])).all()


def test_integrated_effects_draw_scores_to_the_middle():
    model = fitted_classifier()
    marginal = model.predict_proba(DATA.x)[:, 1] - 0.5
    zero = model.predict_proba(DATA.x, unseen="zero")[:, 1] - 0.5
    assert (np.abs(marginal) <= np.abs(zero)).all()
    known = (model.predict_proba(DATA.x, DATA.site, unseen=each) for each in ("marginal", "zero"))
    np.testing.assert_array_equal(*known)


def test_intervals_of_new_clusters_are_wider_than_of_known_ones():
    model, n = fitted_classifier(), 20
    known = model.predict_interval(DATA.x[:n], DATA.site[:n])
    new = model.predict_interval(DATA.x[:n])
    score = model.predict_proba(DATA.x[:n], DATA.site[:n])[:, 1]
    assert ((known[:, 0] < score) & (score < known[:, 1])).all()
    assert (np.ptp(known, axis=1) < np.ptp(new, axis=1)).all()


def test_samples_without_weight_change_nothing():
    keep = np.arange(len(DATA.x)) % 3 > 0
    parts = [part[keep] for part in (DATA.x, DATA.label, DATA.site)]
    without = ARMEDClassifier(**TINY).fit(*parts[:2], clusters=parts[2])
    weighted = ARMEDClassifier(**TINY).fit(DATA.x, DATA.label, DATA.site, 4.0 * keep)
    found = (model.predict_proba(DATA.x, DATA.site) for model in (without, weighted))
    np.testing.assert_array_equal(*found)


def test_class_weights_raise_the_share_of_a_rare_class():
    rare = np.where(np.arange(len(DATA.x)) % 6 == 0, "rare", "usual")
    plain, balanced = (
        ARMEDClassifier(**{**TINY, "epochs": 30}, learning_rate=0.03, class_weight=weight).fit(
            DATA.x, rare
        )
        for weight in (None, "balanced")
    )
    means = [model.predict_proba(DATA.x)[:, 0].mean() for model in (plain, balanced)]
    assert means[1] > means[0] + 0.1


def test_crossed_factors_are_found_by_the_names_of_their_columns():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"site": DATA.site, "rater": np.arange(len(DATA.x)) // 8 % 5})
    model = ARMEDClassifier(**TINY).fit(DATA.x, DATA.label, clusters=table)
    assert [*dict.fromkeys(model.random_effects_["group"])] == ["site", "rater"]
    expected = model.predict_proba(DATA.x, table)
    np.testing.assert_array_equal(model.predict_proba(DATA.x, table[["rater", "site"]]), expected)
    own, site = model.predict_proba(DATA.x, table[["site"]]), model.predict_proba(DATA.x, DATA.site)
    np.testing.assert_array_equal(own, site)
    assert np.abs(own - expected).max() > 0
    with refused("factor 'ward'", ValueError):
        model.predict(DATA.x, table.rename(columns={"rater": "ward"}))


def test_samples_without_cluster_train_no_effects():
    site = DATA.site.astype(object)
    site[site == "site 0"] = None
    model = ARMEDClassifier(**TINY).fit(DATA.x, DATA.label, clusters=site)
    assert model.random_effects_["level"] == [f"site {k}" for k in range(1, 8)]


def network(features=3, outputs=1):
    return nn.Sequential(nn.Linear(features, 6), nn.Tanh(), nn.Linear(6, outputs))


@pytest.mark.parametrize("given", [network, network()])
def test_networks_of_ones_own_are_trained_and_stay_as_they_were(given):
    before = None if given is network else given[0].weight.clone()
    model = clone(ARMEDClassifier(given, **TINY)).fit(DATA.x, DATA.label, clusters=DATA.site)
    assert model.method_.watch == ("1",)
    assert model.method_.adversary is not None
    assert before is None or (given[0].weight == before).all()
    assert model.score(DATA.x, DATA.label, DATA.site) > 0.6


def test_networks_of_images_take_arrays_of_more_dimensions():
    x = np.random.default_rng(0).normal(size=(60, 1, 4, 4))
    y = x[:, 0, 0, 0] > 0
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 1))
    model = ARMEDClassifier(network, **TINY).fit(x, y, clusters=np.arange(60) % 3)
    assert model.predict(x).shape == (60,)


def test_random_slopes_are_those_of_named_features():
    pd = pytest.importorskip("pandas")
    x = pd.DataFrame(DATA.x, columns=["age", "dose", "sex"])
    model = ARMEDClassifier(**TINY, random_slopes=["dose"]).fit(x, DATA.label, clusters=DATA.site)
    names = model.variance_components_["term"]
    assert names == ["sd__intercept", "sd__linear_slope[dose]"]
    with refused("random_slopes names 'weight'", ValueError):
        ARMEDClassifier(**TINY, random_slopes=["weight"]).fit(x, DATA.label, clusters=DATA.site)


def test_summary_reads_as_that_of_a_mixed_model():
    text = fitted_classifier().summary()
    for part in ("Family: binomial", "Random effects:", "Groups", "Std.Dev.", "cluster, 8"):
        assert part in text


@pytest.mark.parametrize(
    ("found", "change"),
    [
        ("1 clusters", {"clusters": ["A"] * 200}),
        ("0 clusters", {"clusters": [None] * 200}),
        ("200, 3 samples", {"clusters": ["A", "B", "C"]}),
        ("clusters is a dict", {"clusters": {"site": DATA.site}}),
        ("clusters is a str", {"clusters": "site"}),
        ("hold lists", {"clusters": [{}] * 200}),
        ("1 class", {"y": ["ill"] * 200}),
    ],
)
def test_input_that_is_wrong_is_refused_in_a_sentence(found, change):
    given = {"X": DATA.x, "y": DATA.label, "clusters": DATA.site} | change
    with refused(found, ValueError):
        ARMEDClassifier(**TINY).fit(**given)


def test_what_needs_clusters_is_refused_without_any():
    model = ARMEDClassifier(**TINY).fit(DATA.x, DATA.label)
    with refused("without clusters", ValueError):
        model.predict_interval(DATA.x)
    assert not hasattr(model, "random_effects_")
    with refused("unseen is 'average'", ValueError):
        model.predict_proba(DATA.x, unseen="average")
