"""Errors and latents of invented numbers have the summaries that they were invented with."""

import re

import numpy as np
import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.interpretation.image_summaries import summarise_errors
from armed_study.interpretation.latents.latents import score_latents
from armed_study.interpretation.latents.separation import (
    distances,
    read_cluster,
    separation,
    standardised,
)
from armed_study.interpretation.reconstruction.scoring import score_reconstruction
from armed_study.io.tables import cast_table
from armed_study.report.published import published_scores
from armed_study.report.tables import to_html

PUBLISHED = published_scores("t", "livecell")
DATES, SOURCES, CELLS, FRAMES = 3, 2, 6, 4  # cells of each source on each date, frames of each


def grid():
    """Date, source and cell of every frame; half of the sources have the outcome."""
    size = (DATES, SOURCES, CELLS, FRAMES)
    date, source, _, _ = (each.ravel() for each in np.indices(size))
    return date, source, np.arange(np.prod(size)) // FRAMES


def samples():
    date, source, cell = grid()
    frame = {
        "sample": [f"s{i:03d}" for i in range(len(cell))], "cluster": [f"d{k}" for k in date],
        "group": [f"cell{k}" for k in cell], "outcome": source.astype(float), "held_out": False,
    }  # fmt: skip
    return cast_table(pd.DataFrame(frame), "samples")


def keys(**own):
    about = {"study": "t", "model": "armed", "fold": 0, "seed": 0, "partition": "test"}
    names = samples()["sample"].astype(str)
    return pd.DataFrame({**about, "assignment": "known", "sample": names, **own})


def errors(mse, **own):
    table = keys(**{"effect": "mixed", "mse": mse, "ssim": 1 - np.asarray(mse), **own})
    return cast_table(table, "reconstruction")


def latents(values, **own):
    names = [f"latent_{i:03d}" for i in range(values.shape[1])]
    values = pd.DataFrame(values.astype(np.float32), columns=names)
    return cast_table(pd.concat([keys(**own), values], axis=1), "latents")


def of_cells(values):
    """The same value for every frame of a cell."""
    return np.asarray(values)[grid()[2]]


def summarised(table):
    return summarise_errors(table, samples(), rows={}, seed=1).set_index("metric")


def test_interval_over_cells_is_that_of_the_cells_means():
    draw = np.random.default_rng(3).random(DATES * SOURCES * CELLS)
    found = summarised(errors(of_cells(draw))).loc["mse"]
    assert found["mean"] == pytest.approx(draw.mean(), rel=1e-6)
    half = 1.96 * draw.std() / np.sqrt(len(draw))
    assert found["high"] - found["mean"] == pytest.approx(half, rel=0.15)
    assert found["mean"] - found["low"] == pytest.approx(half, rel=0.15)
    assert (found["cells"], found["frames"]) == (36, 144)
    narrower = found["frame_high"] - found["frame_low"]
    assert narrower == pytest.approx(2 * half / np.sqrt(FRAMES), rel=0.05)


def test_cells_of_more_frames_count_more_and_the_interval_holds_the_mean():
    cell = grid()[2]
    table = errors((cell % 2).astype(float))
    first = np.arange(len(cell)) % FRAMES == 0
    found = summarised(table[first | (cell % 2 == 1)]).loc["mse"]
    assert found["mean"] == pytest.approx(FRAMES / (FRAMES + 1))
    assert 0.6 < found["low"] < found["mean"] < found["high"] < 0.95


def test_seeds_of_a_sample_are_averaged_before_anything_else():
    ramp = np.linspace(0, 1, len(samples()))
    both = pd.concat([errors(ramp, seed=0), errors(1 - ramp, seed=1)], ignore_index=True)
    found = summarised(cast_table(both, "reconstruction")).loc["mse"]
    values = [found[name] for name in ("mean", "low", "high", "frame_low", "frame_high")]
    assert values == pytest.approx([0.5] * 5, abs=1e-6)
    assert found["frames"] == len(samples())


def test_interval_over_splits_is_the_t_interval_of_means_over_seeds():
    ones = np.ones(len(samples()))
    given = [((0, 0), 0.1), ((0, 1), 0.3), ((1, 0), 0.4), ((1, 1), 0.4)]  # fold, seed: mean
    parts = [errors(mean * ones, seed=seed).assign(fold=fold) for (fold, seed), mean in given]
    found = summarised(cast_table(pd.concat(parts, ignore_index=True), "reconstruction")).loc["mse"]
    half = 12.706 * np.std([0.2, 0.4], ddof=1) / np.sqrt(2)
    assert found[["split_low", "split_high"]].tolist() == pytest.approx(
        [0.3 - half, 0.3 + half], rel=1e-4
    )
    alone = summarised(errors(ones)).loc["mse"]
    assert np.isnan([alone["split_low"], alone["split_high"]]).all()


def test_one_cell_has_no_interval_of_cells():
    table = errors(np.linspace(0, 1, len(samples())))
    found = summarised(table[table["sample"].isin(["s000", "s001"])]).loc["mse"]
    assert np.isnan([found["low"], found["high"]]).all()
    assert found["frame_low"] < found["frame_high"]


