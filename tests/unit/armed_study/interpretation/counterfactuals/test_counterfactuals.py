"""Frames reconstructed on other dates: the truth, what is counterfactuals, and its scores."""

import numpy as np
import pandas as pd
import pytest
import torch

from armed.errors import ConfigError, DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.counterfactuals.generation import generate_counterfactuals
from armed_study.interpretation.counterfactuals.index import read_indexed
from armed_study.interpretation.counterfactuals.rendering import plan_renderings, write_renderings
from armed_study.interpretation.counterfactuals.scoring import (
    score_counterfactuals,
    squared_error,
    summarise,
)
from armed_study.io.image_arrays import save_images
from armed_study.io.tables import cast_table, write_table
from armed_study.simulation.livecell import LivecellSettings, cells, render
from armed_study.splits.selection import select_frames
from armed_study.statistics.intervals import t_interval
from armed_study.training.membership import infer_membership
from armed_study.training.restore import restore
from armed_study.vocabulary.measures import OTHER_DATES as OTHER
from armed_study.vocabulary.measures import OWN_DATE as OWN
from armed_study.vocabulary.terms import EVERY
from small_images import MEMBERSHIP, RECONSTRUCTING, fitted, settings_for, split, study_folds
from study_tables import SEEN_DATES as DATES
from study_tables import frames_of_cells

SIZE = 32


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder, samples = tmp_path_factory.mktemp("frames"), frames_of_cells()
    pixels = np.random.default_rng(3).integers(0, 256, (len(samples), 1, SIZE, SIZE))
    save_images(folder / "images.npy", pixels.astype(np.uint8))
    made = ClusteredDataset("t", samples, (), "generated", True, folder / "images.npy")
    made.save(folder / "samples.parquet")
    return ClusteredDataset.load(folder / "samples.parquet")


@pytest.fixture(scope="module")
def splits(data):
    return split(data)


def chosen_of(data, splits, count):
    table = select_frames(data.samples, splits, count=count, seed=1)
    return cast_table(table, "selected_frames").astype({"sample": str, "partition": str})


GENERATED = {"size": 64, "cells_seen": 2, "cells_unseen": 2, "frames": 4}


def rendered(tmp_path, **images):
    settings = LivecellSettings(**GENERATED)
    cell = next(cell for cell in cells(settings, 5) if cell.date.isdigit())
    plan = pd.DataFrame({"sample": "s", "cluster": ["150317", cell.date], "row": [0, 1],
                         "cell": cell.key, "frame": 2})  # fmt: skip
    data = {"generated": GENERATED, "images": {"size": 32, **images}}
    write_renderings(tmp_path / "r.npy", plan, data=data, seed=5)
    return np.load(tmp_path / "r.npy"), settings, cell


def test_rendering_is_the_noise_free_frame_on_each_date(tmp_path):
    found, settings, cell = rendered(tmp_path)
    assert (found.shape, found.dtype) == ((2, 1, 32, 32), np.float32)
    for image, date in zip(found, ("150317", None), strict=True):
        whole = render(settings, 5, cell.key, 2, date=date, noise=False).astype(float)
        boxes = (whole[::2, ::2] + whole[1::2, ::2] + whole[::2, 1::2] + whole[1::2, 1::2]) / 4
        np.testing.assert_allclose(image[0], boxes, atol=1e-6)
    assert np.abs(found[0] - found[1]).mean() > 0.01


def test_rendering_is_scaled_as_frames_are(tmp_path):
    plain, *_ = rendered(tmp_path)
    bright, *_ = rendered(tmp_path, white_level=100)
    np.testing.assert_allclose(bright, np.minimum(plain * 2.55, 1), atol=1e-6)


def test_every_chosen_frame_is_rendered_on_every_seen_date(data, splits):
    chosen = chosen_of(data, splits, 6)
    frames = data.samples[["sample"]].assign(cell=data.samples["group"], frame=7)
    plan = plan_renderings(chosen, data.samples, frames)
    wanted = set(chosen.loc[chosen["partition"] == "test", "sample"])
    pairs = set(zip(plan["sample"], plan["cluster"], strict=True))
    assert pairs == {(name, date) for name in wanted for date in DATES}
    assert len(plan) == len(pairs)
    assert plan["row"].tolist() == list(range(len(plan)))
    assert (plan["frame"] == 7).all()
    with pytest.raises(DataError, match="table frames lacks sample"):
        plan_renderings(chosen, data.samples, frames.iloc[:0])


@pytest.fixture(scope="module")
def trained(data, splits):
    membership = infer_membership(study_folds((data, splits)), settings=MEMBERSHIP)
    given = study_folds((data, splits), membership=cast_table(membership, "membership"))
    return given, fitted(given, "armed", settings_for("armed", RECONSTRUCTING))


