"""Which pictures are shown of frames and reconstructions, and what readers are told of them."""

import numpy as np
import pandas as pd
import pytest

import study_tables
from armed_study.interpretation.counterfactuals.index import read_arrays, read_indexed
from armed_study.interpretation.counterfactuals.pictures import (
    changes,
    list_dates,
    list_reconstructions,
)
from armed_study.interpretation.counterfactuals.scoring import (
    readable,
    score_counterfactuals,
    summarise,
)
from armed_study.io.image_arrays import open_images, save_images
from armed_study.io.tables import empty_table, write_table
from armed_study.report.tables import to_html
from armed_study.vocabulary.terms import EVERY
from study_tables import CELLS, DATES, IMAGINING, true_grey


@pytest.fixture(scope="module")
def scene():
    return study_tables.frames()


def test_dates_hold_a_picture_each_with_its_error_against_the_truth(scene):
    table = list_dates(scene.tables, scene.chosen, scene.samples, scene.arrays)
    assert set(table["sample"]) == {"H/1"}
    mixed = table[table["effect"] == "mixed"]
    assert mixed.groupby("line")["cluster"].agg(list).map(list(DATES).__eq__).all()
    for one in mixed.itertuples():
        off = IMAGINING[one.model]
        assert one.error == pytest.approx(off**2, abs=1e-6)
        assert one.brightness == pytest.approx(true_grey(one.cluster) + off, abs=1e-6)
    true = table[table["array"] == "rendered"]
    assert (true["error"] == 0).all()
    assert true["brightness"].tolist() == pytest.approx([true_grey(date) for date in DATES])
    frame = table[table["array"] == "frames"].iloc[0]
    assert (frame["row"], frame["brightness"]) == (0, pytest.approx(0.4))
    own = {"counterfactuals": scene.tables["counterfactuals"]}
    unknown = list_dates(own, scene.chosen, scene.samples, scene.arrays)
    assert unknown["error"].isna().all()


def test_reconstructions_hold_the_mixed_one_of_the_own_date_and_its_change(scene):
    given = (scene.tables["counterfactuals"], scene.chosen, scene.samples, scene.arrays)
    table = list_reconstructions(*given)
    assert len(table) == len(CELLS) * len(IMAGINING)
    made = changes(table, scene.arrays)
    for one in table.itertuples():
        grey = true_grey(one.cluster) if one.partition == "test" else 0.7
        mixed = grey + IMAGINING[one.model]
        assert one.mixed_error == pytest.approx((mixed - 0.4) ** 2, abs=1e-6)
        assert one.fixed_error == pytest.approx(0.01, abs=1e-6)
        assert one.change == pytest.approx(abs(mixed - 0.5), abs=1e-6)
        assert made[one.change_row] == pytest.approx(mixed - 0.5, abs=1e-6)
        assert one.assignment == (EVERY if one.partition == "test" else "membership")


def test_studies_that_have_no_counterfactuals_have_no_rows(scene, tmp_path):
    nothing = empty_table("counterfactuals")
    given = (scene.chosen, scene.samples, scene.arrays)
    none = list_reconstructions(nothing, *given)
    assert none.empty
    save_images(tmp_path / "changes.npy", changes(none, scene.arrays))
    assert len(open_images(tmp_path / "changes.npy")) == 0
    alone = list_dates({"counterfactuals": nothing}, *given)
    images = scene.arrays["rendered"], scene.samples, scene.arrays["frames"]
    none = read_indexed([], [], "counterfactuals")
    summary = summarise(score_counterfactuals(none, (alone, images[0]), *images[1:]), seed=1)
    assert summary.empty
    assert "<table" in to_html(readable(summary), title="t")


def test_counterfactuals_are_told_with_intervals():
    page = readable(summarise(study_tables.counterfactual_scores(), seed=1))
    assert len(page) == 4
    first = page.iloc[0]
    assert first["fixed less mixed (x 1000)"].startswith("32.5 (")
    assert first["less by, %"].startswith("61.9 (")
    assert "ARMED, no adversary" in to_html(page, title="t")


def test_arrays_are_read_by_their_names_and_none_is_left_out_unsaid(tmp_path):
    save_images(tmp_path / "frames.npy", np.zeros((1, 1, 4, 4), np.float32))
    save_images(tmp_path / "made.npy", np.ones((1, 1, 4, 4), np.float32))
    row = {"sample": ["a"], "cluster": ["d1"], "row": [0]}
    write_table(pd.DataFrame(row), tmp_path / "made.parquet", "rendered")
    files = {"frames": tmp_path / "frames.npy", "rendered": [tmp_path / "made.npy"],
             "rendered_tables": [tmp_path / "made.parquet"]}  # fmt: skip
    nothing = {"counterfactuals": [], "counterfactuals_tables": []}
    arrays, made = read_arrays(files | nothing)
    assert set(arrays) == {"frames", "rendered"}
    assert made["counterfactuals"].empty
    assert len(made["rendered"]) == 1
    with pytest.raises(KeyError, match="counterfactuals_tables"):
        read_arrays(files)
