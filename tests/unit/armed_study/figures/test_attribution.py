"""The figures of attribution: tables hold what they say, drawings show it, with and without truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from armed.errors import DataError
from armed_study.figures import style
from armed_study.figures.attribution import attribution, gradcam, gradcam_sites, overlays
from armed_study.interpretation.attribution.maps import KEYS, to_table
from armed_study.io.image_arrays import save_images
from armed_study.io.tables import cast_table
from armed_study.report.tables import to_html
from armed_study.statistics.intervals import t_interval

ABOUT = {"title": "AD or CN from MRI", "origin": "generated, no one real", "generated": True}
MODELS = {"conventional": False, "armed": True, "lmmnn": True}
SITES, SIZE, FOLDS = ("S1", "S2", "S10"), 24, 3
THRESHOLD = 0.5


@pytest.fixture(scope="module")
def samples():
    rows = [
        (f"s{n:02d}", SITES[n % 3] if n < 12 else "S99", float(n // 2 % 2), n >= 12)
        for n in range(24)
    ]
    return pd.DataFrame(rows, columns=["sample", "cluster", "outcome", "held_out"])


@pytest.fixture(scope="module")
def homes(samples):
    parts = [
        samples.assign(fold=fold, partition=np.where(samples["held_out"], "unseen", "test"))
        for fold in range(FOLDS)
    ]
    table = pd.concat(parts, ignore_index=True)
    place = table.groupby(["fold", "partition", "outcome"]).cumcount()
    return table.assign(shown=(place < 2) & (table["fold"] == 0))


@pytest.fixture(scope="module")
def attributed(homes):
    return cast_table(homes[["fold", "partition", "sample", "shown"]], "attributed")


@pytest.fixture(scope="module")
def maps(homes):
    """Maps of all samples; under site k's effects the mixed map of ARMED is that of fixed plus k."""
    rows, values = [], []
    for model, mixed in MODELS.items():
        for seed in (0, 1):
            for one in homes.itertuples():
                own = {"known": ["fixed", "mixed"][: 1 + mixed]}
                every = {site: ["mixed"] for site in SITES if one.shown and mixed}
                every = every if one.partition == "test" else {}
                for cluster, effects in {**own, **every}.items():
                    for effect in effects:
                        key = dict.fromkeys(KEYS, "a") | {"model": model, "fold": one.fold}
                        site = "" if cluster == "known" else cluster
                        key |= {"seed": seed, "partition": one.partition, "effect": effect}
                        key |= {"cluster": site, "sample": one.sample}
                        rows.append(key | {"assignment": "every" if site else "known"})
                        shift = SITES.index(site) if site and model == "armed" else 0
                        values.append(np.arange(9).reshape(3, 3) + int(one.sample[1:]) + shift)
    table = to_table(pd.DataFrame(rows), np.array(values, dtype=np.float32))
    return cast_table(table, "attribution")


@pytest.fixture(scope="module")
def pictures(samples):
    grey = np.linspace(0, 1, SIZE)[:, None] * np.ones(SIZE)
    return dict.fromkeys(samples["sample"], grey)


@pytest.fixture(scope="module")
def truths(samples):
    known = np.zeros((SIZE, SIZE))
    known[4:9, 5:12] = 0.9
    return dict.fromkeys(samples["sample"], known)


@pytest.fixture(scope="module")
def scores(homes):
    rng = np.random.default_rng(3)
    rows = []
    for model, mixed in MODELS.items():
        for one in homes.itertuples():
            for seed in (0, 1):
                for effect in ("fixed", "mixed")[: 1 + mixed]:
                    key = dict.fromkeys(KEYS, "a") | {"model": model, "fold": one.fold}
                    key |= {"seed": seed, "partition": one.partition, "effect": effect}
                    key |= {"sample": one.sample, "outcome": one.outcome, "uniform": 0.06}
                    key |= {"inside": rng.uniform(0, 0.3), "auroc": rng.uniform(0.3, 0.9)}
                    rows.append(key | {"empty": one.sample == "s00"})
    return cast_table(pd.DataFrame(rows), "attribution_scores")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


# --- tables ----------------------------------------------------------------------------------