def test_counterfactual_frames_are_outputs_of_the_model_under_each_date(data, splits, trained):
    given, about = trained
    chosen = chosen_of(data, splits, 6)
    table, images = generate_counterfactuals(given, restore(given, **about), chosen)
    table = cast_table(table, "counterfactuals").astype({"sample": str, "cluster": str})
    assert table["row"].tolist() == list(range(len(images)))
    every = table[table["assignment"] == EVERY]
    test = set(chosen.loc[chosen["partition"] == "test", "sample"])
    assert set(every["sample"]) == test
    assert every.groupby(["fold", "sample"])["cluster"].agg(set).map(set(DATES).__eq__).all()
    names = {name: row for row, name in enumerate(given.samples)}
    for replica, method in restore(given, **about):
        own = table[table["fold"] == replica.fold.fold]
        for one in own.itertuples():
            x = torch.from_numpy(np.array(replica.fold.x[[names[one.sample]]], np.float32))
            x = x / 255 if replica.fold.x.dtype == np.uint8 else x
            z = torch.zeros(1, len(DATES))
            if one.assignment == EVERY:
                z = torch.tensor([given.clusters.index(one.cluster)])
            elif one.assignment == "membership":
                place = np.searchsorted(replica.fold.rows("unseen"), names[one.sample])
                z = torch.from_numpy(given.membership[replica.fold.fold, 0][[place]])
            with torch.no_grad():
                output = method.linear_predictor(x, z)[one.effect]
            wanted = output[0, 1:].reshape(1, SIZE, SIZE).numpy()
            np.testing.assert_allclose(images[one.row], wanted, atol=1e-4)
    assert set(zip(table["partition"], table["effect"], table["assignment"], strict=True)) == {
        ("test", "fixed", "none"), ("test", "mixed", EVERY), ("unseen", "fixed", "none"),
        ("unseen", "mixed", "membership")}  # fmt: skip


def test_model_without_mixed_effects_makes_no_counterfactuals(data, splits):
    given = study_folds((data, splits))
    about = fitted(given, "conventional", settings_for("conventional", RECONSTRUCTING))
    with pytest.raises(ConfigError, match="model 'conventional': has no mixed effects"):
        generate_counterfactuals(given, restore(given, **about), chosen_of(data, splits, 2))


def scene(paint):
    """Two cells, of d0 and d1, flat and known; ``paint(sample, date)`` is the mixed grey value."""
    samples = pd.DataFrame({"sample": ["s0", "s1"], "cluster": ["d0", "d1"], "group": ["c0", "c1"]})
    images = np.array([51, 102], np.uint8)[:, None, None, None] * np.ones((1, 4, 4), np.uint8)
    truth = pd.DataFrame([(s, d, true_grey(s, d)) for s in ("s0", "s1") for d in ("d0", "d1")],
                         columns=["sample", "cluster", "grey"])  # fmt: skip
    about = {"study": "t", "model": "m", "fold": 0, "seed": 0, "partition": "test"}
    rows = [(s, "fixed", "none", "", 0.5) for s in ("s0", "s1")]
    rows += [(s, "mixed", EVERY, d, paint(s, d)) for s in ("s0", "s1") for d in ("d0", "d1")]
    table = pd.DataFrame(rows, columns=["sample", "effect", "assignment", "cluster", "grey"])
    table = table.assign(**about).sample(frac=1, random_state=0, ignore_index=True)
    return [flat(table), flat(truth), samples, images]


def true_grey(sample, date):
    return {"s0": 0.2, "s1": 0.3}[sample] + {"d0": 0.0, "d1": 0.1}[date]


def flat(table):
    grey = table["grey"].to_numpy(np.float32)[:, None, None, None]
    return table.assign(row=range(len(table))), grey * np.ones((1, 4, 4), np.float32)


@pytest.mark.parametrize(
    ("painted", "error"), [({}, 0), ({"d0": "d1", "d1": "d0"}, 0.1**2)], ids=["right", "swapped"]
)
def test_mixed_error_is_the_difference_of_painted_and_true_date(painted, error):
    given = scene(lambda sample, date: true_grey(sample, painted.get(date, date)))
    scores = cast_table(score_counterfactuals(*given), "counterfactual_scores")
    assert len(scores) == 4
    np.testing.assert_allclose(scores["mixed"], error, atol=1e-6)
    for one in scores.itertuples():
        true = true_grey(one.sample, one.cluster)
        assert one.fixed == pytest.approx((0.5 - true) ** 2, abs=1e-6)
        taken = {"s0": 0.2, "s1": 0.4}[one.sample]
        assert one.unchanged == pytest.approx((taken - true) ** 2, abs=1e-6)
        assert one.own_cluster == {"s0": "d0", "s1": "d1"}[one.sample]


def test_squared_error_is_the_mean_over_pixels():
    image, truth = np.zeros((1, 1, 2, 2)), np.array([[[[0.0, 0.0], [0.0, 2.0]]]])
    assert squared_error(image, truth).tolist() == [1.0]


