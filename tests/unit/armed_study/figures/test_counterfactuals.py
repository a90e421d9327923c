"""Figures of reconstructions and imagined frames: tables hold what they say, drawings show it."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from armed.errors import DataError
from armed_study.figures.reconstruction import counterfactuals, dates, reconstructions
from armed_study.interpretation.counterfactuals.index import read_indexed
from armed_study.interpretation.counterfactuals.scoring import score_counterfactuals
from armed_study.interpretation.counterfactuals.summary import summarise
from armed_study.io.tables import cast_table, empty_table
from armed_study.report.tables import to_html
from armed_study.vocabulary.terms import EVERY
from figure_text import painted, refuse_collisions, texts

ABOUT = {"title": "Metastatic efficiency", "origin": "generated, no one real", "generated": True}
MODELS = {"armed": 0.0, "armed_no_adversary": 0.1}
DATES = ("150317", "150408", "150422")
CELLS = {
    "H/1": (DATES[1], 1.0, "test"), "L/1": (DATES[0], 0.0, "test"),
    "H/2": ("150513", 1.0, "unseen"), "L/2": ("151021", 0.0, "unseen"),
}  # fmt: skip


def flat(greys):
    return np.array(greys, np.float32)[:, None, None, None] * np.ones((1, 32, 32), np.float32)


def true_grey(date):
    return 0.2 + 0.1 * DATES.index(date)


@pytest.fixture(scope="module")
def scene():
    """Flat frames of 0.4; fixed 0.5; mixed: the true grey of the date and what a model is off by."""
    samples = pd.DataFrame(
        [(name, date, name, y, date not in DATES, f"PDX P{name[0]}")
         for name, (date, y, _) in CELLS.items()],
        columns=["sample", "cluster", "group", "outcome", "held_out", "stratum"],
    )  # fmt: skip
    chosen = pd.DataFrame({"fold": 0, "partition": [p for *_, p in CELLS.values()],
                           "sample": list(CELLS), "shown": True})  # fmt: skip
    rows, greys = [], []
    for model, off in MODELS.items():
        for name, (_, _, partition) in CELLS.items():
            about = {"study": "t", "model": model, "fold": 0, "seed": 0, "partition": partition,
                     "sample": name}  # fmt: skip
            rows.append({**about, "effect": "fixed", "assignment": "none", "cluster": ""})
            greys.append(0.5)
            if partition == "unseen":
                rows.append({**about, "effect": "mixed", "assignment": "membership", "cluster": ""})
                greys.append(0.7 + off)
                continue
            for date in DATES:
                rows.append({**about, "effect": "mixed", "assignment": EVERY, "cluster": date})
                greys.append(true_grey(date) + off)
    imagined = pd.DataFrame(rows).assign(row=range(len(rows)))
    truth = pd.DataFrame([(name, date) for name in list(CELLS)[:2] for date in DATES],
                         columns=["sample", "cluster"])  # fmt: skip
    arrays = {
        "frames": np.full((4, 1, 32, 32), 102, np.uint8),
        "imagined": flat(greys),
        "rendered": flat([true_grey(date) for date in truth["cluster"]]),
    }
    text = {"partition": str, "sample": str}
    tables = {"imagined": imagined, "rendered": truth.assign(row=range(len(truth)))}
    return tables, cast_table(chosen, "chosen_frames").astype(text), samples, arrays


def nothing_imagined(scene):
    return {"imagined": empty_table("imagined")}, *scene[1:]


def test_dates_hold_a_picture_of_every_date_with_its_error_against_the_truth(scene):
    tables, chosen, samples, arrays = scene
    table = dates.table(tables, chosen, samples, arrays)
    assert set(table["sample"]) == {"H/1"}
    mixed = table[table["effect"] == "mixed"]
    assert mixed.groupby("line")["cluster"].agg(list).map(list(DATES).__eq__).all()
    for one in mixed.itertuples():
        assert one.error == pytest.approx(MODELS[one.model] ** 2, abs=1e-6)
        assert one.brightness == pytest.approx(true_grey(one.cluster) + MODELS[one.model], abs=1e-6)
    true = table[table["array"] == "rendered"]
    assert (true["error"] == 0).all()
    assert true["brightness"].tolist() == pytest.approx([true_grey(date) for date in DATES])
    frame = table[table["array"] == "frames"].iloc[0]
    assert (frame["row"], frame["brightness"]) == (0, pytest.approx(0.4))


@pytest.mark.parametrize("known", [True, False])
def test_dates_are_drawn_with_and_without_the_truth(scene, known, monkeypatch):
    tables, chosen, samples, arrays = scene
    tables = tables if known else {"imagined": tables["imagined"]}
    table = dates.table(tables, chosen, samples, arrays)
    assert table["error"].notna().any() == known
    figure = dates.draw(table, arrays, **ABOUT)
    FigureCanvasAgg(figure).draw()
    refuse_collisions(figure, painted(figure, monkeypatch))
    assert ("true, no noise" in texts(figure)) == known
    pictures = [axis for axis in figure.axes if axis.images]
    assert len(pictures) == 1 + 2 * 4 + 3 * known
    framed = [axis for axis in pictures if axis.spines["left"].get_visible()]
    assert len(framed) == 2 + known
    named = [axis for axis in figure.axes if axis.get_title() in DATES]
    assert sorted(axis.get_title() for axis in named) == list(DATES)
    assert all(axis.images for axis in named)


def test_reconstructions_hold_the_mixed_one_of_the_own_date_and_its_change(scene):
    tables, chosen, samples, arrays = scene
    table = reconstructions.table(tables["imagined"], chosen, samples, arrays)
    assert len(table) == len(CELLS) * len(MODELS)
    for one in table.itertuples():
        grey = true_grey(one.cluster) if one.partition == "test" else 0.7
        mixed = grey + MODELS[one.model]
        assert one.mixed_error == pytest.approx((mixed - 0.4) ** 2, abs=1e-6)
        assert one.fixed_error == pytest.approx(0.01, abs=1e-6)
        assert one.change == pytest.approx(abs(mixed - 0.5), abs=1e-6)
        assert one.assignment == (EVERY if one.partition == "test" else "membership")


def test_reconstructions_are_drawn_for_seen_and_unseen_cells(scene, monkeypatch):
    tables, chosen, samples, arrays = scene
    table = reconstructions.table(tables["imagined"], chosen, samples, arrays)
    figure = reconstructions.draw(table, arrays, **ABOUT)
    FigureCanvasAgg(figure).draw()
    refuse_collisions(figure, painted(figure, monkeypatch))
    assert sum(bool(axis.images) for axis in figure.axes) == len(CELLS) * 7
    places = sorted({round(axis.get_position().x0, 4) for axis in figure.axes if axis.images})
    steps = np.diff(places)
    assert steps.max() < 1.05 * steps.min()  # no name widens a column
    assert "unseen 150513" in texts(figure)
    assert "generated" in texts(figure)


def scores():
    rows = [
        {"study": "t", "model": model, "fold": 0, "seed": 0, "sample": f"s{n}", "cell": f"c{n}",
         "own_cluster": DATES[0], "cluster": date, "fixed": 0.05 + 0.001 * n,
         "mixed": 0.02 + 0.2 * off, "unchanged": 0.03}
        for model, off in MODELS.items() for n in range(6) for date in DATES
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows), "counterfactual_scores")


def test_counterfactuals_are_drawn_and_told_with_intervals(monkeypatch):
    table = summarise(scores(), seed=1)
    figure = counterfactuals.draw(table, **ABOUT)
    FigureCanvasAgg(figure).draw()
    refuse_collisions(figure, painted(figure, monkeypatch))
    assert "62 % of fixed" in texts(figure)  # of 0.0525, 0.0325
    readable = counterfactuals.readable(table)
    assert len(readable) == 4
    first = readable.iloc[0]
    assert first["fixed less mixed (x 1000)"].startswith("32.5 (")
    assert first["less by, %"].startswith("61.9 (")
    assert "ARMED, no adversary" in to_html(readable, title="t")


def test_figures_without_models_say_so(scene):
    tables, chosen, samples, arrays = nothing_imagined(scene)
    empty = reconstructions.table(tables["imagined"], chosen, samples, arrays)
    assert "No model" in texts(reconstructions.draw(empty, arrays, **ABOUT))
    alone = dates.table(tables, chosen, samples, arrays)
    assert "No model" in texts(dates.draw(alone, arrays, **ABOUT))
    nothing = score_counterfactuals(
        read_indexed([], [], "imagined"), (alone, arrays["rendered"]), samples, arrays["frames"]
    )
    summary = summarise(nothing, seed=1)
    assert "No model" in texts(counterfactuals.draw(summary, **ABOUT))
    assert "<table" in to_html(counterfactuals.readable(summary), title="t")


@pytest.mark.parametrize("module", [dates, reconstructions])
def test_figures_refuse_tables_that_are_not_theirs(module):
    with pytest.raises(DataError, match="figure"):
        module.draw(pd.DataFrame({"a": [1]}), {}, **ABOUT)