def test_gradcam_table_holds_a_subject_of_each_outcome_and_side(maps, attributed, samples):
    table = gradcam.table(maps, attributed, samples)
    assert tuple(table) == gradcam.COLUMNS
    subjects = table.drop_duplicates("sample")
    sides = subjects[["partition", "outcome"]].itertuples(index=False, name=None)
    assert list(sides) == [("test", 1), ("test", 0), ("unseen", 1), ("unseen", 0)]
    assert len(table) == 4 * 9 * 5  # subjects, places, outputs of three models
    first = table[table["sample"] == "s02"]
    wanted = first["row"] * 3 + first["column"] + 2
    assert (first["value"] == wanted).all()


def test_sites_table_holds_mixed_less_fixed_of_every_site(maps, samples):
    table = gradcam_sites.table(maps, samples)
    assert tuple(table) == gradcam_sites.COLUMNS
    assert set(table["model"]) == {"armed", "lmmnn"}
    armed = table[table["model"] == "armed"]
    assert (armed["difference"] == armed["cluster"].map(SITES.index)).all()
    assert (table.loc[table["model"] == "lmmnn", "difference"] == 0).all()
    assert len(armed) == 4 * len(SITES) * 9
    assert armed["cluster"].drop_duplicates().tolist() == ["S1", "S2", "S10"]
    own = samples.set_index("sample")["cluster"]
    assert (armed["own_cluster"] == armed["sample"].map(own)).all()


def test_attribution_table_averages_samples_seeds_and_folds(scores):
    table = attribution.table(scores)
    assert tuple(table) == attribution.COLUMNS
    for row in table[table["kind"] == "summary"].itertuples():
        part = scores[
            (scores["model"] == row.model) & (scores["effect"] == row.effect)
            & (scores["partition"] == row.partition)
        ]  # fmt: skip
        folds = part.groupby("fold")[row.metric].mean()
        assert row.value == pytest.approx(folds.mean())
        assert (row.folds, row.maps) == (FOLDS, len(part))
        if row.metric == "auroc":
            assert (row.low, row.high) == pytest.approx(t_interval(folds.to_numpy()))
            assert row.chance == 0.5
        if row.metric == "inside":
            assert row.chance == pytest.approx(0.06)
    empty = table[(table["metric"] == "empty") & (table["kind"] == "summary")]
    shares = empty.set_index(["model", "effect", "partition"])["value"]
    assert shares["armed", "mixed", "test"] == pytest.approx(1 / 12)
    assert np.isnan(empty["low"]).all()  # the same in all folds
    assert len(table[table["kind"] == "fold"]) == FOLDS * (table["kind"] == "summary").sum()


def test_scores_that_are_not_defined_are_left_out_of_the_means(scores):
    undefined = scores.assign(auroc=scores["auroc"].where(scores["sample"] != "s01"))
    table = attribution.table(undefined)
    assert table.loc[(table["kind"] == "summary"), "value"].notna().all()


def test_page_of_the_report_has_a_row_for_each_model_side_and_output(scores):
    page = attribution.readable(attribution.table(scores))
    assert len(page) == 2 * 5
    assert page["AUROC (interval)"].str.fullmatch(r"0\.\d+ \(0\.\d+ to [01]\.\d+\)").all()
    assert "ARMED" in to_html(page, title="t")


# --- drawings --------------------------------------------------------------------------------


def draw_gradcam(maps, attributed, samples, pictures, truth):
    table = gradcam.table(maps, attributed, samples)
    return gradcam.draw(table, images=pictures, truth=truth, threshold=THRESHOLD, **ABOUT)


def draw_sites(maps, samples, pictures, truth):
    table = gradcam_sites.table(maps, samples)
    return gradcam_sites.draw(table, images=pictures, truth=truth, threshold=THRESHOLD, **ABOUT)


def outlines(figure):
    return sum(len(axis.collections) for axis in figure.axes if axis.images)


def test_gradcam_shows_every_output_and_the_truth(maps, attributed, samples, pictures, truths):
    figure = draw_gradcam(maps, attributed, samples, pictures, truths)
    overlaid = [axis for axis in figure.axes if len(axis.images) == 2]
    assert len(overlaid) == 4 * (5 + 1)  # subjects, outputs and the true map
    assert outlines(figure) == len(overlaid)
    said = texts(figure)
    assert {"Conventional", "ARMED", "LMMNN"} <= set(said)
    assert said.count("true map") == 4
    assert any("AD, unseen site S99" in text for text in said)