def test_samples_without_a_group_are_cells_of_their_own():
    alone = samples().assign(group=None)
    table = errors(np.linspace(0, 1, len(alone)))
    found = summarise_errors(table, alone, rows={}, seed=1)
    assert set(found["cells"]) == {len(alone)}


def test_row_of_another_name_is_the_model_under_that_assignment():
    ramp = np.linspace(0, 1, len(samples()))
    both = pd.concat([errors(ramp), errors(ramp / 2, assignment="random")], ignore_index=True)
    rows = {"shuffled": {"alias_of": "armed", "assignment": "random"}}
    found = summarise_errors(cast_table(both, "reconstruction"), samples(), rows=rows, seed=1)
    own = found[(found["model"] == "shuffled") & (found["metric"] == "mse")]
    assert own["mean"].tolist() == pytest.approx([0.25])
    assert own["assignment"].tolist() == ["random"]
    assert len(found) == 6


def test_unknown_sample_is_named():
    table = errors(np.ones(len(samples())))
    with pytest.raises(DataError, match="sample 's000' was reconstructed and is not in the sampl"):
        summarise_errors(table, samples().iloc[5:], rows={}, seed=1)


def test_indices_are_those_worked_out_by_hand():
    points = np.array([[0.0], [2.0], [10.0], [12.0]])
    found = separation(points, np.array(["a", "a", "b", "b"]))
    # scatter 1 within each, centres 10 apart; between 100, within 4, 2 degrees of freedom
    assert found == pytest.approx({"davies_bouldin": 0.2, "calinski_harabasz": 50.0})
    lone = separation(points, np.array(["a"] * 4))
    assert np.isnan([*lone.values()]).all()


def test_latents_are_standardised_one_by_one_and_a_constant_one_is_nothing():
    values = np.random.default_rng(1).normal([5, -3, 2], [10, 0.1, 0], (50, 3))
    found = standardised(values)
    assert found.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.std(axis=0) == pytest.approx([1, 1, 0])


def test_distances_are_those_of_dates_and_of_sources():
    date, source = np.repeat([0, 1], 4), np.tile([0, 1], 4)
    found = distances(date[:, None] * 10.0 + source[:, None], date, source, draws=50, seed=1)
    assert found["distance_one_source"] == pytest.approx([10.0] * 51)
    assert found["distance_one_cluster"][0] == 1.0
    assert np.nanmax(found["distance_one_cluster"]) == np.nanmin(found["distance_one_cluster"]) == 1
    assert found["distance_ratio"][0] == 10.0
    none = distances(date[:, None] * 1.0, date, np.zeros(8), draws=5, seed=1)
    assert np.isnan(none["distance_one_cluster"]).all()


def test_median_distance_is_that_of_all_pairs_with_draws_around_it():
    rng = np.random.default_rng(4)
    date, source, values = np.repeat([0, 1], 30), np.zeros(60), rng.normal(size=(60, 2))
    found = distances(values, date, source, draws=400, seed=1)["distance_one_source"]
    pairs = [np.linalg.norm(a - b) for a in values[:30] for b in values[30:]]
    assert found[0] == pytest.approx(np.median(pairs), rel=0.01)
    low, high = np.quantile(found[1:], [0.025, 0.975])
    assert low < found[0] < high < 1.5 * low


def test_cluster_is_read_where_it_is_and_guessed_where_it_is_not():
    date, _, cell = grid()
    rng = np.random.default_rng(5)
    about = {"cells": cell, "draws": 200, "seed": 1}
    there, chance = read_cluster(np.eye(DATES)[date] * 5, date, **about)
    assert there.tolist() == [1.0] * 201
    assert chance == pytest.approx(1 / DATES)
    noise = rng.normal(size=(len(date), 3))
    absent, _ = read_cluster(noise, date, **about)
    assert abs(absent[0] - chance) < 0.2
    assert np.std(absent[1:]) > 0.01


def test_frames_of_a_cell_are_on_one_side_of_the_classifier():
    date, _, cell = grid()
    own = np.eye(cell.max() + 1)[cell] * 20  # tells each cell, and nothing of its date
    found, chance = read_cluster(own, date, cell, draws=10, seed=1)
    assert found[0] <= chance + 0.2


def test_a_date_of_one_cell_is_no_part_of_the_classifier():
    date, _, cell = grid()
    noise, lone = np.random.default_rng(10).normal(size=(len(date), 2)), cell == cell.max()
    (one, no_chance), (more, chance), (two, _) = (
        read_cluster(noise[kept], date[kept], cell[kept], draws=1, seed=1)
        for kept in ((date < 1) | lone, (date < 2) | lone, date < 2)
    )
    assert np.isnan([one[0], no_chance]).all()
    assert (more[0], chance) == (two[0], 0.5)


def scored(table):
    sources = pd.Series([f"P{k}" for k in grid()[1]], samples()["sample"].astype(str))
    return score_latents(table, samples(), sources, seed=1, draws=50)


