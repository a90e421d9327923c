"""Figures of latents and looks: tables hold what they say, drawings show it."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from armed.errors import DataError
from armed_study.figures.reconstruction import appearance, distances, latent_maps
from armed_study.interpretation.reconstruction.appearance_by_date import METRICS, compare_looks
from armed_study.io.tables import cast_table, empty_table
from armed_study.report.tables import to_html
from figure_text import coded, painted, refuse_collisions, texts

ABOUT = {"title": "Metastatic efficiency", "origin": "generated, no one real", "generated": True}
MODELS = ("armed_no_adversary", "armed", "cluster_input", "conventional")
SOURCES = {"P1": 1.0, "P2": 0.0, "P3": 0.0}
FRAMES = 3


def samples(dates):
    rows = [
        (f"s{date}{source}{n}", f"15{date:02d}17", f"c{date}{source}{n // FRAMES}", y, f"PDX {source}")
        for date in range(dates) for source, y in SOURCES.items() for n in range(3 * FRAMES)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["sample", "cluster", "group", "outcome", "stratum"])
    return cast_table(frame.assign(held_out=False), "samples")


def maps(known, models=MODELS):
    generator = np.random.default_rng(0)
    parts = []
    for model in models:
        for projection, share in (("pca", 0.4), ("umap", np.nan)):
            places = generator.normal(size=(len(known), 2))
            about = {"study": "t", "model": model, "projection": projection, "x_explained": share}
            rows = {**about, "sample": known["sample"].astype(str), "x": places[:, 0]}
            parts.append(pd.DataFrame(rows).assign(y=places[:, 1], y_explained=share / 2))
    return cast_table(pd.concat(parts), "latent_maps")


def drawn(figure, monkeypatch):
    FigureCanvasAgg(figure).draw()
    refuse_collisions(figure, painted(figure, monkeypatch))
    return figure


@pytest.mark.parametrize("dates", [3, 14, 20])
def test_dates_have_a_colour_each_and_phenotypes_theirs(dates, monkeypatch):
    known = samples(dates)
    table = coded(latent_maps.table(maps(known), known))
    figure = drawn(latent_maps.draw(table, **ABOUT), monkeypatch)
    assert len(figure.axes) == 4 * len(MODELS)
    own = table[(table["model"] == "armed") & (table["projection"] == "umap")]
    colours = latent_maps.date_colours(table["cluster"])
    assert len(set(colours.values())) == dates
    by_date, by_phenotype = (
        [to_hex(colour) for colour in axis.collections[0].get_facecolors()]
        for axis in figure.axes[10:12]
    )  # models are drawn in the order of all figures, ARMED third
    assert by_date == own["cluster"].astype(str).map(colours).str.lower().tolist()
    ill = own["phenotype"].astype(str).map(latent_maps.PHENOTYPES).str.lower()
    assert by_phenotype == ill.tolist()
    assert "PC 1, 40 %" in texts(figure)
    assert "PC 2, 20 %" in texts(figure)
    assert all(date in texts(figure) for date in colours)


def test_a_model_without_a_map_has_empty_panels():
    known = samples(3)
    lacking = maps(known)
    lacking = lacking[(lacking["model"] != "armed") | (lacking["projection"] == "pca")]
    figure = latent_maps.draw(latent_maps.table(lacking, known), **ABOUT)
    assert texts(figure).count("no map") == 2


def apart(models=MODELS):
    rows = [
        {"study": "t", "model": model, "source": source, "one_source": 6 + place + number / 9,
         "one_cluster": 5 + number, "cluster_pairs": 3, "source_pairs": 4}
        for place, model in enumerate(models) for number, source in enumerate(SOURCES)
    ]  # fmt: skip
    scores = [
        {"study": "t", "model": model, "metric": metric, "by": "cluster", "value": value,
         "low": value - 0.1, "high": value + 0.2, "chance": np.nan}
        for model in models
        for metric, value in (("distance_one_source", 7.0), ("distance_one_cluster", 5.6),
                              ("distance_ratio", 1.25), ("davies_bouldin", 3.0))
    ]  # fmt: skip
    table = cast_table(pd.DataFrame(rows), "latent_distances")
    return table, cast_table(pd.DataFrame(scores), "latent_scores")


@pytest.mark.parametrize("count", [1, 4])
def test_distances_are_drawn_as_dots_of_xenografts_and_ratios(count, monkeypatch):
    table = distances.table(*apart(MODELS[:count]), samples(3))
    figure = drawn(distances.draw(coded(table), **ABOUT), monkeypatch)
    assert len(figure.axes) == count + 1
    own = table[(table["model"] == "armed_no_adversary") & (table["pdx"] != "all")]
    shown = figure.axes[count - 1].collections[0]  # the last model in the order of all figures
    assert shown.get_offsets().tolist() == own[["one_cluster", "one_source"]].values.tolist()
    ratios = figure.axes[-1]
    assert [line.get_xdata()[0] for line in ratios.lines if line.get_marker() == "o"] == [
        1.25
    ] * count
    ends = ratios.collections[0].get_segments()[0][:, 0]
    assert ends.tolist() == pytest.approx([1.15, 1.45])


def test_distances_of_a_xenograft_that_lacks_one_are_told_and_not_drawn():
    points, scores = apart()
    points.loc[points["source"] == "P3", "one_source"] = np.nan
    table = distances.table(points, scores, samples(3))
    assert len(table) == 4 * len(MODELS)
    figure = distances.draw(table, **ABOUT)
    assert [len(axis.collections[0].get_offsets()) for axis in figure.axes[:-1]] == [2] * len(
        MODELS
    )
    alone = distances.table(points.assign(one_cluster=np.nan), scores, samples(3))
    assert "No xenograft" in texts(distances.draw(alone, **ABOUT))
    nothing = distances.table(
        empty_table("latent_distances"), empty_table("latent_scores"), samples(3)
    )
    assert "No xenograft" in texts(distances.draw(nothing, **ABOUT))


def seen(dates=9):
    known, generator = samples(dates), np.random.default_rng(1)
    date = known["cluster"].astype(str).str[2:4].astype(int).to_numpy()
    parts = []
    for model in ("conventional", "armed", "armed_no_adversary"):
        for effect, step in (("original", 0.02), ("mixed", 0.02), ("fixed", 0.002)):
            if (model, effect) == ("conventional", "mixed"):
                continue
            values = {
                metric: scale * (1 + step * date + generator.normal(0, 0.01, len(known)))
                for metric, scale in zip(METRICS, (0.4, 0.1, 0.01, 25), strict=True)
            }
            about = {"study": "t", "model": model, "fold": 0, "seed": 0, "partition": "test",
                     "assignment": "known", "effect": effect, "sample": known["sample"]}  # fmt: skip
            parts.append(pd.DataFrame({**about, **values}))
    return cast_table(pd.concat(parts), "looks"), known


@pytest.mark.parametrize("dates", [2, 14])
def test_looks_are_drawn_by_date_and_their_shares_beside_them(dates, monkeypatch):
    table = compare_looks(*seen(dates))
    figure = drawn(appearance.draw(table, **ABOUT), monkeypatch)
    assert len(figure.axes) == 4 * len(METRICS)
    first, second, _, last = figure.axes[:4]
    assert [len(axis.lines) for axis in (first, second)] == [2, 3]  # frames, mixed, fixed
    rows = table[(table["metric"] == "brightness") & (table["quantity"] == "mean")]
    fixed = rows[(rows["model"] == "armed") & (rows["effect"] == "fixed")]["value"]
    assert second.lines[2].get_ydata().tolist() == pytest.approx(fixed.tolist())
    assert second.lines[2].get_markerfacecolor() == "white"
    shares = table[(table["metric"] == "brightness") & (table["quantity"] != "mean")]
    assert [line.get_xdata()[0] for line in last.lines] == pytest.approx(
        (100 * shares["value"]).tolist()
    )


def test_looks_are_told_with_intervals():
    readable = appearance.readable(compare_looks(*seen()))
    assert len(readable) == 3 * len(METRICS)
    armed = readable[readable["model"] == "armed"].iloc[0]
    assert armed["share between dates, original"].startswith("0.9")
    assert readable.loc[readable["model"] == "conventional"].iloc[0].isna().sum() == 1
    assert (armed["cells"], armed["dates"]) == (81, 9)
    page = to_html(readable, title="t")
    assert "ARMED, no adversary" in page
    assert "Signal to noise" in page


def test_figures_of_nothing_say_so():
    known = samples(3)
    empty = latent_maps.table(empty_table("latent_maps"), known)
    assert "No model" in texts(latent_maps.draw(empty, **ABOUT))
    nothing = compare_looks(empty_table("looks"), known)
    assert "No model" in texts(appearance.draw(nothing, **ABOUT))
    assert "<table" in to_html(appearance.readable(nothing), title="t")


@pytest.mark.parametrize("module", [latent_maps, distances, appearance])
def test_figures_refuse_tables_that_are_not_theirs(module):
    with pytest.raises(DataError, match="figure"):
        module.draw(pd.DataFrame({"a": [1]}), **ABOUT)