def test_gradcam_of_real_scans_has_no_truth_and_says_nothing_of_it(
    maps, attributed, samples, pictures
):
    figure = draw_gradcam(maps, attributed, samples, pictures, {})
    assert len([axis for axis in figure.axes if len(axis.images) == 2]) == 4 * 5
    assert outlines(figure) == 0
    assert not any("true map" in text for text in texts(figure))


def test_empty_map_is_said_to_be_none(maps, attributed, samples, pictures, truths):
    nothing = maps.assign(value=maps["value"] * (maps["model"] != "armed"))
    figure = draw_gradcam(nothing, attributed, samples, pictures, truths)
    assert texts(figure).count("none") == 4 * 2


def test_sites_figure_marks_each_subjects_own_site(maps, samples, pictures, truths):
    figure = draw_sites(maps, samples, pictures, truths)
    framed = [axis for axis in figure.axes if axis.images and axis.axison]
    assert len(framed) == 4
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["fixed", "S1", "S2", "S10"]
    assert any("ARMED" in text for text in texts(figure))


def test_many_sites_take_several_lines(maps, samples, pictures):
    table = gradcam_sites.table(maps, samples)
    parts = [table.assign(cluster=table["cluster"] + str(n)) for n in range(6)]
    figure = gradcam_sites.draw(
        pd.concat(parts, ignore_index=True), images=pictures, truth={}, threshold=0.5, **ABOUT
    )
    shown = [axis for axis in figure.axes if axis.images]
    assert len(shown) == 4 * (1 + 18)
    assert figure.get_figwidth() <= style.WIDTH + 0.1


def test_attribution_figure_has_a_panel_for_each_score_and_side(scores):
    figure = attribution.draw(attribution.table(scores), **ABOUT)
    assert len(figure.axes) == 6
    labels = [axis.get_xlabel() for axis in figure.axes]
    assert labels[::2] == list(attribution.METRICS.values())


def test_nothing_attributed_is_said(maps, attributed, samples, pictures):
    none = maps[:0]
    for figure in (
        draw_gradcam(none, attributed, samples, pictures, {}),
        draw_sites(none, samples, pictures, {}),
    ):
        assert any("No network" in text for text in texts(figure))


def test_figures_are_the_same_bytes_each_time_and_say_that_data_are_generated(
    maps, attributed, samples, pictures, truths, scores, tmp_path
):
    for name, make in (
        ("gradcam", lambda: draw_gradcam(maps, attributed, samples, pictures, truths)),
        ("sites", lambda: draw_sites(maps, samples, pictures, truths)),
        ("scores", lambda: attribution.draw(attribution.table(scores), **ABOUT)),
    ):
        said = " ".join(texts(make()))
        assert "generated data" in said
        assert "no one real" in said
        paths = [tmp_path / f"{name}{n}" for n in (0, 1)]
        for path in paths:
            style.save(make(), path.with_suffix(".svg"), path.with_suffix(".png"))
        for suffix in (".svg", ".png"):
            first, second = (path.with_suffix(suffix).read_bytes() for path in paths)
            assert first == second
            assert len(first) > 1000


def test_pictures_are_found_by_name_and_absent_files_give_none(samples, tmp_path):
    path: Path = tmp_path / "images.npy"
    save_images(path, np.arange(24, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 4, 4)))
    found = overlays.read_pictures(path, samples, ["s05", "s02", "s05"])
    assert {name: image[0, 0] for name, image in found.items()} == {"s02": 2, "s05": 5}
    assert overlays.read_pictures([], samples, ["s05"]) == {}
    with pytest.raises(DataError, match=r"none\.npy: found no whole array of images"):
        overlays.read_pictures(tmp_path / "none.npy", samples, ["s05"])


@pytest.mark.parametrize("module", [gradcam, gradcam_sites])
def test_table_of_another_figure_is_refused(module):
    with pytest.raises(DataError, match="draw it from the result of its table"):
        module.draw(pd.DataFrame({"x": []}), images={}, truth={}, threshold=0.5, title="t")
