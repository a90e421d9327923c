"""The share of appearance that is the dates' is what invented appearance were made with."""

import numpy as np
import pandas as pd
import pytest

import study_tables
from armed_study.interpretation.reconstruction.appearance_by_date import (
    compare_appearance,
    readable,
)
from armed_study.io.tables import cast_table, empty_table
from armed_study.report.tables import to_html
from armed_study.vocabulary.measures import FRAME_MEASURES as METRICS

DATES, CELLS, FRAMES = 4, 5, 3


def invented():
    """Looks whose mean steps by date in frames and mixed reconstructions, and not in fixed ones."""
    date, cell, _ = (each.ravel() for each in np.indices((DATES, CELLS, FRAMES)))
    names = [f"s{n:02d}" for n in range(len(date))]
    groups = [f"c{d}{k}" for d, k in zip(date, cell, strict=True)]
    known = {"sample": names, "cluster": [f"d{k}" for k in date], "group": groups}
    samples = pd.DataFrame(known).assign(held_out=False, outcome=0.0)
    about = {"study": "t", "fold": 0, "seed": 0, "partition": "test", "assignment": "known"}
    parts = []
    for model, effects in (("armed", ("original", "mixed", "fixed")),
                           ("conventional", ("original", "fixed"))):  # fmt: skip
        for effect in effects:
            values = dict.fromkeys(METRICS, 10 + (effect != "fixed") * date + 0.1 * cell)
            rows = {**about, "model": model, "effect": effect, "sample": names, **values}
            parts.append(pd.DataFrame(rows))
    return cast_table(pd.concat(parts), "appearance"), cast_table(samples, "samples")


def test_share_between_dates_falls_where_a_reconstruction_knows_no_date():
    table = compare_appearance(*invented())
    own = table[(table["quantity"] == "share between dates") & (table["metric"] == "contrast")]
    found = own.set_index(["model", "effect"])["value"]
    assert found["", "original"] > 0.95
    assert found["armed", "mixed"] > 0.95
    assert found["armed", "fixed"] == 0
    assert set(found.index) == {
        ("", "original"), ("armed", "mixed"), ("armed", "fixed"), ("conventional", "fixed"),
    }  # fmt: skip


def test_mean_of_a_date_is_over_cells_whatever_their_number_of_frames():
    appearance, samples = invented()
    keep = ~appearance["sample"].isin(["s00", "s01"])  # two frames of the first cell
    table = compare_appearance(appearance[keep], samples)
    own = table[(table["cluster"] == "d0") & (table["effect"] == "original")]
    assert own["value"].to_numpy() == pytest.approx([10.2] * len(METRICS))
    assert (own["cells"] == CELLS).all()
    half = 2.776 * np.std(0.1 * np.arange(CELLS), ddof=1) / np.sqrt(CELLS)
    assert own["high"].to_numpy() == pytest.approx([10.2 + half] * len(METRICS), abs=1e-3)


def test_seeds_are_averaged_and_frames_of_unseen_dates_left_out():
    appearance, samples = invented()
    away = appearance.assign(partition="unseen", brightness=99.0)
    again = appearance.assign(seed=1, brightness=appearance["brightness"] + 2)
    table = compare_appearance(pd.concat([appearance, again, away], ignore_index=True), samples)
    own = table[(table["metric"] == "brightness") & (table["cluster"] == "d0")]
    assert own["value"].to_numpy() == pytest.approx([11.2] * len(own))


def test_frames_without_a_value_are_left_out_of_its_means():
    appearance, samples = invented()
    appearance["snr"] = appearance["snr"].where(~appearance["sample"].isin(["s00", "s01", "s02"]))
    table = compare_appearance(appearance, samples)
    own = table[(table["cluster"] == "d0") & (table["effect"] == "original")].set_index("metric")
    assert own["cells"].to_dict() == {**dict.fromkeys(METRICS, CELLS), "snr": CELLS - 1}
    none = compare_appearance(appearance.assign(snr=np.nan), samples)
    assert set(none["metric"]) == set(METRICS) - {"snr"}


def test_appearance_is_told_with_intervals():
    words = readable(compare_appearance(*study_tables.appearance()))
    assert len(words) == 3 * len(METRICS)
    armed = words[words["model"] == "armed"].iloc[0]
    assert armed["share between dates, original"].startswith("0.9")
    assert words.loc[words["model"] == "conventional"].iloc[0].isna().sum() == 1
    assert (armed["cells"], armed["dates"]) == (81, 9)
    page = to_html(words, title="t")
    assert "ARMED, no adversary" in page
    assert "Signal to noise" in page


def test_nothing_reconstructed_gives_an_empty_page():
    nothing = compare_appearance(empty_table("appearance"), study_tables.cells(3))
    assert "<table" in to_html(readable(nothing), title="t")
