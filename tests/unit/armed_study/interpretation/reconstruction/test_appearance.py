"""Looks of invented images are what they were made with, and so is the dates' share of them."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import ndimage

from armed_study.interpretation.reconstruction.appearance import measure_looks
from armed_study.interpretation.reconstruction.appearance_by_date import compare_looks
from armed_study.io.tables import cast_table
from armed_study.vocabulary.measures import FRAME_MEASURES as METRICS

DATES, CELLS, FRAMES = 4, 5, 3


def measured(images):
    found = measure_looks(torch.from_numpy(np.asarray(images, dtype=np.float32)))
    return {name: values.numpy() for name, values in found.items()}


def test_light_and_contrast_of_images_are_measured_one_by_one():
    pattern = np.tile([[0.0, 1.0], [1.0, 0.0]], (8, 8))
    found = measured([[0.5 + 0.1 * (pattern - 0.5)], [0.2 + 0.4 * (pattern - 0.5)]])
    assert found["brightness"] == pytest.approx([0.5, 0.2], abs=1e-6)
    assert found["contrast"] == pytest.approx([0.05, 0.2], abs=1e-6)
    # of a chessboard the Laplacian is eight times the deviation, of alternating sign
    assert found["sharpness"] == pytest.approx([0.4**2, 1.6**2], rel=1e-5)


def test_sharpness_falls_as_an_image_is_blurred_whatever_its_brightness():
    sharp = np.random.default_rng(0).random((32, 32))
    blurred = [ndimage.gaussian_filter(sharp, sd) for sd in (0.5, 1, 2)]
    found = measured([[image] for image in (sharp, *blurred)])["sharpness"]
    assert (np.diff(found) < 0).all()
    assert measured([[sharp + 3]])["sharpness"] == pytest.approx(found[:1], rel=1e-4)


@pytest.mark.parametrize("sd", [0.01, 0.05])
def test_signal_to_noise_is_that_of_the_noise_added_to_a_smooth_image(sd):
    row, column = np.indices((64, 64)) / 63
    smooth = 0.3 + 0.4 * row + 0.2 * column**2
    noisy = smooth + np.random.default_rng(1).normal(0, sd, (20, 1, 64, 64))
    wanted = 20 * np.log10(smooth.mean() / sd)
    assert measured(noisy)["snr"].mean() == pytest.approx(wanted, abs=0.2)


def test_an_image_without_noise_or_light_has_no_signal_to_noise():
    dark = np.random.default_rng(2).normal(-0.5, 0.1, (16, 16))
    black = np.tile([[-0.5, 0.5], [0.5, -0.5]], (8, 8))
    found = measured([[np.full((16, 16), 0.5)], [dark], [black]])
    assert np.isnan(found["snr"]).all()
    assert np.isfinite(found["sharpness"]).all()


def invented(fixed=0.0, seed=0):
    """Looks whose mean steps by date in frames, and by ``fixed`` of that in fixed reconstructions."""
    date, cell, _ = (each.ravel() for each in np.indices((DATES, CELLS, FRAMES)))
    names = [f"s{n:02d}" for n in range(len(date))]
    samples = pd.DataFrame(
        {"sample": names, "cluster": [f"d{k}" for k in date], "held_out": False,
         "group": [f"c{d}{k}" for d, k in zip(date, cell, strict=True)], "outcome": 0.0}
    )  # fmt: skip
    about = {"study": "t", "fold": 0, "seed": seed, "partition": "test", "assignment": "known"}
    parts = []
    for model in ("armed", "conventional"):
        for effect, step in (("original", 1.0), ("mixed", 1.0), ("fixed", fixed)):
            if (model, effect) != ("conventional", "mixed"):
                values = dict.fromkeys(METRICS, 10 + step * date + 0.1 * cell)
                rows = {**about, "model": model, "effect": effect, "sample": names, **values}
                parts.append(pd.DataFrame(rows))
    return cast_table(pd.concat(parts), "looks"), cast_table(samples, "samples")


def shares(table, metric="contrast"):
    own = table[(table["quantity"] == "share between dates") & (table["metric"] == metric)]
    return own.set_index(["model", "effect"])["value"]


def test_share_between_dates_falls_where_a_reconstruction_knows_no_date():
    found = shares(compare_looks(*invented()))
    assert found["", "original"] > 0.95
    assert found["armed", "mixed"] > 0.95
    assert found["armed", "fixed"] == 0
    assert set(found.index) == {
        ("", "original"), ("armed", "mixed"), ("armed", "fixed"), ("conventional", "fixed"),
    }  # fmt: skip


def test_mean_of_a_date_is_over_cells_whatever_their_number_of_frames():
    looks, samples = invented()
    keep = ~looks["sample"].isin(["s00", "s01"])  # two frames of the first cell
    table = compare_looks(looks[keep], samples)
    own = table[(table["cluster"] == "d0") & (table["effect"] == "original")]
    assert own["value"].to_numpy() == pytest.approx([10.2] * len(METRICS))
    assert (own["cells"] == CELLS).all()
    half = 2.776 * np.std(0.1 * np.arange(CELLS), ddof=1) / np.sqrt(CELLS)
    assert own["high"].to_numpy() == pytest.approx([10.2 + half] * len(METRICS), abs=1e-3)


def test_seeds_are_averaged_and_frames_of_unseen_dates_left_out():
    looks, samples = invented()
    away = looks.assign(partition="unseen", brightness=99.0)
    again = looks.assign(seed=1, brightness=looks["brightness"] + 2)
    table = compare_looks(pd.concat([looks, again, away], ignore_index=True), samples)
    own = table[(table["metric"] == "brightness") & (table["cluster"] == "d0")]
    assert own["value"].to_numpy() == pytest.approx([11.2] * len(own))


def test_frames_without_a_value_are_left_out_of_its_means():
    looks, samples = invented()
    looks["snr"] = looks["snr"].where(~looks["sample"].isin(["s00", "s01", "s02"]))
    table = compare_looks(looks, samples)
    own = table[(table["cluster"] == "d0") & (table["effect"] == "original")].set_index("metric")
    assert own["cells"].to_dict() == {**dict.fromkeys(METRICS, CELLS), "snr": CELLS - 1}
    none = compare_looks(looks.assign(snr=np.nan), samples)
    assert set(none["metric"]) == set(METRICS) - {"snr"}