def test_dates_that_latents_tell_apart_have_the_indices_of_dates():
    date, source, cell = grid()
    rng = np.random.default_rng(6)
    body = rng.normal(size=(cell.max() + 1, 2))[cell] + 0.1 * rng.normal(size=(len(cell), 2))
    of_date = latents(np.column_stack([body, 100 * date]), model="of_date")
    of_source = latents(np.column_stack([body, 100 * source, 0 * date]), model="of_source")
    table = pd.concat([of_date, of_source], ignore_index=True)
    found = scored(cast_table(table, "latents")).set_index(["model", "metric", "by"])["value"]
    for metric, larger, by in (
        ("davies_bouldin", "of_source", "cluster"),
        ("calinski_harabasz", "of_date", "cluster"),
        ("calinski_harabasz", "of_source", "outcome"),
        ("cluster_balanced_accuracy", "of_date", "cluster"),
        ("distance_ratio", "of_date", "cluster"),
    ):
        other = {"of_date": "of_source", "of_source": "of_date"}[larger]
        assert found[larger, metric, by] > 1.2 * found[other, metric, by]


def test_neither_unseen_samples_nor_the_unit_of_a_latent_matter():
    rng = np.random.default_rng(7)
    values = rng.normal(size=(len(samples()), 3))
    first = scored(latents(values))
    far = latents(values + 100, partition="unseen", assignment="membership")
    both = pd.concat([latents(values * [1, 50, 0.1]), far], ignore_index=True)
    pd.testing.assert_frame_equal(first, scored(cast_table(both, "latents")), rtol=1e-4)


def test_values_are_means_over_seeds():
    rng = np.random.default_rng(8)
    parts = [latents(rng.normal(size=(len(samples()), 2)), seed=seed) for seed in (0, 1)]
    alone = [scored(part)["value"].to_numpy() for part in parts]
    both = scored(cast_table(pd.concat(parts, ignore_index=True), "latents"))["value"].to_numpy()
    assert both == pytest.approx(np.mean(alone, axis=0))
    assert not np.allclose(alone[0], alone[1])


def everything():
    ramp = np.linspace(0, 0.01, len(samples()))
    parts = [errors(ramp * (1 + i), effect=e) for i, e in enumerate(("mixed", "fixed"))]
    parts.append(errors(ramp * 3, assignment="random"))
    parts.append(errors(ramp, model="conventional", effect="fixed", assignment="none"))
    frames = keys()[["sample"]].assign(pdx=[f"P{k}" for k in grid()[1]])
    scores = np.random.default_rng(8).random(len(samples()))
    predicted = [
        keys(partition=partition, trained=True, fixed=scores, mixed=scores)[first::2]
        for first, partition in enumerate(("train", "test"))
    ]
    return {
        "samples": samples(),
        "frames": frames,
        "predictions": cast_table(pd.concat(predicted), "predictions"),
        "reconstruction": cast_table(pd.concat(parts, ignore_index=True), "reconstruction"),
        "latents": latents(np.random.default_rng(9).normal(size=(len(samples()), 3))),
    }


@pytest.fixture(scope="module")
def made():
    return score_reconstruction(everything(), PUBLISHED, rows={}, seed=1)


def test_published_error_stands_beside_what_a_model_is_judged_by(made):
    table = made.pages["reconstruction"].numbers
    table = table[table["metric"] == "mse"]
    compared = table[table["published"].notna()]
    rows = compared[["model", "assignment", "effect", "published"]].itertuples(
        index=False, name=None
    )
    wanted = [("conventional", "none", "fixed", 0.0019), ("armed", "known", "mixed", 0.0012)]
    assert list(rows) == wanted
    assert len(table) == 4


def test_page_shows_the_fixed_output_once_and_the_table_everything():
    again = errors(np.zeros(len(samples())), effect="fixed", assignment="random")
    tables = everything()
    both = pd.concat([tables["reconstruction"], again], ignore_index=True)
    tables["reconstruction"] = cast_table(both, "reconstruction")
    table = score_reconstruction(tables, PUBLISHED, rows={}, seed=1).pages["reconstruction"]
    for frame, count in ((table.numbers, 5), (table.page, 4)):
        assert len(frame[frame["metric"] == "mse"]) == count
    shown = table.page[(table.page["effect"] == "fixed") & (table.page["model"] == "armed")]
    assert set(shown["assignment"]) == {"known"}


def test_published_indices_stand_beside_those_by_date(made):
    table = made.pages["latents"].numbers.set_index(["metric", "by"])
    wanted = {("davies_bouldin", "cluster"): 43.009, ("calinski_harabasz", "cluster"): 20.4}
    assert table["published"].dropna().to_dict() == wanted


def test_pages_and_tables_are_as_declared(made):
    for name, table in made.tables.items():
        cast_table(table, name)
    page = to_html(made.pages["reconstruction"].page, title="t")
    assert "Mean squared error" in page
    assert re.search(r"0\.00500 \(0\.00\d{3} to 0\.00\d{3}\)", page)
    assert ">0.0019<" in page
    assert "phenotype" in to_html(made.pages["latents"].page, title="t")