def test_counterfactual_frames_without_rendering_or_of_another_size_are_refused():
    counterfactuals, (truth, true), samples, images = scene(true_grey)
    without = truth[truth["cluster"] == "d0"]
    with pytest.raises(DataError, match="reconstructed on 'd1' and not rendered"):
        score_counterfactuals(counterfactuals, (without, true), samples, images)
    with pytest.raises(DataError, match="expected one shape"):
        score_counterfactuals(counterfactuals, (truth, true[..., :2]), samples, images)


def scores_with(fixed, mixed, model="m"):
    """Cells of d0, each counterfactuals on d0 and d1; errors (cells,) on d1, ten times that on d0."""
    rows = [
        (f"s{n}", f"c{n}", date, factor * f, factor * m)
        for n, (f, m) in enumerate(zip(fixed, mixed, strict=True))
        for date, factor in (("d0", 10.0), ("d1", 1.0))
    ]
    table = pd.DataFrame(rows, columns=["sample", "cell", "cluster", "fixed", "mixed"])
    about = {"study": "t", "model": model, "fold": 0, "seed": 0, "own_cluster": "d0"}
    return cast_table(table.assign(**about, unchanged=0.0), "counterfactual_scores")


def test_summary_sets_other_dates_apart_from_the_own_and_holds_known_differences():
    scores = scores_with([0.4, 0.6, 0.5, 0.5], [0.1, 0.3, 0.2, 0.2])
    table = summarise(scores, seed=1).set_index(["target", "measure"])
    found = table["value"]
    assert found[OTHER, "fixed"] == pytest.approx(0.5)
    assert found[OTHER, "mixed"] == pytest.approx(0.2)
    assert found[OTHER, "difference"] == pytest.approx(0.3)
    assert found[OTHER, "reduction"] == pytest.approx(0.6)
    assert found[OWN, "difference"] == pytest.approx(3.0)
    row = table.loc[(OTHER, "difference")]  # the same in all cells: no doubt about it
    assert (row["low"], row["high"]) == (pytest.approx(0.3), pytest.approx(0.3))
    low, high = table.loc[(OTHER, "fixed"), ["low", "high"]]
    assert 0.4 < low < 0.5 < high < 0.6
    assert set(table["cells"]) == set(table["pictures"]) == {4}


def test_interval_is_about_that_of_independent_cells():
    rng = np.random.default_rng(0)
    gains = rng.normal(0.1, 0.2, 400)
    table = summarise(scores_with(1 + gains, np.ones(400)), seed=1)
    low, high = table.set_index(["target", "measure"]).loc[(OTHER, "difference"), ["low", "high"]]
    half = 1.96 * gains.std() / 20
    assert low == pytest.approx(gains.mean() - half, abs=0.2 * half)
    assert high == pytest.approx(gains.mean() + half, abs=0.2 * half)


def test_interval_over_splits_is_that_of_their_means_over_seeds():
    parts = [
        scores_with([0.4 + fold, 0.6 + fold], [0.1, 0.3 + seed / 10]).assign(fold=fold, seed=seed)
        for fold in range(3)
        for seed in range(2)
    ]
    scores = pd.concat(parts, ignore_index=True)
    rows = summarise(scores, seed=1).set_index(["target", "measure"]).loc[OTHER]
    wanted = {"fixed": [0.5, 1.5, 2.5], "mixed": [0.225] * 3, "difference": [0.275, 1.275, 2.275]}
    for measure, means in wanted.items():
        found = rows.loc[measure, ["split_low", "split_high"]].tolist()
        assert found == pytest.approx(t_interval(np.array(means)))
    one = summarise(scores[scores["fold"] == 0], seed=1)
    assert one[["split_low", "split_high"]].isna().all(axis=None)


def test_models_meet_the_same_draws_and_one_cell_has_no_interval():
    both = [scores_with([0.4, 0.6, 0.9], [0.1, 0.3, 0.2], model) for model in ("a", "b")]
    table = summarise(pd.concat(both, ignore_index=True), seed=1).drop(columns="model")
    half = len(table) // 2
    pd.testing.assert_frame_equal(table[:half], table[half:].reset_index(drop=True))
    assert summarise(scores_with([0.4], [0.1]), seed=1)["low"].isna().all()


def test_rows_of_several_tables_find_their_images(tmp_path):
    tables, arrays = [], []
    for part in (0, 1):
        about = {"sample": ["a", "b"], "cluster": f"d{part}", "grey": [part + 0.1, part + 0.2]}
        table, images = flat(pd.DataFrame(about))
        table = table.iloc[::-1].drop(columns="grey")
        tables.append(tmp_path / f"{part}.parquet")
        arrays.append(tmp_path / f"{part}.npy")
        write_table(table, tables[-1], "rendered")
        save_images(arrays[-1], images)
    table, images = read_indexed(tables, arrays, "rendered")
    for one in table.itertuples():
        wanted = int(one.cluster[1]) + {"a": 0.1, "b": 0.2}[one.sample]
        assert images[one.row, 0, 0, 0] == pytest.approx(wanted)
    save_images(arrays[1], images)
    with pytest.raises(DataError, match="holds 4 images, expected 2"):
        read_indexed(tables, arrays, "rendered")
