"""What is particular to the figures of reconstructions, counterfactuals, latents and appearance."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

import study_tables as tables
from armed_study.figures.heading import Heading
from armed_study.figures.reconstruction import appearance, distances, latent_maps
from armed_study.interpretation.counterfactuals import pictures
from armed_study.interpretation.reconstruction.appearance_by_date import compare_appearance
from armed_study.io.tables import empty_table
from armed_study.vocabulary.measures import FRAME_MEASURES
from figure_cases import drawn
from figure_text import painted, refuse_collisions, texts

HEADING = Heading("Metastatic efficiency")
MODELS = tables.LATENT_MODELS


def laid_out(figure, monkeypatch):
    FigureCanvasAgg(figure).draw()
    refuse_collisions(figure, painted(figure, monkeypatch))
    return figure


def dates_of(**own):
    scene = tables.frames()
    return pictures.list_dates(own, scene.chosen, scene.samples, scene.arrays)


@pytest.mark.parametrize("known", [True, False])
def test_dates_are_drawn_with_and_without_the_truth(known, monkeypatch):
    unknown = {"shown_dates": dates_of(counterfactuals=tables.frames().tables["counterfactuals"])}
    figure = drawn("dates", **({} if known else unknown | {"rendered": None}))
    laid_out(figure, monkeypatch)
    assert ("true, no noise" in texts(figure)) == known
    shown = [axis for axis in figure.axes if axis.images]
    assert len(shown) == 1 + 2 * 4 + 3 * known
    framed = [axis for axis in shown if axis.spines["left"].get_visible()]
    assert len(framed) == 2 + known
    named = [axis for axis in figure.axes if axis.get_title() in tables.DATES]
    assert sorted(axis.get_title() for axis in named) == list(tables.DATES)
    assert all(axis.images for axis in named)


def test_reconstructions_of_seen_and_unseen_cells_stand_in_even_columns(monkeypatch):
    figure = laid_out(drawn("reconstructions"), monkeypatch)
    assert sum(bool(axis.images) for axis in figure.axes) == len(tables.CELLS) * 7
    places = sorted({round(axis.get_position().x0, 4) for axis in figure.axes if axis.images})
    steps = np.diff(places)
    assert steps.max() < 1.05 * steps.min()  # no name widens a column
    assert "unseen 150513" in texts(figure)


def test_counterfactuals_say_by_how_much_mixed_is_nearer():
    assert "62 % of fixed" in texts(drawn("counterfactuals"))  # of 0.0525, 0.0325


def test_a_cell_that_no_model_reconstructs_is_not_drawn():
    alone = dates_of(counterfactuals=empty_table("counterfactuals"))
    assert len(alone) == 1
    assert "No model" in texts(drawn("dates", shown_dates=alone, counterfactuals=None))


@pytest.mark.parametrize("dates", [3, 20])
def test_dates_have_a_colour_each_and_phenotypes_theirs(dates, monkeypatch):
    known = tables.cells(dates)
    table = latent_maps.table(tables.latent_maps(known), known)
    figure = laid_out(latent_maps.draw(table, HEADING), monkeypatch)
    assert len(figure.axes) == 4 * len(MODELS)
    own = table[(table["model"] == "armed") & (table["projection"] == "umap")]
    colours = latent_maps.date_colours(table["cluster"])
    assert len(set(colours.values())) == dates
    by_date, by_phenotype = (
        [to_hex(colour) for colour in axis.collections[0].get_facecolors()]
        for axis in figure.axes[10:12]
    )  # models are drawn in the order of all figures, ARMED third
    assert by_date == own["cluster"].map(colours).str.lower().tolist()
    assert by_phenotype == own["phenotype"].map(latent_maps.PHENOTYPES).str.lower().tolist()
    assert "PC 1, 40 %" in texts(figure)
    assert all(date in texts(figure) for date in colours)


def test_a_model_without_a_map_has_empty_panels():
    known = tables.cells(3)
    maps = tables.latent_maps(known)
    lacking = maps[(maps["model"] != "armed") | (maps["projection"] == "pca")]
    figure = latent_maps.draw(latent_maps.table(lacking, known), HEADING)
    assert texts(figure).count("no map") == 2


@pytest.mark.parametrize("count", [1, 4])
def test_distances_are_drawn_as_dots_of_xenografts_and_ratios(count, monkeypatch):
    table = distances.table(*tables.latent_distances(MODELS[:count]), tables.cells(3))
    figure = laid_out(distances.draw(table, HEADING), monkeypatch)
    assert len(figure.axes) == count + 1
    own = table[(table["model"] == "armed_no_adversary") & (table["pdx"] != "all")]
    shown = figure.axes[count - 1].collections[0]  # the last model in the order of all figures
    assert shown.get_offsets().tolist() == own[["one_cluster", "one_source"]].values.tolist()
    ratios = figure.axes[-1]
    dots = [line.get_xdata()[0] for line in ratios.lines if line.get_marker() == "o"]
    assert dots == [1.25] * count
    ends = ratios.collections[0].get_segments()[0][:, 0]
    assert ends.tolist() == pytest.approx([1.15, 1.45])


def test_distances_of_a_xenograft_that_lacks_one_are_told_and_not_drawn():
    points, scores = tables.latent_distances()
    points.loc[points["source"] == "P3", "one_source"] = np.nan
    table = distances.table(points, scores, tables.cells(3))
    assert len(table) == 4 * len(MODELS)
    axes = distances.draw(table, HEADING).axes[:-1]
    assert [len(axis.collections[0].get_offsets()) for axis in axes] == [2] * len(MODELS)
    alone = distances.table(points.assign(one_cluster=np.nan), scores, tables.cells(3))
    assert "No xenograft" in texts(distances.draw(alone, HEADING))


@pytest.mark.parametrize("dates", [2, 14])
def test_appearance_is_drawn_by_date_with_the_shares_of_dates(dates, monkeypatch):
    table = compare_appearance(*tables.appearance(dates))
    figure = laid_out(appearance.draw(table, HEADING), monkeypatch)
    assert len(figure.axes) == 4 * len(FRAME_MEASURES)
    first, second, _, last = figure.axes[:4]
    assert [len(axis.lines) for axis in (first, second)] == [2, 3]  # frames, mixed, fixed
    rows = table[(table["metric"] == "brightness") & (table["quantity"] == "mean")]
    fixed = rows[(rows["model"] == "armed") & (rows["effect"] == "fixed")]["value"]
    assert second.lines[2].get_ydata().tolist() == pytest.approx(fixed.tolist())
    assert second.lines[2].get_markerfacecolor() == "white"
    shares = table[(table["metric"] == "brightness") & (table["quantity"] != "mean")]["value"]
    shown = [line.get_xdata()[0] for line in last.lines]
    assert shown == pytest.approx((100 * shares).tolist())
